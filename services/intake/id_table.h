/* A table from ids to numbers, in memory: open addressing, at most half full, keyed hash (ids are chosen by clients).
 *
 * Zero-initialised is empty. A number is never 0: that means "not there". Nothing blocks.
 */
#pragma once

#include "services/intake/id_set.h"

struct id_slot {
    struct id id;
    uint64_t number;
};

struct id_table {
    struct id_slot *slots;
    uint32_t capacity; /* a power of two, or 0 */
    uint32_t count;
    uint8_t key[ID_HASH_KEY_BYTES]; /* drawn when the first id comes, or before, by id_table_draw_key */
    bool keyed;
};

/* Draws the key, so that hashes can be made before anything is in the table. */
void id_table_draw_key(struct id_table *table);

/* Makes room for one more, so that the next put cannot fail. Returns 0 or -ERR_NO_MEMORY. */
int id_table_reserve(struct id_table *table);

/* Sets the number of an id. Returns 0 or -ERR_NO_MEMORY. */
int id_table_put(struct id_table *table, const struct id *id, uint64_t number);
uint64_t id_table_get(const struct id_table *table, const struct id *id); /* 0: not there */
void id_table_remove(struct id_table *table, const struct id *id);

/* The same for whoever has made `hash` by id_hash with the table's key. */
int id_table_put_hashed(struct id_table *table, const struct id *id, uint64_t hash, uint64_t number);
uint64_t id_table_get_hashed(const struct id_table *table, const struct id *id, uint64_t hash);
void id_table_remove_hashed(struct id_table *table, const struct id *id, uint64_t hash);
void id_table_prefetch(const struct id_table *table, uint64_t hash); /* starts to load what they will look at */
void id_table_clear(struct id_table *table);                         /* keeps the memory */
void id_table_free(struct id_table *table);
