/* Parsing untrusted JSON: measured first, then read by jansson. */
#include <stdio.h>

#include "proto/json.h"

/* What a document would cost, found without reading it. */
struct measure {
    unsigned depth; /* of the deepest container */
    uint32_t containers;
    uint32_t values;
};

/* The byte behind a string's closing quote, or the end. */
static uint32_t string_end(struct text bytes, uint32_t at) {
    while (at < bytes.length && bytes.data[at] != '"') {
        at += bytes.data[at] == '\\' ? 2 : 1;
    }
    return at < bytes.length ? at + 1 : bytes.length;
}

/* Commas and brackets outside strings say enough; whether the rest is JSON is the parser's to find. */
static struct measure measure_document(struct text bytes) {
    struct measure measure = {.values = 1};
    unsigned depth = 0;
    for (uint32_t at = 0; at < bytes.length;) {
        char c = bytes.data[at++];
        if (c == '"') {
            at = string_end(bytes, at);
        } else if (c == '[' || c == '{') {
            measure.containers++;
            measure.values++;
            depth++;
            measure.depth = depth > measure.depth ? depth : measure.depth;
        } else if (c == ']' || c == '}') {
            depth -= depth > 0;
        } else if (c == ',') {
            measure.values++;
        }
    }
    return measure;
}

static int over(struct error *error, enum error_code code, const char *field, uint64_t limit, uint64_t value) {
    char limit_text[24];
    char value_text[24];
    snprintf(limit_text, sizeof limit_text, "%llu", (unsigned long long)limit);
    snprintf(value_text, sizeof value_text, "%llu", (unsigned long long)value);
    return error_set(error, code, (struct error_words){field, limit_text, value_text});
}

static int check_measure(struct text bytes, struct error *error) {
    if (bytes.length > FRAME_BYTES_MAX) {
        return over(error, ERR_TOO_LARGE, NULL, FRAME_BYTES_MAX, bytes.length);
    }
    struct measure measure = measure_document(bytes);
    if (measure.depth > JSON_DEPTH_MAX) {
        return over(error, ERR_TOO_DEEP, NULL, JSON_DEPTH_MAX, measure.depth);
    }
    if (measure.containers > JSON_CONTAINERS_MAX) {
        return over(error, ERR_TOO_MANY, "objects and arrays", JSON_CONTAINERS_MAX, measure.containers);
    }
    if (measure.values > JSON_VALUES_MAX) {
        return over(error, ERR_TOO_MANY, "values", JSON_VALUES_MAX, measure.values);
    }
    return 0;
}

/* jansson tells the key only in its text: duplicate object key near '"unit"'. */
static void repeated_key(const json_error_t *found, char *key, size_t size) {
    const char *open = strstr(found->text, "'\"");
    const char *close = open ? strstr(open + 2, "\"'") : NULL;
    int length = close ? (int)(close - open - 2) : 0;
    snprintf(key, size, "%.*s", length, open ? open + 2 : "");
}

/* What jansson says holds pieces of the document, cut anywhere: a fault makes them fit to be shown. */
static void explain_in_words(enum error_code code, const char *field, const char *value, struct error *error) {
    struct faults faults;
    faults_clear(&faults);
    faults_add(&faults, code, field, NULL, text_of(value));
    faults_to_error(&faults, error);
}

static void explain(const json_error_t *found, struct text bytes, struct error *error) {
    char where[64];
    char words[JSON_ERROR_TEXT_LENGTH + sizeof where + 2];
    snprintf(where, sizeof where, "line %d, column %d", found->line, found->column);
    switch (json_error_code(found)) {
    case json_error_out_of_memory:
        error_set(error, ERR_NO_MEMORY, (struct error_words){0});
        break;
    case json_error_premature_end_of_input:
        error_set(error, ERR_TRUNCATED, (struct error_words){0});
        break;
    case json_error_end_of_input_expected:
        over(error, ERR_TRAILING, NULL, 0, bytes.length - (uint32_t)found->position + 1);
        break;
    case json_error_invalid_utf8:
        error_set(error, ERR_BAD_UTF8, (struct error_words){.field = where});
        break;
    case json_error_duplicate_key:
        repeated_key(found, words, sizeof words);
        explain_in_words(ERR_DUPLICATE_KEY, words, NULL, error);
        break;
    case json_error_numeric_overflow:
        error_set(error, ERR_TOO_BIG, (struct error_words){where, "what 64 bits hold", "a number"});
        break;
    default:
        snprintf(words, sizeof words, "%s: %s", where, found->text);
        explain_in_words(ERR_BAD_JSON, NULL, words, error);
        break;
    }
}

json_t *json_parse(struct text bytes, struct error *error) {
    if (check_measure(bytes, error) < 0) {
        return NULL;
    }
    json_error_t found;
    json_t *json = json_loadb(bytes.length > 0 ? bytes.data : "", bytes.length, JSON_REJECT_DUPLICATES, &found);
    if (!json) {
        explain(&found, bytes, error);
    }
    return json;
}
