/* Characters to tokens. */
#include "services/archiver/search.h"

#include <stdio.h>

#include "services/archiver/words.h"

#define TOKEN_MAX 8

static uint32_t character_at(struct text words, size_t index) {
    uint32_t character;
    memcpy(&character, words.data + index * sizeof character, sizeof character);
    return character;
}

static void add_token(struct buffer *out, uint32_t character) {
    static const char digits[] = "0123456789abcdef";
    char token[TOKEN_MAX];
    size_t length = 0;
    if (character == WORDS_BORDER) {
        buffer_append(out, "x ", 2);
        return;
    }
    for (unsigned shift = 20; shift > 0; shift -= 4) {
        if (character >> shift != 0) {
            token[length++] = digits[character >> shift & 0xF];
        }
    }
    token[length++] = digits[character & 0xF];
    token[length++] = ' ';
    buffer_append(out, token, length);
}

static int tell(struct record *record, enum record_statement statement, uint64_t seq, const struct wire_report *report,
                struct error *error) {
    buffer_clear(&record->words);
    buffer_clear(&record->tokens);
    words_of_report(report, &record->words);
    struct text words = {(const char *)record->words.data, (uint32_t)record->words.length};
    for (size_t i = 0; i < words.length / sizeof(uint32_t); i++) {
        add_token(&record->tokens, character_at(words, i));
    }
    if (record->words.failed || record->tokens.failed) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    sqlite3_bind_int64(record->statements[statement], 1, (sqlite3_int64)seq);
    bind_text(record->statements[statement], 2,
              (struct text){(const char *)record->tokens.data, (uint32_t)record->tokens.length});
    return record_run(record, statement, error);
}

int search_add(struct record *record, uint64_t seq, const struct wire_report *report, struct error *error) {
    return tell(record, RECORD_SEARCH_ADD, seq, report, error);
}

int search_drop(struct record *record, uint64_t seq, const struct wire_report *report, struct error *error) {
    return tell(record, RECORD_SEARCH_DROP, seq, report, error);
}

void search_expression(struct text words, struct buffer *out) {
    bool inside = false;
    for (size_t i = 0; i < words.length / sizeof(uint32_t); i++) {
        uint32_t character = character_at(words, i);
        if (character == WORDS_BORDER) {
            buffer_append(out, "\"", 1);
        } else {
            const char *between = inside ? "" : out->length > 0 ? " AND \"" : "\"";
            buffer_append(out, between, strlen(between));
            add_token(out, character);
        }
        inside = character != WORDS_BORDER;
    }
}
