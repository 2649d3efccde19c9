/* The quick way to read an event: the canonical bytes that codec_encode_event writes.
 *
 * It checks all that the general decoder checks, and gives up at the first thing that is otherwise: a key out of the
 * table's order, a number that is not in its shortest form, a value beyond its limits. What is wrong is not said: the
 * general decoder reads the same bytes from their beginning and names it. So what is accepted here is what the general
 * decoder accepts and what encoding would write again: the bytes themselves can be kept.
 *
 * Private to proto.
 */
#pragma once

#include "common/arena.h"
#include "proto/cursor.h"
#include "proto/validate.h"

struct canonical {
    struct cursor cursor;
    struct arena *arena;
    struct faults *faults; /* room for what nobody reads: clear it afterwards */
    bool trusted;          /* from the journal: UTF-8 is checked, limits are not */
};

/* The header of a map: how many pairs follow. */
bool canonical_pairs(struct canonical *self, uint32_t *count);

/* The key of one of `fields`, a bit per field of the shape; leaves in it those that may still follow. NULL: another. */
const struct field *canonical_key(struct canonical *self, const struct shape *shape, uint64_t *fields);

/* The value of a field, into its member of `value`, and its bit. */
bool canonical_member(struct canonical *self, const struct shape *shape, const struct field *field, void *value);

/* A map that holds some of `fields` and at least `required`. */
bool canonical_map(struct canonical *self, const struct shape *shape, uint64_t fields, uint64_t required, void *value);

/* The event of a client at the cursor; `kept` is filled. Other bytes may follow it. */
bool canonical_event(struct canonical *self, struct event *event);

/* A journal's head at the cursor, and its side, empty or all of `side`. */
bool canonical_head(struct canonical *self, struct text side, struct event *event);
