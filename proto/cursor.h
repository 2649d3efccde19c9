/* A bounded reader of MessagePack: one item at a time, nothing allocated, nothing believed.
 *
 * A count is believed only when that many items could fit into the bytes left (an item takes at least one byte).
 * Source of the format: github.com/msgpack/msgpack/blob/master/spec.md. msgpack-c's unpacker allocates by the counts
 * before it looks for the items, so it is not used on what comes from outside.
 */
#pragma once

#include <endian.h>

#include "common/error.h"
#include "proto/types.h"

struct cursor {
    const uint8_t *at;
    const uint8_t *end;
};

enum item_kind {
    ITEM_NIL,
    ITEM_BOOL,
    ITEM_INT,
    ITEM_STR,
    ITEM_BIN,
    ITEM_ARRAY,
    ITEM_MAP,
    ITEM_FLOAT,
    ITEM_EXT,
    ITEM_KIND_COUNT
};

struct item {
    enum item_kind kind;
    bool above_int64;  /* INT: an unsigned number over INT64_MAX; `integer` has its bits */
    int64_t integer;   /* INT; BOOL as 0 or 1 */
    struct text bytes; /* STR, BIN, EXT, FLOAT: the content */
    uint32_t count;    /* ARRAY: items, MAP: pairs; they follow */
};

#define CURSOR_DEPTH_MAX 16 /* no caller may ask for more */

static inline struct cursor cursor_of(struct text bytes) {
    const uint8_t *data = (const uint8_t *)bytes.data;
    return (struct cursor){data, data + bytes.length};
}

static inline size_t cursor_left(const struct cursor *cursor) {
    return (size_t)(cursor->end - cursor->at);
}

/* A number of 1, 2, 4 or 8 bytes, big endian; the caller has checked that they are there. */
static inline uint64_t cursor_number(const uint8_t *at, unsigned width) {
    uint64_t whole;
    uint32_t half;
    switch (width) {
    case 1:
        return at[0];
    case 2:
        return (uint64_t)at[0] << 8 | at[1];
    case 4:
        memcpy(&half, at, sizeof half);
        return be32toh(half);
    default:
        memcpy(&whole, at, sizeof whole);
        return be64toh(whole);
    }
}

/* Reads one item; of an array or map the header only. Returns 0, -ERR_TRUNCATED, -ERR_COUNT_LIES (item->count has the
 * claim) or -ERR_BAD_FORMAT (the byte that MessagePack never uses). The cursor does not move on error. */
int cursor_next(struct cursor *cursor, struct item *item);

/* Passes one whole value: counts and depth only. `depth`: containers that may be nested in it, at most
 * CURSOR_DEPTH_MAX. As cursor_next, and -ERR_TOO_DEEP; on error the cursor stands at the item that is wrong. */
int cursor_skip(struct cursor *cursor, unsigned depth);

/* The words for an error that stopped at the cursor: the limit and the value of its row. `depth`: the limit of a skip. */
#define CURSOR_WORD_SIZE 24
void cursor_words(struct cursor cursor, int result, unsigned depth, char limit[CURSOR_WORD_SIZE],
                  char value[CURSOR_WORD_SIZE]);

/* "a map", "an integer": for texts. */
const char *item_name(enum item_kind kind);
