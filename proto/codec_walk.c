/* Walks over whole frames: well-formedness, and splitting into events. */
#include <inttypes.h>
#include <stdio.h>

#include "proto/canonical.h"
#include "proto/codec.h"
#include "proto/cursor.h"

/* The error of a walk that stopped at the cursor. */
static int walk_error(struct cursor cursor, int result, unsigned depth, struct error *error) {
    char limit[CURSOR_WORD_SIZE];
    char value[CURSOR_WORD_SIZE];
    cursor_words(cursor, result, depth, limit, value);
    return error_set(error, (enum error_code) - result, (struct error_words){"the message", limit, value});
}

static int trailing(const struct cursor *cursor, struct error *error) {
    size_t left = cursor_left(cursor);
    return left == 0 ? 0 : error_setf(error, ERR_TRAILING, "%zu", left);
}

/* What is well-formed MessagePack but never a value of this protocol. `as_key`: the item is a map's key. */
static int judge_item(const struct item *item, bool as_key, struct error *error) {
    if (as_key && item->kind != ITEM_STR) {
        return error_set(error, ERR_BAD_KEY, (struct error_words){0});
    }
    if (item->kind == ITEM_FLOAT || item->kind == ITEM_EXT) {
        struct error_words words = {"a value", "an integer, a string, bytes, a bool, an array or a map", NULL};
        return error_set(error, ERR_WRONG_TYPE, words);
    }
    if (item->kind == ITEM_STR && !text_is_utf8(item->bytes)) {
        return error_set(error, ERR_BAD_UTF8, (struct error_words){.field = as_key ? "a key" : "a string"});
    }
    return 0;
}

/* Containers that are open: how many items are to come, and whether keys are among them. */
struct open_container {
    uint64_t left;
    bool map;
};

int codec_walk(struct text bytes, unsigned depth_max, struct error *error) {
    struct open_container open[CURSOR_DEPTH_MAX + 1] = {{.left = 1}};
    struct cursor cursor = cursor_of(bytes);
    unsigned level = 0;
    unsigned depth = depth_max < CURSOR_DEPTH_MAX ? depth_max : CURSOR_DEPTH_MAX;
    while (level > 0 || open[0].left > 0) {
        if (open[level].left == 0) {
            level--;
            continue;
        }
        struct cursor before = cursor;
        struct item item;
        int result = cursor_next(&cursor, &item);
        if (result == 0) {
            result = judge_item(&item, open[level].map && open[level].left % 2 == 0, error);
        } else {
            result = walk_error(before, result, depth, error);
        }
        if (result < 0) {
            return result;
        }
        open[level].left--;
        if (item.kind == ITEM_ARRAY || item.kind == ITEM_MAP) {
            if (level == depth) {
                return walk_error(before, -ERR_TOO_DEEP, depth, error);
            }
            bool map = item.kind == ITEM_MAP;
            open[++level] = (struct open_container){map ? 2 * (uint64_t)item.count : item.count, map};
        }
    }
    return trailing(&cursor, error);
}

/* How many values the frame holds: those of its array, or the one that it is. */
static int frame_count(struct cursor *cursor, uint32_t *count, struct error *error) {
    struct cursor before = *cursor;
    struct item item;
    int result = cursor_next(cursor, &item);
    if (result < 0) {
        return walk_error(before, result, EVENT_DEPTH_MAX, error);
    }
    *count = 1;
    if (item.kind != ITEM_ARRAY) {
        *cursor = before;
        return 0;
    }
    *count = item.count;
    if (item.count > FRAME_EVENTS_MAX) {
        char limit[24];
        char value[24];
        snprintf(limit, sizeof limit, "%d", FRAME_EVENTS_MAX);
        snprintf(value, sizeof value, "%" PRIu32, item.count);
        return error_set(error, ERR_TOO_MANY, (struct error_words){"events", limit, value});
    }
    return 0;
}

static int too_large(uint32_t length, struct error *error) {
    char limit[24];
    char value[24];
    snprintf(limit, sizeof limit, "%d", FRAME_BYTES_MAX);
    snprintf(value, sizeof value, "%" PRIu32, length);
    return error_set(error, ERR_TOO_LARGE, (struct error_words){NULL, limit, value});
}

/* Finds the end of the event at the cursor, or does more with it. */
typedef int frame_step(struct cursor *cursor, struct arena *arena, void *out, struct error *error);

/* Walks over a frame, a step per event into an item of `size` bytes. */
static int frame_walk(struct text bytes, struct arena *arena, frame_step *step, size_t size, void **items,
                      uint32_t *count, struct error *error) {
    struct cursor cursor = cursor_of(bytes);
    uint32_t found = 0;
    *items = NULL;
    *count = 0;
    int result = bytes.length > FRAME_BYTES_MAX ? too_large(bytes.length, error) : frame_count(&cursor, &found, error);
    if (result < 0) {
        return result;
    }
    char *read = arena_alloc(arena, found * size);
    if (!read) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    for (uint32_t i = 0; i < found && result == 0; i++) {
        result = step(&cursor, arena, read + i * size, error);
    }
    if (result == 0) {
        result = trailing(&cursor, error);
    }
    if (result == 0) {
        *items = read;
        *count = found;
    }
    return result;
}

static int split_one(struct cursor *cursor, struct arena *arena, void *out, struct error *error) {
    (void)arena;
    struct text *view = out;
    const uint8_t *start = cursor->at;
    int result = cursor_skip(cursor, EVENT_DEPTH_MAX);
    if (result < 0) {
        return walk_error(*cursor, result, EVENT_DEPTH_MAX, error);
    }
    *view = (struct text){(const char *)start, (uint32_t)(cursor->at - start)};
    return 0;
}

int codec_split_frame(struct text bytes, struct arena *arena, struct text **events, uint32_t *count,
                      struct error *error) {
    void *items;
    int result = frame_walk(bytes, arena, split_one, sizeof **events, &items, count, error);
    *events = items;
    return result;
}

/* Decodes the event when it is canonical; else finds its end. */
static int read_one(struct cursor *cursor, struct arena *arena, void *out, struct error *error) {
    struct frame_event *event = out;
    struct faults faults;
    faults_clear(&faults);
    struct canonical canonical = {*cursor, arena, &faults, false};
    event->is_read = canonical_event(&canonical, &event->event);
    if (!event->is_read) {
        return split_one(cursor, arena, &event->bytes, error);
    }
    event->bytes = (struct text){(const char *)cursor->at, (uint32_t)(canonical.cursor.at - cursor->at)};
    *cursor = canonical.cursor;
    return 0;
}

int codec_read_frame(struct text bytes, struct arena *arena, struct frame_event **events, uint32_t *count,
                     struct error *error) {
    void *items;
    int result = frame_walk(bytes, arena, read_one, sizeof **events, &items, count, error);
    *events = items;
    return result;
}
