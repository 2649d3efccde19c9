/* Errors as values: rows of errors.def and the rendering of their texts. */
#include "common/error.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "proto/types.h"

struct error_row {
    const char *wire;
    int http;
    const char *texts[2];
};

static const struct error_row rows[ERR_COUNT] = {
    [ERR_OK] = {"ok", 200, {"", ""}},
#define ERROR(name, wire, http, english, chinese) [ERR_##name] = {wire, http, {english, chinese}},
#include "proto/tables/errors.def"
#undef ERROR
};

const char *error_wire(enum error_code code) {
    return rows[code < ERR_COUNT ? code : ERR_INTERNAL].wire;
}

int error_http(enum error_code code) {
    return rows[code < ERR_COUNT ? code : ERR_INTERNAL].http;
}

enum error_code error_from_wire(const char *wire, size_t length) {
    for (int code = 1; code < ERR_COUNT; code++) {
        if (strlen(rows[code].wire) == length && memcmp(rows[code].wire, wire, length) == 0) {
            return (enum error_code)code;
        }
    }
    return ERR_OK;
}

/* Copies as much of `text` as fits, never half of a UTF-8 character; returns the new length. */
static size_t append(char *out, size_t size, size_t used, const char *text, size_t length) {
    size_t room = size - 1 - used;
    if (length > room) {
        length = room;
        while (length > 0 && ((unsigned char)text[length] & 0xC0) == 0x80) {
            length--;
        }
    }
    memcpy(out + used, text, length);
    out[used + length] = '\0';
    return used + length;
}

static const char *word_for(const char *name, size_t length, struct error_words words) {
    const struct {
        const char *name;
        const char *word;
    } known[] = {{"field", words.field}, {"limit", words.limit}, {"value", words.value}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (strlen(known[i].name) == length && memcmp(known[i].name, name, length) == 0) {
            return known[i].word ? known[i].word : "";
        }
    }
    return "";
}

/* The words come from anywhere, and a precision or the end of the room may have cut a character: what is shown to
 * people and sent as JSON is one line of text. */
static size_t tidy(char *text, size_t length) {
    length = text_keep_line(text, length);
    text[length] = '\0';
    return length;
}

size_t error_fill(char *out, size_t size, const char *text, struct error_words words) {
    size_t used = 0;
    out[0] = '\0';
    while (*text != '\0') {
        const char *open = strchr(text, '{');
        const char *close = open ? strchr(open, '}') : NULL;
        if (!close) {
            return tidy(out, append(out, size, used, text, strlen(text)));
        }
        used = append(out, size, used, text, (size_t)(open - text));
        const char *word = word_for(open + 1, (size_t)(close - open - 1), words);
        used = append(out, size, used, word, strlen(word));
        text = close + 1;
    }
    return tidy(out, used);
}

size_t error_render(char *out, size_t size, enum error_code code, enum error_language language,
                    struct error_words words) {
    return error_fill(out, size, rows[code < ERR_COUNT ? code : ERR_INTERNAL].texts[language], words);
}

int error_set(struct error *error, enum error_code code, struct error_words words) {
    if (error) {
        error->code = code;
        error_render(error->text, sizeof error->text, code, LANGUAGE_EN, words);
        error_render(error->text_zh, sizeof error->text_zh, code, LANGUAGE_ZH, words);
    }
    return -(int)code;
}

int error_setf(struct error *error, enum error_code code, const char *format, ...) {
    char value[ERROR_TEXT_MAX];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(value, sizeof value, format, arguments);
    va_end(arguments);
    return error_set(error, code, (struct error_words){.value = value});
}

int error_system(struct error *error, const char *path) {
    int fault = errno;
    if (fault != ENOSPC && fault != EDQUOT) {
        return error_setf(error, ERR_IO, "%s: %s", path, strerror(fault));
    }
    int result = error_set(error, ERR_NO_SPACE, (struct error_words){0});
    return error ? error_wrap(error, "%s", path) : result;
}

static void put_in_front(char text[ERROR_TEXT_MAX], const char *context) {
    char whole[ERROR_TEXT_MAX];
    size_t used = append(whole, sizeof whole, 0, context, strlen(context));
    used = append(whole, sizeof whole, used, ": ", 2);
    tidy(whole, append(whole, sizeof whole, used, text, strlen(text)));
    memcpy(text, whole, sizeof whole);
}

int error_wrap(struct error *error, const char *format, ...) {
    if (!error) {
        return -(int)ERR_INTERNAL;
    }
    char context[ERROR_TEXT_MAX];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(context, sizeof context, format, arguments);
    va_end(arguments);
    put_in_front(error->text, context);
    put_in_front(error->text_zh, context);
    return -(int)error->code;
}
