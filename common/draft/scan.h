/* The text of a draft under the reader's finger: positions, words, numbers. Part of drafts. Pure.
 *
 * `plain` is the text with full-width digits, letters and signs as ASCII; it has a byte for `origin` each, the offset in
 * the text as written.
 */
#pragma once

#include "common/arena.h"
#include "common/import/quantity.h"

/* The lists of words.def. */
enum word_list {
#define WORDS(LIST, words, prose) WORDS_##LIST,
#include "common/draft/words.def"
#undef WORDS
};

struct scan {
    struct text text; /* as written */
    struct text plain;
    const uint32_t *origin;    /* plain.length + 1 of them */
    const uint32_t *word_ends; /* the same; where the word ends that holds the position */
    uint32_t at;
};

/* False without memory. `text` is valid UTF-8. */
bool scan_start(struct scan *scan, struct text text, struct arena *arena);

/* The words as written between two positions. */
struct text scan_words(const struct scan *scan, uint32_t from, uint32_t to);

struct text scan_plain(const struct scan *scan, uint32_t from, uint32_t to);

/* The position behind the character at `at`. */
uint32_t scan_next(const struct scan *scan, uint32_t at);

bool scan_digit(const struct scan *scan, uint32_t at);

/* Bytes of a mark that ends a word here (space, bracket, 、), or a clause (， 。 ； line end); 0 where there is none. A
 * comma within a number is none. */
uint32_t scan_gap(const struct scan *scan, uint32_t at);
uint32_t scan_stop(const struct scan *scan, uint32_t at);

/* Where the word at `at` ends. */
uint32_t scan_word_end(const struct scan *scan, uint32_t at);

/* The same, but no further than names reach: so that a text without any gap costs no more than others. */
uint32_t scan_reach(const struct scan *scan, uint32_t at);

/* Bytes of the longest word of the list that stands here, 0: none. */
uint32_t scan_list(const struct scan *scan, uint32_t at, enum word_list list);
uint32_t scan_literal(const struct scan *scan, uint32_t at, const char *word);

/* The first position in [from, end) where a word of the list stands; `end` when there is none. */
uint32_t scan_find(const struct scan *scan, uint32_t from, uint32_t end, enum word_list list);

/* The longest number with a unit of the list that begins at `at` and ends by `end`: the position behind it, 0: none. */
uint32_t scan_quantity(const struct scan *scan, uint32_t at, uint32_t end, enum word_list units,
                       struct quantity *quantity);

/* The same of a length of time that names hours or minutes. */
uint32_t scan_minutes(const struct scan *scan, uint32_t at, uint32_t end, int64_t *minutes);
