/* Blocks that go out in one message: a message costs as much as twenty events, so small blocks go together.
 *
 * A parcel of one block is a `block` message with the block as it is kept; one of several is a `blocks` message
 * (stream_blocks), for consumers that asked for it. Each block in it takes its credit.
 */
#pragma once

#include "common/stream/kept.h"
#include "common/stream/rows.h"

#define PARCEL_BYTES 65536 /* what goes together: no more than a consumer folds in a millisecond */
#define PARCEL_BLOCKS 32

struct parcel {
    struct buffer joined; /* several blocks, behind room for what stands before them */
    const char *verb;
    struct text payload; /* borrowed: until the next filling, or the next use of what is kept */
    uint32_t count;      /* blocks in it */
    uint64_t end;        /* seq of the last event in it */
};

/* What goes to the row next, one that may send: blocks behind `row->at` that begin before `end`, as many as it has credit
 * for. 1 filled, 0 there is no block, < 0 error of the first; a later block that cannot be read is left for the next
 * time. */
int parcel_fill(struct parcel *parcel, struct kept_blocks *kept, struct journal_reader *reader, const struct row *row,
                uint64_t end, struct error *error);

/* Wipes what went together: sides were erased. */
void parcel_forget(struct parcel *parcel);
void parcel_free(struct parcel *parcel);
