/* The plain types of the protocol: text, lists, ids, hashes, dates, quantities.
 *
 * `struct text` and `struct list` are views: they borrow from the frame or arena they were decoded from and die with
 * it. Times are milliseconds since 1970 UTC, days are days since 1970-01-01, months are months since 1970-01.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define HASH_BYTES 32
#define ID_BYTES 16
#define ID_TEXT_SIZE 37   /* 8-4-4-4-12 and the terminator */
#define DATE_TEXT_SIZE 11 /* YYYY-MM-DD and the terminator */
#define MONTH_TEXT_SIZE 8 /* YYYY-MM and the terminator */

struct text {
    const char *data; /* not terminated; NULL when absent */
    uint32_t length;  /* bytes */
};

struct list {
    void *items; /* of the kind's C type, or of the sub shape's struct */
    uint32_t count;
};

struct id {
    uint8_t bytes[ID_BYTES];
};

struct hash {
    uint8_t bytes[HASH_BYTES];
};

/* The closed vocabularies of words.def as enums: APPROX_EXACT, ROLE_SQUAD, BASIS_LISTED, GRADE_SIGNED, ... */
enum approx {
#define WORD(vocabulary, name, wire, chinese, prose) WORD_##vocabulary(name)
#define WORD_approx(name) APPROX_##name,
#define WORD_role(name)
#define WORD_basis(name)
#define WORD_grade(name)
#define WORD_status(name)
#define WORD_delivery(name)
#define WORD_channel(name)
#include "proto/tables/words.def"
#undef WORD_approx
    APPROX_COUNT
};
enum role {
#define WORD_approx(name)
#undef WORD_role
#define WORD_role(name) ROLE_##name,
#include "proto/tables/words.def"
#undef WORD_role
#define WORD_role(name)
    ROLE_COUNT
};
enum basis {
#undef WORD_basis
#define WORD_basis(name) BASIS_##name,
#include "proto/tables/words.def"
#undef WORD_basis
#define WORD_basis(name)
    BASIS_COUNT
};
enum grade {
#undef WORD_grade
#define WORD_grade(name) GRADE_##name,
#include "proto/tables/words.def"
#undef WORD_grade
#define WORD_grade(name)
    GRADE_COUNT
};
enum status {
#undef WORD_status
#define WORD_status(name) STATUS_##name,
#include "proto/tables/words.def"
#undef WORD_status
#define WORD_status(name)
    STATUS_COUNT
};
enum delivery {
#undef WORD_delivery
#define WORD_delivery(name) DELIVERY_##name,
#include "proto/tables/words.def"
#undef WORD_delivery
#define WORD_delivery(name)
    DELIVERY_COUNT
};
enum channel {
#undef WORD_channel
#define WORD_channel(name) CHANNEL_##name,
#include "proto/tables/words.def"
#undef WORD_channel
    CHANNEL_COUNT
};
#undef WORD
#undef WORD_approx
#undef WORD_role
#undef WORD_basis
#undef WORD_grade
#undef WORD_status
#undef WORD_delivery

static inline struct text text_of(const char *string) {
    return (struct text){string, string ? (uint32_t)strlen(string) : 0};
}

static inline bool text_equal(struct text a, struct text b) {
    return a.length == b.length && (a.length == 0 || memcmp(a.data, b.data, a.length) == 0);
}

static inline bool hash_is_zero(const struct hash *hash) {
    static const struct hash zero;
    return memcmp(hash->bytes, zero.bytes, HASH_BYTES) == 0;
}

static inline bool id_equal(const struct id *a, const struct id *b) {
    return memcmp(a->bytes, b->bytes, ID_BYTES) == 0;
}

/* How many Unicode characters; `text` must be valid UTF-8. */
size_t text_characters(struct text text);

/* Valid UTF-8 (RFC 3629: no surrogates, no overlong forms). */
bool text_is_utf8(struct text text);

/* Makes one line of UTF-8 in place: what is part of no valid character is left out, a control character or a separator
 * of lines becomes a space. Returns the length that is left. */
size_t text_keep_line(char *bytes, size_t length);

/* What a text holds, found in one pass. When it is not valid UTF-8 the rest is zero. */
struct text_facts {
    bool valid;         /* UTF-8 as text_is_utf8 */
    bool line_controls; /* tabs, line feeds, carriage returns, line and paragraph separators */
    bool controls;      /* any other control character (C0, DEL, C1) */
    uint32_t characters;
};
struct text_facts text_examine(struct text text);

/* Anybody's bytes as an error may show them: one short line of valid text, cut between characters so that it fits into
 * `size` bytes with its end. Where they are not valid or hold control characters, all but ASCII becomes '?'. */
void text_show(struct text text, char *out, size_t size);

/* Whether `unit` is `above` or lies under it in the tree of paths ("haining/xiashi" lies under "haining"). An empty
 * `above` holds everything. */
bool path_is_within(struct text unit, struct text above);

/* Whether `word` is one of the words of a table's row, which a space separates. */
bool words_hold(const char *words, const char *word);

/* Whether a number counted in `unit` is one of people: 名 人 位 人次, or no unit. 户, 组 and others are not. */
bool unit_counts_people(struct text unit);

/* Ids. id_new makes a UUIDv7 (RFC 9562) from `at` (ms) and random bytes; within a process ids of the same
 * millisecond rise. id_derive makes a UUIDv7-shaped id from `at` and a BLAKE2b hash of `material`: the same input
 * gives the same id. */
struct id id_new(int64_t at);
struct id id_derive(int64_t at, const void *material, size_t length);
void id_format(const struct id *id, char out[ID_TEXT_SIZE]);
bool id_parse(struct text text, struct id *out); /* with or without hyphens; either case */
bool id_is_zero(const struct id *id);

/* Days. The proleptic Gregorian calendar; day_parse takes YYYY-MM-DD only and refuses 2021-02-29. */
bool day_parse(struct text text, int32_t *day);
void day_format(int32_t day, char out[DATE_TEXT_SIZE]);
void day_split(int32_t day, int *year, int *month, int *day_of_month);
int32_t day_from(int year, int month, int day_of_month);     /* the parts must make a day */
int32_t day_of_time(int64_t at, int32_t utc_offset_minutes); /* China: 480 */
bool month_parse(struct text text, int32_t *month);          /* YYYY-MM */
void month_format(int32_t month, char out[DATE_TEXT_SIZE]);
