/* The decoder that codec_decode, codec_decode_event and codec_decode_head share: one map of a shape at a time.
 *
 * Private to proto. Functions return 0, or -code when the walk cannot go on (the encoding is broken, or no memory);
 * the fault is then noted. Faults of single fields are noted and the walk goes on.
 */
#pragma once

#include "common/arena.h"
#include "proto/cursor.h"
#include "proto/validate.h"

struct decoder {
    struct cursor cursor;
    struct arena *arena;
    struct faults *faults;
    unsigned depth; /* containers that may still be opened */
    bool lenient;   /* a journal's head: unknown fields are passed over, limits are not checked */
};

/* Reads one map into `value` (a struct wire_<shape>): sets the members that are in order and their bits. */
int decode_map(struct decoder *decoder, const struct shape *shape, struct map_rules rules,
               const struct field_path *path, void *value);

/* What became of a value: 0, or this: it is faulty (noted, passed over), or negative: the walk ends. */
#define VALUE_FAULTY 1

/* Reads one value and validates it. */
int decode_value(struct decoder *decoder, const struct field *field, const struct field_path *path, void *value);

/* The value at the cursor is `found` instead of what the field takes: notes it and passes over it. */
int decode_wrong_type(struct decoder *decoder, const struct field *field, const struct item *found,
                      const struct field_path *path);

/* Passes over one value. */
int decode_skip(struct decoder *decoder, const struct field_path *path);

/* Notes what is wrong with the encoding at the cursor. Returns `result`. */
int decode_broken(struct decoder *decoder, int result, const struct field_path *path);

/* Notes it when bytes follow the value. */
int decode_end(struct decoder *decoder);

/* The general way of codec_decode_event and codec_decode_head, for bytes that are not canonical or not in order. */
int decode_event(struct text bytes, struct arena *arena, struct event *event, struct faults *faults);
int decode_head(struct text bytes, struct text side, struct arena *arena, struct event *event, size_t *used,
                struct error *error);
