/* Linear probing; a removal moves later slots back, so that there are no tombstones. */
#include "services/intake/id_table.h"

#include <sodium.h>
#include <stdlib.h>

#include "common/error.h"

#define FIRST_CAPACITY 64

void id_table_draw_key(struct id_table *table) {
    if (!table->keyed) {
        crypto_shorthash_keygen(table->key);
        table->keyed = true;
    }
}

/* The slot of the id, or the free one where it would stand. */
static struct id_slot *slot_of(const struct id_table *table, const struct id *id, uint64_t hash) {
    uint32_t index = (uint32_t)hash & (table->capacity - 1);
    while (table->slots[index].number != 0 && !id_equal(&table->slots[index].id, id)) {
        index = (index + 1) & (table->capacity - 1);
    }
    return &table->slots[index];
}

static int resize(struct id_table *table, uint32_t capacity) {
    id_table_draw_key(table);
    struct id_table larger = *table;
    larger.slots = calloc(capacity, sizeof *larger.slots);
    larger.capacity = capacity;
    if (!larger.slots) {
        return -ERR_NO_MEMORY;
    }
    for (uint32_t i = 0; i < table->capacity; i++) {
        const struct id_slot *slot = &table->slots[i];
        if (slot->number != 0) {
            *slot_of(&larger, &slot->id, id_hash(table->key, &slot->id)) = *slot;
        }
    }
    free(table->slots);
    *table = larger;
    return 0;
}

int id_table_reserve(struct id_table *table) {
    if (table->count < table->capacity / 2) {
        return 0;
    }
    if (table->capacity > UINT32_MAX / 2) {
        return -ERR_NO_MEMORY;
    }
    return resize(table, table->capacity ? table->capacity * 2 : FIRST_CAPACITY);
}

int id_table_put_hashed(struct id_table *table, const struct id *id, uint64_t hash, uint64_t number) {
    int result = id_table_reserve(table);
    if (result < 0) {
        return result;
    }
    struct id_slot *slot = slot_of(table, id, hash);
    table->count += slot->number == 0;
    *slot = (struct id_slot){*id, number};
    return 0;
}

int id_table_put(struct id_table *table, const struct id *id, uint64_t number) {
    id_table_draw_key(table);
    return id_table_put_hashed(table, id, id_hash(table->key, id), number);
}

uint64_t id_table_get_hashed(const struct id_table *table, const struct id *id, uint64_t hash) {
    return table->count > 0 ? slot_of(table, id, hash)->number : 0;
}

uint64_t id_table_get(const struct id_table *table, const struct id *id) {
    return table->count > 0 ? slot_of(table, id, id_hash(table->key, id))->number : 0;
}

void id_table_prefetch(const struct id_table *table, uint64_t hash) {
    if (table->capacity > 0) {
        __builtin_prefetch(&table->slots[hash & (table->capacity - 1)]);
    }
}

/* Whether the slot at `index` may move to the hole: its home is not behind the hole, going round. */
static bool may_move(const struct id_table *table, uint32_t hole, uint32_t index) {
    uint32_t mask = table->capacity - 1;
    uint32_t home = (uint32_t)id_hash(table->key, &table->slots[index].id) & mask;
    return ((index - home) & mask) >= ((index - hole) & mask);
}

void id_table_remove_hashed(struct id_table *table, const struct id *id, uint64_t hash) {
    struct id_slot *slot = table->count > 0 ? slot_of(table, id, hash) : NULL;
    if (!slot || slot->number == 0) {
        return;
    }
    uint32_t hole = (uint32_t)(slot - table->slots);
    uint32_t index = hole;
    for (;;) {
        index = (index + 1) & (table->capacity - 1);
        if (table->slots[index].number == 0) {
            break;
        }
        if (may_move(table, hole, index)) {
            table->slots[hole] = table->slots[index];
            hole = index;
        }
    }
    table->slots[hole] = (struct id_slot){0};
    table->count--;
}

void id_table_remove(struct id_table *table, const struct id *id) {
    id_table_remove_hashed(table, id, id_hash(table->key, id));
}

void id_table_clear(struct id_table *table) {
    if (table->count > 0) {
        memset(table->slots, 0, table->capacity * sizeof *table->slots);
        table->count = 0;
    }
}

void id_table_free(struct id_table *table) {
    free(table->slots);
    *table = (struct id_table){0};
}
