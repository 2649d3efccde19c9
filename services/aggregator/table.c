/* The hash table: growth, hashes. */
#include "services/aggregator/table.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "common/error.h"

#define CAPACITY_LEAST 16

static void place(struct table *table, struct table_slot slot) {
    size_t mask = table->capacity - 1;
    size_t at = slot.hash & mask;
    while (table->slots[at].number != 0) {
        at = (at + 1) & mask;
    }
    table->slots[at] = slot;
}

int table_reserve(struct table *table) {
    if (table->count < table->capacity / 4 * 3) {
        return 0;
    }
    struct table larger = *table;
    larger.capacity = table->capacity ? table->capacity * 2 : CAPACITY_LEAST;
    larger.slots = calloc(larger.capacity, sizeof *larger.slots);
    if (!larger.slots) {
        return -(int)ERR_NO_MEMORY;
    }
    for (size_t i = 0; i < table->capacity; i++) {
        if (table->slots[i].number != 0) {
            place(&larger, table->slots[i]);
        }
    }
    free(table->slots);
    *table = larger;
    return 0;
}

void table_add(struct table *table, uint32_t hash, uint32_t number) {
    assert(number != TABLE_NONE && table->count < table->capacity);
    place(table, (struct table_slot){hash, number + 1});
    table->count++;
}

void table_clear(struct table *table) {
    if (table->count > 0) {
        memset(table->slots, 0, table->capacity * sizeof *table->slots);
    }
    table->count = 0;
}

void table_free(struct table *table) {
    free(table->slots);
    table->slots = NULL;
    table->capacity = 0;
    table->count = 0;
}

void table_draw_key(struct table *table) {
    static_assert(TABLE_KEY_BYTES == crypto_shorthash_KEYBYTES, "the key of SipHash");
    crypto_shorthash_keygen(table->key);
}

uint32_t table_hash_bytes(const struct table *table, const void *bytes, size_t length) {
    uint8_t out[crypto_shorthash_BYTES];
    crypto_shorthash(out, bytes, length, table->key);
    uint32_t hash = 0;
    memcpy(&hash, out, sizeof hash);
    return hash;
}
