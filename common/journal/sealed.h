/* A block as it becomes durable: chained, its side sealed, laid out as a record of the log, with its ids and marks.
 *
 * Made once, never changed, shared by counted references between the log, the tail in memory and the database's
 * tables. Nothing blocks.
 */
#pragma once

#include <stdatomic.h>

#include "common/journal/journal.h"
#include "common/journal/record.h"

struct sealed_block {
    atomic_uint references;
    struct record record;
    const uint8_t *bytes; /* the whole record */
    size_t length;
    struct text head; /* in `bytes` */
    struct text side; /* in `bytes`, sealed */
    struct id *ids;
    struct journal_mark *marks;
    uint32_t mark_count;
    struct tail_entry *entries; /* of the tail's index; NULL: not in it. Under the tail's lock */
};

/* What a block is sealed with, and what it follows on. */
struct sealer {
    const struct side_cipher *cipher;
    const uint8_t *record_key;
    uint64_t epoch;
    struct hash previous;
};

/* One reference is the caller's. 0, -ERR_NO_MEMORY. */
int sealed_block_make(struct sealed_block **block, const struct sealer *sealer,
                      const struct journal_append_block *source, struct error *error);

/* The same from a record that was read; `bytes` holds all of it. Checks everything: 1 made, 0 when head or side are not
 * those that were written (torn, or damaged), < 0 error; -ERR_CORRUPT when marks cannot be derived. */
int sealed_block_read(struct sealed_block **block, const struct record *record, const uint8_t *bytes,
                      const struct side_cipher *cipher, journal_derive derive, struct error *error);

struct sealed_block *sealed_block_retain(struct sealed_block *block);
void sealed_block_release(struct sealed_block **block);
