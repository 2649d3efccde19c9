/* The sides of a block: joined when it is sealed, split when it is read. */
#include "proto/cursor.h"
#include "proto/encode.h"

static int damaged(struct error *error, const char *what) {
    return error_set(error, ERR_CORRUPT, (struct error_words){.field = "the side of a block", .value = what});
}

/* One entry: nil, or [salt, side map]. */
static int split_entry(struct cursor *cursor, struct text *salt, struct text *side, struct error *error) {
    struct item item;
    if (cursor_next(cursor, &item) < 0 || (item.kind != ITEM_NIL && item.kind != ITEM_ARRAY)) {
        return damaged(error, "an entry is neither nil nor an array");
    }
    *salt = (struct text){NULL, 0};
    *side = (struct text){NULL, 0};
    if (item.kind == ITEM_NIL) {
        return 0;
    }
    struct item salt_item;
    if (item.count != 2 || cursor_next(cursor, &salt_item) < 0 || salt_item.kind != ITEM_BIN ||
        salt_item.bytes.length != SIDE_SALT_BYTES) {
        return damaged(error, "an entry does not begin with a salt");
    }
    const uint8_t *start = cursor->at;
    struct cursor peek = *cursor;
    if (cursor_next(&peek, &item) < 0 || item.kind != ITEM_MAP || cursor_skip(cursor, EVENT_DEPTH_MAX) < 0) {
        return damaged(error, "an entry does not hold a map");
    }
    *salt = salt_item.bytes;
    *side = (struct text){(const char *)start, (uint32_t)(cursor->at - start)};
    return 0;
}

int codec_split_sides(struct text bytes, struct arena *arena, uint32_t count, struct text **salts, struct text **sides,
                      struct error *error) {
    struct cursor cursor = cursor_of(bytes);
    struct item item;
    if (cursor_next(&cursor, &item) < 0 || item.kind != ITEM_ARRAY || item.count != count) {
        return damaged(error, "it is not an array of one entry per event");
    }
    struct text *views = arena_alloc(arena, 2 * (size_t)count * sizeof *views);
    if (!views) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    for (uint32_t i = 0; i < count; i++) {
        int result = split_entry(&cursor, &views[i], &views[count + i], error);
        if (result < 0) {
            return result;
        }
    }
    if (cursor_left(&cursor) > 0) {
        return damaged(error, "bytes follow the last entry");
    }
    *salts = views;
    *sides = views + count;
    return 0;
}

void codec_join_sides(const struct text *salts, const struct text *sides, uint32_t count, struct buffer *out) {
    msgpack_packer packer = encode_packer(out);
    msgpack_pack_array(&packer, count);
    for (uint32_t i = 0; i < count; i++) {
        if (sides[i].length == 0) {
            msgpack_pack_nil(&packer);
            continue;
        }
        msgpack_pack_array(&packer, 2);
        msgpack_pack_bin(&packer, salts[i].length);
        msgpack_pack_bin_body(&packer, salts[i].data, salts[i].length);
        buffer_append(out, sides[i].data, sides[i].length);
    }
}
