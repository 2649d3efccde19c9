/* The hash table: growth, hashes. */
#include "services/aggregator/table.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "common/error.h"

#define CAPACITY_LEAST 16
#define TABLE_TEXT_MAX 120 /* bytes that the words of the key cover */

static_assert(TABLE_TEXT_MAX / 4 + 3 <= TABLE_KEY_WORDS, "a word of the key for each of the text, and three besides");

static void place(struct table *table, struct table_slot slot) {
    size_t mask = table->capacity - 1;
    size_t at = slot.hash & mask;
    while (table->slots[at].number != 0) {
        at = (at + 1) & mask;
    }
    table->slots[at] = slot;
}

static int grow_to(struct table *table, size_t capacity) {
    struct table larger = *table;
    larger.capacity = capacity;
    bool fits = capacity <= SIZE_MAX / sizeof *larger.slots;
    larger.slots = fits ? malloc(capacity * sizeof *larger.slots) : NULL;
    if (!larger.slots) {
        return -(int)ERR_NO_MEMORY;
    }
    /* Not calloc: a free slot that is read before it is written costs two page faults, and the second interrupts the
     * other processors. */
    memset(larger.slots, 0, capacity * sizeof *larger.slots);
    for (size_t i = 0; i < table->capacity; i++) {
        if (table->slots[i].number != 0) {
            place(&larger, table->slots[i]);
        }
    }
    free(table->slots);
    *table = larger;
    return 0;
}

int table_reserve(struct table *table) {
    bool full = table->count >= table->capacity / 4 * 3;
    return full ? grow_to(table, table->capacity ? table->capacity * 2 : CAPACITY_LEAST) : 0;
}

int table_reserve_all(struct table *table, uint64_t entries) {
    size_t capacity = table->capacity ? table->capacity : CAPACITY_LEAST;
    while (capacity / 4 * 3 < entries) {
        capacity *= 2;
    }
    return capacity > table->capacity ? grow_to(table, capacity) : 0;
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
    randombytes_buf(table->key, sizeof table->key);
}

/* The sum over the words of the text, each times its own word of the key; the last one holds what is left over. */
static uint64_t hash_words(const uint64_t *key, const uint8_t *bytes, size_t length) {
    uint64_t sum = key[0] + length * key[1];
    for (key += 2; length >= 4; key++, bytes += 4, length -= 4) {
        uint32_t word;
        memcpy(&word, bytes, sizeof word);
        sum += *key * word;
    }
    uint32_t rest = 0;
    for (size_t i = 0; i < length; i++) {
        rest |= (uint32_t)bytes[i] << 8 * i;
    }
    return sum + *key * rest;
}

uint32_t table_hash_bytes(const struct table *table, const void *bytes, size_t length) {
    uint8_t digest[crypto_generichash_BYTES];
    if (length > TABLE_TEXT_MAX) {
        crypto_generichash(digest, sizeof digest, bytes, length, (const uint8_t *)table->key,
                           crypto_generichash_KEYBYTES);
        bytes = digest;
        length = sizeof digest;
    }
    return (uint32_t)(hash_words(table->key, bytes, length) >> 32);
}
