/* The consumers that the stream serves. */
#include "common/stream/rows.h"

#include <stdlib.h>

struct row *rows_find(struct rows *rows, const struct bus_peer *peer) {
    for (uint32_t i = 0; i < rows->count; i++) {
        struct row *row = &rows->items[i];
        if (row->peer.length == peer->length && memcmp(row->peer.bytes, peer->bytes, peer->length) == 0) {
            return row;
        }
    }
    return NULL;
}

bool rows_await(const struct rows *rows, uint64_t after, bool side) {
    for (uint32_t i = 0; i < rows->count; i++) {
        const struct row *row = &rows->items[i];
        if (row->at >= after && row->side == side && row->credit > 0 && !row->waits) {
            return true;
        }
    }
    return false;
}

static bool make_room(struct rows *rows) {
    if (rows->count < rows->capacity) {
        return true;
    }
    uint32_t capacity = rows->capacity ? rows->capacity * 2 : 8;
    struct row *items = realloc(rows->items, capacity * sizeof *items);
    if (!items) {
        return false;
    }
    rows->items = items;
    rows->capacity = capacity;
    return true;
}

struct row *rows_add(struct rows *rows, const struct bus_peer *peer, struct error *error) {
    if (rows->count == ROWS_MAX) {
        error_set(error, ERR_BUSY, (struct error_words){.limit = "1000"});
        return NULL;
    }
    if (!make_room(rows)) {
        error_set(error, ERR_NO_MEMORY, (struct error_words){0});
        return NULL;
    }
    struct row *row = &rows->items[rows->count++];
    *row = (struct row){.peer = *peer};
    return row;
}

void rows_drop(struct rows *rows, struct row *row) {
    *row = rows->items[--rows->count];
}

void rows_free(struct rows *rows) {
    free(rows->items);
    *rows = (struct rows){0};
}

bool row_may_send(const struct row *row, uint64_t end) {
    return row->credit > 0 && !row->waits && row->at < end;
}

void row_sent(struct row *row, uint32_t blocks, uint64_t end) {
    row->at = end;
    row->credit -= blocks;
}

void row_grant(struct row *row, int64_t credit) {
    row->credit += (uint32_t)credit;
    row->credit = row->credit < ROW_CREDIT_MAX ? row->credit : ROW_CREDIT_MAX;
}
