/* The bounded reader: first bytes by table, counts checked against what is left. */
#include "proto/cursor.h"

#include <assert.h>
#include <stdio.h>

/* How to read what follows a first byte. */
enum form {
    FORM_NEVER,
    FORM_NIL,
    FORM_FALSE,
    FORM_TRUE,
    FORM_SMALL, /* the byte is the number */
    FORM_UINT,
    FORM_INT,
    FORM_FLOAT,
    FORM_FIX_ARRAY, /* the count is in the low bits of the byte */
    FORM_FIX_MAP,
    FORM_STR,
    FORM_BIN,
    FORM_EXT,
    FORM_FIX_EXT,
    FORM_ARRAY,
    FORM_MAP
};

struct first_byte {
    uint8_t form;
    uint8_t width; /* bytes of the number or count that follows; FIX_EXT: bytes of the content */
};

/* The bytes 0xC0 to 0xDF, in the order of the specification. */
static const struct first_byte middle[32] = {
    {FORM_NIL, 0},      {FORM_NEVER, 0},   {FORM_FALSE, 0},   {FORM_TRUE, 0},    /* C0 */
    {FORM_BIN, 1},      {FORM_BIN, 2},     {FORM_BIN, 4},     {FORM_EXT, 1},     /* C4 */
    {FORM_EXT, 2},      {FORM_EXT, 4},     {FORM_FLOAT, 4},   {FORM_FLOAT, 8},   /* C8 */
    {FORM_UINT, 1},     {FORM_UINT, 2},    {FORM_UINT, 4},    {FORM_UINT, 8},    /* CC */
    {FORM_INT, 1},      {FORM_INT, 2},     {FORM_INT, 4},     {FORM_INT, 8},     /* D0 */
    {FORM_FIX_EXT, 1},  {FORM_FIX_EXT, 2}, {FORM_FIX_EXT, 4}, {FORM_FIX_EXT, 8}, /* D4 */
    {FORM_FIX_EXT, 16}, {FORM_STR, 1},     {FORM_STR, 2},     {FORM_STR, 4},     /* D8 */
    {FORM_ARRAY, 2},    {FORM_ARRAY, 4},   {FORM_MAP, 2},     {FORM_MAP, 4},     /* DC */
};

/* Short strings (0xA0 to 0xBF) are not asked for. */
static struct first_byte first_byte(uint8_t byte) {
    if (byte < 0x80 || byte >= 0xE0) {
        return (struct first_byte){FORM_SMALL, 0};
    }
    if (byte >= 0xC0) {
        return middle[byte - 0xC0];
    }
    return (struct first_byte){byte < 0x90 ? FORM_FIX_MAP : FORM_FIX_ARRAY, 0};
}

static int take_bytes(struct item *item, enum item_kind kind, const uint8_t **at, const uint8_t *end, uint64_t length) {
    if (length > (uint64_t)(end - *at)) {
        return -ERR_TRUNCATED;
    }
    item->kind = kind;
    item->bytes = (struct text){(const char *)*at, (uint32_t)length};
    *at += length;
    return 0;
}

static int take_count(struct item *item, enum item_kind kind, const uint8_t *at, const uint8_t *end, uint64_t count) {
    item->kind = kind;
    item->count = (uint32_t)count;
    uint64_t items = kind == ITEM_MAP ? 2 * count : count;
    return items > (uint64_t)(end - at) ? -ERR_COUNT_LIES : 0;
}

static int64_t sign_extend(uint64_t number, unsigned width) {
    assert(width > 0);
    unsigned shift = 64 - 8 * width;
    return (int64_t)(number << shift) >> shift;
}

static int take_integer(struct item *item, int64_t integer, bool above_int64) {
    item->kind = ITEM_INT;
    item->integer = integer;
    item->above_int64 = above_int64;
    return 0;
}

static int take_item(struct item *item, uint8_t byte, struct first_byte first, uint64_t number, const uint8_t **at,
                     const uint8_t *end) {
    switch ((enum form)first.form) {
    case FORM_SMALL:
        return take_integer(item, (int8_t)byte, false);
    case FORM_FIX_MAP:
        return take_count(item, ITEM_MAP, *at, end, byte & 0x0F);
    case FORM_FIX_ARRAY:
        return take_count(item, ITEM_ARRAY, *at, end, byte & 0x0F);
    case FORM_UINT:
        return take_integer(item, (int64_t)number, number > INT64_MAX);
    case FORM_INT:
        return take_integer(item, sign_extend(number, first.width), false);
    case FORM_STR:
        return take_bytes(item, ITEM_STR, at, end, number);
    case FORM_BIN:
        return take_bytes(item, ITEM_BIN, at, end, number);
    case FORM_ARRAY:
        return take_count(item, ITEM_ARRAY, *at, end, number);
    case FORM_MAP:
        return take_count(item, ITEM_MAP, *at, end, number);
    case FORM_NIL:
        item->kind = ITEM_NIL;
        return 0;
    case FORM_FALSE:
    case FORM_TRUE:
        *item = (struct item){.kind = ITEM_BOOL, .integer = first.form == FORM_TRUE};
        return 0;
    case FORM_FLOAT:
        return take_bytes(item, ITEM_FLOAT, at, end, first.width);
    case FORM_EXT:
        return take_bytes(item, ITEM_EXT, at, end, number + 1); /* a byte for the ext's type */
    case FORM_FIX_EXT:
        return take_bytes(item, ITEM_EXT, at, end, first.width + UINT64_C(1));
    case FORM_NEVER:
        break;
    }
    return -ERR_BAD_FORMAT;
}

int cursor_next(struct cursor *cursor, struct item *item) {
    const uint8_t *at = cursor->at;
    if (at == cursor->end) {
        return -ERR_TRUNCATED;
    }
    uint8_t byte = *at++;
    if (byte < 0x80) { /* small numbers */
        item->kind = ITEM_INT;
        item->above_int64 = false;
        item->integer = byte;
        cursor->at = at;
        return 0;
    }
    if ((byte & 0xE0) == 0xA0) { /* short strings: all keys and most texts */
        uint32_t length = byte & 0x1F;
        if (length > (size_t)(cursor->end - at)) {
            return -ERR_TRUNCATED;
        }
        item->kind = ITEM_STR;
        item->bytes = (struct text){(const char *)at, length};
        cursor->at = at + length;
        return 0;
    }
    struct first_byte first = first_byte(byte);
    bool follows = first.width > 0 && first.form != FORM_FIX_EXT && first.form != FORM_FLOAT;
    uint64_t number = 0;
    if (follows) {
        if (first.width > (size_t)(cursor->end - at)) {
            return -ERR_TRUNCATED;
        }
        number = cursor_number(at, first.width);
        at += first.width;
    }
    int result = take_item(item, byte, first, number, &at, cursor->end);
    if (result == 0) {
        cursor->at = at;
    }
    return result;
}

int cursor_skip(struct cursor *cursor, unsigned depth) {
    uint64_t left[CURSOR_DEPTH_MAX + 1]; /* items still to come, per level */
    unsigned level = 0;
    assert(depth <= CURSOR_DEPTH_MAX);
    left[0] = 1;
    for (;;) {
        while (left[level] == 0) {
            if (level == 0) {
                return 0;
            }
            level--;
        }
        const uint8_t *before = cursor->at;
        struct item item;
        int result = cursor_next(cursor, &item);
        if (result != 0) {
            return result;
        }
        left[level]--;
        if (item.kind == ITEM_ARRAY || item.kind == ITEM_MAP) {
            if (level == depth) {
                cursor->at = before;
                return -ERR_TOO_DEEP;
            }
            left[++level] = item.kind == ITEM_MAP ? 2 * (uint64_t)item.count : item.count;
        }
    }
}

void cursor_words(struct cursor cursor, int result, unsigned depth, char limit[CURSOR_WORD_SIZE],
                  char value[CURSOR_WORD_SIZE]) {
    limit[0] = '\0';
    value[0] = '\0';
    if (result == -ERR_COUNT_LIES) {
        struct item item = {0};
        size_t left = cursor_left(&cursor);
        cursor_next(&cursor, &item);
        snprintf(value, CURSOR_WORD_SIZE, "%u", item.count);
        snprintf(limit, CURSOR_WORD_SIZE, "%zu", left - 1 - first_byte(*cursor.at).width);
    } else if (result == -ERR_BAD_FORMAT) {
        snprintf(value, CURSOR_WORD_SIZE, "0x%02X", *cursor.at);
        snprintf(limit, CURSOR_WORD_SIZE, "MessagePack");
    } else if (result == -ERR_TOO_DEEP) {
        snprintf(limit, CURSOR_WORD_SIZE, "%u", depth);
    }
}

const char *item_name(enum item_kind kind) {
    static const char *const names[ITEM_KIND_COUNT] = {
        [ITEM_NIL] = "nil",      [ITEM_BOOL] = "a bool",   [ITEM_INT] = "an integer",
        [ITEM_STR] = "a string", [ITEM_BIN] = "bytes",     [ITEM_ARRAY] = "an array",
        [ITEM_MAP] = "a map",    [ITEM_FLOAT] = "a float", [ITEM_EXT] = "an extension"};
    return names[kind];
}
