/* The one classifier: what a provider's answer means, by a table of its codes. Pure.
 *
 * Providers by HTTP answer 200 with an error inside. `paths` say where code and words stand in the JSON ("Response/Error/
 * Code"; a number takes an item of an array); the first place that holds something decides. A code that no row has is a
 * passing fault: it was refused, and nothing went out. An answer without any code, from a proxy as it may be, is judged
 * by its HTTP status.
 */
#pragma once

#include <jansson.h>

#include "proto/codec.h"
#include "services/notifier/channels/channel.h"

#define CLASSIFY_CODE_SIZE 100

struct code_row {
    const char *code; /* an end of '*' stands for any rest */
    enum outcome outcome;
    int32_t pause_s; /* at least so long until the next attempt; 0: as ever */
};

struct code_path {
    const char *code; /* NULL ends the list */
    const char *words;
};

struct code_table {
    const struct code_path *paths;
    const struct code_row *rows; /* ended by a row without code; the first that fits */
    const char *handle;          /* where its own name for what it took stands; NULL: nowhere */
};

struct verdict {
    enum outcome outcome;
    int64_t pause_ms;
    char words[2 * CHANNEL_WORDS_MAX]; /* raw, for words_clean() */
    char handle[CLASSIFY_CODE_SIZE];   /* raw; "" when it named none */
};

void classify(const struct code_table *table, long status, struct text answer, struct verdict *verdict);

/* What an HTTP status alone says; `good` for those of 200 to 299. */
enum outcome classify_status(long status, enum outcome good);

/* Says so in HTTP's words where the answer has none. */
void classify_words(long status, struct text answer, struct verdict *verdict);

/* What stands at such a path; NULL: nothing. */
const json_t *classify_at(const json_t *root, const char *path);

/* A string, a number or a truth as a string; false, and "", where there is none. */
bool classify_word(const json_t *value, char *out, size_t size);
