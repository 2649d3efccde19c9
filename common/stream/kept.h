/* The newest blocks as they go over the wire, kept so that consumers at the head share one reading and encoding. */
#pragma once

#include "common/journal/journal.h"

#define KEPT_BLOCKS 64
#define KEPT_BYTES (4u << 20) /* of them all, but for the newest */

/* An encoded stream_block. */
struct kept_block {
    uint64_t after; /* the block begins behind this seq */
    uint64_t end;   /* its last seq; 0: the place is free */
    bool side;
    struct buffer payload;
};

struct kept_blocks {
    struct kept_block places[KEPT_BLOCKS]; /* used in turn */
    uint32_t next;
    size_t bytes; /* of memory that places hold */
    struct arena *arena;
};

int kept_open(struct kept_blocks *kept, struct error *error);
void kept_close(struct kept_blocks *kept);

/* The block that begins behind `after`, kept or read from the journal now: 1 found, 0 none yet, < 0 error. Borrowed
 * until the next call. */
int kept_get(struct kept_blocks *kept, struct journal_reader *reader, uint64_t after, bool side,
             const struct kept_block **block, struct error *error);

/* Keeps a block that is at hand, with its side or without. When there is no memory for it, kept_get reads it. */
void kept_put(struct kept_blocks *kept, const struct journal_block *block, bool side);

/* Drops and wipes what is kept: sides were erased. */
void kept_forget(struct kept_blocks *kept);
