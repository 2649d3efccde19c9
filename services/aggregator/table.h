/* A hash table from keys to row numbers: open addressing, no deletion, no allocation per entry.
 *
 * The keys stay in the owner's rows; the table keeps 8 bytes a slot (32 bits of the hash, the number). Zero-initialised
 * is empty. Not thread-safe; nothing blocks.
 *
 *     uint32_t hash = table_hash_bytes(&names->table, text.data, text.length);
 *     uint32_t number = table_find(&names->table, hash, name_is, names, &text);
 *     if (number == TABLE_NONE && table_reserve(&names->table) == 0) {
 *         number = names->count++;
 *         table_add(&names->table, hash, number);
 *     }
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TABLE_NONE UINT32_MAX
#define TABLE_KEY_WORDS 33

struct table_slot {
    uint32_t hash;
    uint32_t number; /* plus one; 0 is a free slot */
};

struct table {
    struct table_slot *slots;
    size_t capacity; /* a power of two, or 0 */
    size_t count;
    uint64_t key[TABLE_KEY_WORDS]; /* of table_hash_bytes */
};

/* Whether row `number` of `owner` has `key`. */
typedef bool (*table_same)(const void *owner, uint32_t number, const void *key);

/* The number of the row with `key`, or TABLE_NONE. */
static inline uint32_t table_find(const struct table *table, uint32_t hash, table_same same, const void *owner,
                                  const void *key) {
    if (table->capacity == 0) {
        return TABLE_NONE;
    }
    size_t mask = table->capacity - 1;
    for (size_t at = hash & mask; table->slots[at].number != 0; at = (at + 1) & mask) {
        if (table->slots[at].hash == hash && same(owner, table->slots[at].number - 1, key)) {
            return table->slots[at].number - 1;
        }
    }
    return TABLE_NONE;
}

/* The number of a row whose key has that hash, likely the one: to bring it nearer before it is looked for. TABLE_NONE: there is
 * none. */
static inline uint32_t table_guess(const struct table *table, uint32_t hash) {
    if (table->capacity == 0) {
        return TABLE_NONE;
    }
    size_t mask = table->capacity - 1;
    size_t at = hash & mask;
    while (table->slots[at].number != 0 && table->slots[at].hash != hash) {
        at = (at + 1) & mask;
    }
    return table->slots[at].number - 1;
}

/* Makes room for one more entry, or for `entries` altogether. 0 or -ERR_NO_MEMORY. */
int table_reserve(struct table *table);
int table_reserve_all(struct table *table, uint64_t entries);

/* Adds an entry that is not there yet, after table_reserve. */
void table_add(struct table *table, uint32_t hash, uint32_t number);

void table_clear(struct table *table); /* keeps the memory */
void table_free(struct table *table);

/* Brings the slot where `hash` would be found nearer to the processor. */
static inline void table_prefetch(const struct table *table, uint32_t hash) {
    if (table->capacity > 0) {
        __builtin_prefetch(&table->slots[hash & (table->capacity - 1)]);
    }
}

/* Hashes. table_hash_bytes is multilinear hashing (Lemire and Kaser, "Strongly universal string hashing is fast", 2014)
 * under the table's key, which table_draw_key draws at random before the first use: two keys, also chosen ones, collide
 * with a chance of 2^-32. table_hash_pair mixes two row numbers, which nobody chooses freely. */
void table_draw_key(struct table *table);
uint32_t table_hash_bytes(const struct table *table, const void *bytes, size_t length);

static inline uint32_t table_hash_pair(uint32_t a, uint32_t b) {
    uint64_t x = ((uint64_t)a << 32 | b) * UINT64_C(0x9E3779B97F4A7C15);
    x ^= x >> 32;
    x *= UINT64_C(0xD6E8FEB86659FD93);
    return (uint32_t)(x >> 32);
}
