/* Where in the tail the ids and marks are: a hash table that is filled when somebody asks, not when blocks come, so
 * that the way of a receipt does not pay for it. Under the tail's lock. */
#pragma once

#include "common/journal/sealed.h"

#define TAIL_BUCKETS 32768 /* a power of two */

enum tail_key { TAIL_ID, TAIL_MARK };

struct tail_entry {
    struct tail_entry *next; /* in its bucket, by rising seq */
    struct text key;         /* borrowed from the block */
    uint64_t seq;
    enum tail_key kind;
    uint32_t bucket;
};

struct tail_bucket {
    struct tail_entry *first;
    struct tail_entry *last;
};

struct tail_index {
    struct tail_bucket *buckets; /* made with the first block */
    uint8_t seed[16];
};

/* Adds the block, which comes after all that are there. 0, -ERR_NO_MEMORY. */
int tail_index_add(struct tail_index *index, struct sealed_block *block);

/* Takes the block out, which is the first of those that are there; one that was never added is passed over. */
void tail_index_remove(struct tail_index *index, struct sealed_block *block);

void tail_index_free(struct tail_index *index);

/* The first entry with the key, or the next one after `entry`; NULL at the end. */
const struct tail_entry *tail_index_find(const struct tail_index *index, enum tail_key kind, struct text key);
const struct tail_entry *tail_index_next(const struct tail_entry *entry);
