/* A set of ids, in memory: which of them may be in it, by a fingerprint of eight bytes each.
 *
 * The fingerprints are keyed hashes (id_hash) in one flat table, at most half full, so that a look-up touches one cache
 * line of a table that is a third of the ids' own. An id that was not added is taken for one that was only if its 64
 * bits are the same. The ids themselves stand in the order in which they were added, for whoever goes through them.
 * Zero-initialised is empty. Nothing blocks.
 */
#pragma once

#include "proto/types.h"

struct id_set {
    uint64_t *slots; /* fingerprints; 0: free */
    struct id *ids;
    uint32_t capacity; /* slots: a power of two, or 0; there is room for half as many ids */
    uint32_t count;
};

#define ID_HASH_KEY_BYTES 16

/* Ids are chosen by clients: without the key nobody can make them meet. Never 0. */
uint64_t id_hash(const uint8_t key[ID_HASH_KEY_BYTES], const struct id *id);

/* Adds an id, again if it is there. Returns 0 or -ERR_NO_MEMORY. */
int id_set_add(struct id_set *set, const struct id *id, uint64_t hash);

/* Starts to load what id_set_may_hold will look at. */
static inline void id_set_prefetch(const struct id_set *set, uint64_t hash) {
    if (set->capacity > 0) {
        __builtin_prefetch(&set->slots[hash & (set->capacity - 1)]);
    }
}

static inline bool id_set_may_hold(const struct id_set *set, uint64_t hash) {
    if (set->count == 0) {
        return false;
    }
    uint32_t mask = set->capacity - 1;
    uint32_t index = (uint32_t)hash & mask;
    while (set->slots[index] != 0 && set->slots[index] != hash) {
        index = (index + 1) & mask;
    }
    return set->slots[index] != 0;
}

void id_set_clear(struct id_set *set); /* keeps the memory */
void id_set_free(struct id_set *set);
