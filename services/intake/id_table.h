/* A table from ids to numbers, in memory: open addressing, at most half full, keyed hash (ids are chosen by clients).
 *
 * Zero-initialised is empty. A number is never 0: that means "not there". Nothing blocks.
 */
#pragma once

#include "proto/types.h"

struct id_slot {
    struct id id;
    uint64_t number;
};

struct id_table {
    struct id_slot *slots;
    uint32_t capacity; /* a power of two, or 0 */
    uint32_t count;
    uint8_t key[16];
};

/* Makes room for one more, so that the next put cannot fail. Returns 0 or -ERR_NO_MEMORY. */
int id_table_reserve(struct id_table *table);

/* Sets the number of an id. Returns 0 or -ERR_NO_MEMORY. */
int id_table_put(struct id_table *table, const struct id *id, uint64_t number);
uint64_t id_table_get(const struct id_table *table, const struct id *id); /* 0: not there */
void id_table_remove(struct id_table *table, const struct id *id);
void id_table_clear(struct id_table *table); /* keeps the memory */
void id_table_free(struct id_table *table);
