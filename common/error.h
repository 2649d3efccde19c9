/* Errors as values: a code from proto/tables/errors.def and a bounded text.
 *
 * Functions that can fail return 0 or a negative `-(int)code` and fill `struct error` when the caller passed one.
 * Bad input never aborts a process; an assert means a bug. Nothing here allocates or blocks.
 */
#pragma once

#include <stdarg.h>
#include <stddef.h>

#define ERROR_TEXT_MAX 300

enum error_code {
    ERR_OK = 0,
#define ERROR(name, wire, http, english, chinese) ERR_##name,
#include "proto/tables/errors.def"
#undef ERROR
    ERR_COUNT
};

enum error_language { LANGUAGE_EN, LANGUAGE_ZH };

struct error {
    enum error_code code;
    char text[ERROR_TEXT_MAX]; /* English, for operators; one line of UTF-8 whatever the words held, terminated */
    char text_zh[ERROR_TEXT_MAX];
};

/* What fills {field}, {limit} and {value} of a row's texts; NULL counts as empty. */
struct error_words {
    const char *field;
    const char *limit;
    const char *value;
};

/* Fills `error` (may be NULL) from the row of `code`. Returns -(int)code, so that one can `return error_set(...)`. */
int error_set(struct error *error, enum error_code code, struct error_words words);

/* Shorthand for rows that only take {value}; `format` as printf. */
int error_setf(struct error *error, enum error_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* What the system said (errno) about a file: ERR_NO_SPACE or ERR_IO, with its path. */
int error_system(struct error *error, const char *path);

/* Puts "context: " in front of both texts. Returns -(int)error->code. */
int error_wrap(struct error *error, const char *format, ...) __attribute__((format(printf, 2, 3)));

const char *error_wire(enum error_code code);                     /* "too-long"; never NULL */
enum error_code error_from_wire(const char *wire, size_t length); /* ERR_OK when unknown */
int error_http(enum error_code code);                             /* 422; 200 for ERR_OK */

/* Writes a text of a table with the words filled in: as error_render. */
size_t error_fill(char *out, size_t size, const char *text, struct error_words words);

/* Writes a row's text with the words filled in; returns its length, always < size (size >= 1). Cuts at a whole
 * UTF-8 character. */
size_t error_render(char *out, size_t size, enum error_code code, enum error_language language,
                    struct error_words words);
