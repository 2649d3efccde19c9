/* Linear probing; nothing is ever removed but everything at once. */
#include "services/intake/id_set.h"

#include <assert.h>
#include <sodium.h>
#include <stdlib.h>

#include "common/error.h"

#define FIRST_CAPACITY 128

static_assert(crypto_shorthash_KEYBYTES == ID_HASH_KEY_BYTES, "the key is SipHash's");

uint64_t id_hash(const uint8_t key[ID_HASH_KEY_BYTES], const struct id *id) {
    uint64_t hash = 0;
    crypto_shorthash((unsigned char *)&hash, id->bytes, ID_BYTES, key);
    return hash != 0 ? hash : 1;
}

/* Twice as many of an id's fingerprint do no harm, but take room. */
static void insert(uint64_t *slots, uint32_t capacity, uint64_t hash) {
    uint32_t index = (uint32_t)hash & (capacity - 1);
    while (slots[index] != 0) {
        index = (index + 1) & (capacity - 1);
    }
    slots[index] = hash;
}

static int grow(struct id_set *set) {
    if (set->capacity > UINT32_MAX / 2) {
        return -ERR_NO_MEMORY;
    }
    uint32_t capacity = set->capacity > 0 ? 2 * set->capacity : FIRST_CAPACITY;
    struct id *ids = realloc(set->ids, capacity / 2 * sizeof *ids);
    if (!ids) {
        return -ERR_NO_MEMORY;
    }
    set->ids = ids;
    uint64_t *slots = calloc(capacity, sizeof *slots);
    if (!slots) {
        return -ERR_NO_MEMORY;
    }
    for (uint32_t i = 0; i < set->capacity; i++) {
        if (set->slots[i] != 0) {
            insert(slots, capacity, set->slots[i]);
        }
    }
    free(set->slots);
    set->slots = slots;
    set->capacity = capacity;
    return 0;
}

int id_set_add(struct id_set *set, const struct id *id, uint64_t hash) {
    int result = set->count < set->capacity / 2 ? 0 : grow(set);
    if (result == 0) {
        insert(set->slots, set->capacity, hash);
        set->ids[set->count++] = *id;
    }
    return result;
}

void id_set_clear(struct id_set *set) {
    if (set->count > 0) {
        memset(set->slots, 0, set->capacity * sizeof *set->slots);
        set->count = 0;
    }
}

void id_set_free(struct id_set *set) {
    free(set->slots);
    free(set->ids);
    *set = (struct id_set){0};
}
