/* A map from texts to pointers, in memory: open addressing, at most half full, keyed hash. Keys are copied.
 *
 * Zero-initialised is empty. Nothing is ever removed but everything at once. Nothing blocks.
 */
#pragma once

#include "proto/types.h"

struct text_slot {
    struct text key; /* owned */
    void *value;     /* borrowed; NULL: a free slot */
};

struct text_map {
    struct text_slot *slots;
    uint32_t capacity; /* a power of two, or 0 */
    uint32_t count;
    uint8_t seed[16];
};

/* Sets the value of a key; `value` is not NULL. Returns 0 or -ERR_NO_MEMORY. */
int text_map_put(struct text_map *map, struct text key, void *value);
void *text_map_get(const struct text_map *map, struct text key); /* NULL: not there */

/* Frees the map and calls `release` (may be NULL) for each value. */
void text_map_free(struct text_map *map, void (*release)(void *value));
