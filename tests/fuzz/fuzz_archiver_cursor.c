/* Fuzzes the cursor of an answer's next page: 'o' and any text is never one of ours; else one that we made, with a
 * character of it replaced, or asked with another question, is refused, and unchanged says what was put into it. */
#include <assert.h>
#include <sodium.h>

#include "services/archiver/bookmark.h"
#include "tests/fuzz/pieces.h"

static const uint8_t key[BOOKMARK_KEY_BYTES] = {1, 2, 3};

static void refuse(const struct wire_record_query *query) {
    struct bookmark bookmark;
    struct error error = {0};
    assert(bookmark_read(&bookmark, query, key, &error) == -(int)ERR_BAD_QUERY);
    assert(text_is_utf8(text_of(error.text)));
}

static void ask_again(struct pieces in) {
    struct bookmark bookmark = {
        .position = {7, piece_byte(&in), piece_byte(&in), 9}, .before = piece_byte(&in), .total = 3};
    struct wire_record_query query = {.within = text_of("haining"), .number = piece_next(&in)};
    struct bookmark back;
    char cursor[BOOKMARK_TEXT_SIZE];
    wire_set(&query.present, FIELD_record_query_within);
    wire_set(&query.present, FIELD_record_query_number);
    int result = bookmark_write(&bookmark, &query, key, cursor);
    assert(result == 0);
    query.cursor = text_of(cursor);
    wire_set(&query.present, FIELD_record_query_cursor);
    result = bookmark_read(&back, &query, key, NULL);
    assert(result == 0 && memcmp(&back, &bookmark, sizeof back) == 0);
#ifdef PLANTED_BUG
    /* A careless reader: believes that a number of a report has no comma. */
    assert(query.number.length == 0 || !memchr(query.number.data, ',', query.number.length));
#endif
    uint8_t at = piece_byte(&in) % (uint8_t)strlen(cursor);
    char changed = (char)piece_byte(&in);
    if (changed != cursor[at]) {
        cursor[at] = changed;
        refuse(&query);
    } else {
        query.within = text_of("haining/xucun");
        refuse(&query);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct pieces in = {data, size};
    int result = sodium_init();
    assert(result >= 0);
    if (piece_byte(&in) == 'o') {
        refuse(&(struct wire_record_query){.cursor = {(const char *)in.data, (uint32_t)in.left}});
    } else {
        ask_again(in);
    }
    return 0;
}
