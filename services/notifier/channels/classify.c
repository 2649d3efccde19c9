/* Codes out of JSON, and rows that fit them. */
#include "services/notifier/channels/classify.h"

#include <stdio.h>
#include <stdlib.h>

#define RATE_PAUSE_MS 60000

/* ---- the status ---- */

/* The first row that holds it. */
static const struct {
    long first;
    long last;
    enum outcome outcome;
} statuses[] = {
    /* Redirects are not followed: the door is elsewhere. */
    {300, 399, OUTCOME_MISCONFIGURED},
    {401, 401, OUTCOME_MISCONFIGURED},
    {403, 405, OUTCOME_MISCONFIGURED},
    {407, 407, OUTCOME_MISCONFIGURED},
    {410, 410, OUTCOME_MISCONFIGURED},
    {408, 408, OUTCOME_RETRY},
    {429, 429, OUTCOME_RATE},
    {400, 499, OUTCOME_IMPOSSIBLE},
    {503, 503, OUTCOME_RETRY},
    /* A proxy's answer, or a failure half way. */
    {500, 599, OUTCOME_UNKNOWN},
};

enum outcome classify_status(long status, enum outcome good) {
    if (status >= 200 && status <= 299) {
        return good;
    }
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++) {
        if (status >= statuses[i].first && status <= statuses[i].last) {
            return statuses[i].outcome;
        }
    }
    return OUTCOME_UNKNOWN;
}

void classify_words(long status, struct text answer, struct verdict *verdict) {
    if (answer.length > 0) {
        snprintf(verdict->words, sizeof verdict->words, "%.*s", (int)answer.length, answer.data);
    } else {
        snprintf(verdict->words, sizeof verdict->words, "HTTP %ld", status);
    }
}

/* ---- the code ---- */

static const json_t *step(const json_t *value, const char *name, size_t length) {
    char *end = NULL;
    char key[40];
    if (json_is_array(value)) {
        return json_array_get(value, strtoul(name, &end, 10));
    }
    snprintf(key, sizeof key, "%.*s", (int)length, name);
    return json_object_get(value, key);
}

const json_t *classify_at(const json_t *root, const char *path) {
    const json_t *value = root;
    while (value && *path != '\0') {
        size_t length = strcspn(path, "/");
        value = step(value, path, length);
        path += length + (path[length] == '/');
    }
    return value;
}

bool classify_word(const json_t *value, char *out, size_t size) {
    if (json_is_integer(value)) {
        snprintf(out, size, "%lld", (long long)json_integer_value(value));
    } else if (json_is_boolean(value)) {
        snprintf(out, size, "%s", json_is_true(value) ? "true" : "false");
    } else {
        snprintf(out, size, "%s", json_is_string(value) ? json_string_value(value) : "");
    }
    return out[0] != '\0';
}

static bool fits(const char *row, const char *code) {
    size_t length = strlen(row);
    return length > 0 && row[length - 1] == '*' ? strncmp(row, code, length - 1) == 0 : strcmp(row, code) == 0;
}

static void judge(const struct code_table *table, const char *code, struct verdict *verdict) {
    const struct code_row *row = table->rows;
    while (row->code && !fits(row->code, code)) {
        row++;
    }
    verdict->outcome = row->code ? row->outcome : OUTCOME_RETRY;
    verdict->pause_ms = row->code ? row->pause_s * INT64_C(1000) : 0;
}

static bool find_code(const struct code_table *table, const json_t *root, char code[CLASSIFY_CODE_SIZE],
                      struct verdict *verdict) {
    for (const struct code_path *path = table->paths; path->code; path++) {
        if (classify_word(classify_at(root, path->code), code, CLASSIFY_CODE_SIZE)) {
            char words[CHANNEL_WORDS_MAX];
            bool said = classify_word(classify_at(root, path->words), words, sizeof words);
            snprintf(verdict->words, sizeof verdict->words, "%s%s%s", code, said ? ": " : "", words);
            return true;
        }
    }
    return false;
}

void classify(const struct code_table *table, long status, struct text answer, struct verdict *verdict) {
    char code[CLASSIFY_CODE_SIZE];
    json_t *root = answer.length > 0 ? json_loadb(answer.data, answer.length, JSON_REJECT_DUPLICATES, NULL) : NULL;
    *verdict = (struct verdict){0};
    if (find_code(table, root, code, verdict)) {
        judge(table, code, verdict);
        if (table->handle && verdict->outcome == OUTCOME_ACCEPTED) {
            classify_word(classify_at(root, table->handle), verdict->handle, sizeof verdict->handle);
        }
    } else {
        /* Taken by something that does not speak as this provider does: what it did with it is not known. */
        verdict->outcome = classify_status(status, OUTCOME_UNKNOWN);
        classify_words(status, answer, verdict);
    }
    verdict->pause_ms = verdict->outcome == OUTCOME_RATE && verdict->pause_ms == 0 ? RATE_PAUSE_MS : verdict->pause_ms;
    json_decref(root);
}
