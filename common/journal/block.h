/* One block, event by event. */
#pragma once

#include "common/journal/journal.h"
#include "proto/skim.h"

/* Walks the events of a block. Zero-initialise, set `block`, then block_next until it returns 0; < 0 is damage. */
struct block_walk {
    const struct journal_block *block;
    const struct skim *wanted; /* read only these fields, sides of whole events alone; NULL: whole events */
    size_t used;
    uint32_t index;
    struct text *salts;
    struct text *sides;
};

/* 1 with the next event (views borrow from the block and from `arena`), 0 at the end, -ERR_CORRUPT when something
 * does not fit: the encoding, a seq, a side that is not the one its event's head was committed to, bytes that are left
 * over. With a side the arena must not be reset before the walk is over. */
int block_next(struct block_walk *walk, struct arena *arena, struct event *event, struct error *error);
