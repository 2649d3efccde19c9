/* Linear probing without removal. */
#include "services/intake/text_map.h"

#include <sodium.h>
#include <stdlib.h>

#include "common/error.h"

#define FIRST_CAPACITY 64

static struct text_slot *slot_of(const struct text_map *map, struct text key) {
    uint64_t hash = 0;
    crypto_shorthash((unsigned char *)&hash, (const unsigned char *)key.data, key.length, map->seed);
    uint32_t index = (uint32_t)hash & (map->capacity - 1);
    while (map->slots[index].value && !text_equal(map->slots[index].key, key)) {
        index = (index + 1) & (map->capacity - 1);
    }
    return &map->slots[index];
}

static int make_room(struct text_map *map) {
    if (map->count < map->capacity / 2) {
        return 0;
    }
    struct text_map larger = {.capacity = map->capacity ? map->capacity * 2 : FIRST_CAPACITY, .count = map->count};
    larger.slots = larger.capacity > map->capacity ? calloc(larger.capacity, sizeof *larger.slots) : NULL;
    if (!larger.slots) {
        return -ERR_NO_MEMORY;
    }
    crypto_shorthash_keygen(larger.seed);
    for (uint32_t i = 0; i < map->capacity; i++) {
        if (map->slots[i].value) {
            *slot_of(&larger, map->slots[i].key) = map->slots[i];
        }
    }
    free(map->slots);
    *map = larger;
    return 0;
}

static char *copy_of(struct text key) {
    char *copy = malloc(key.length + 1);
    return copy ? memcpy(copy, key.data, key.length) : NULL;
}

int text_map_put(struct text_map *map, struct text key, void *value) {
    if (make_room(map) < 0) {
        return -ERR_NO_MEMORY;
    }
    struct text_slot *slot = slot_of(map, key);
    if (!slot->value) {
        slot->key = (struct text){copy_of(key), key.length};
        if (!slot->key.data) {
            return -ERR_NO_MEMORY;
        }
        map->count++;
    }
    slot->value = value;
    return 0;
}

void *text_map_get(const struct text_map *map, struct text key) {
    return map->count > 0 && key.length > 0 ? slot_of(map, key)->value : NULL;
}

void text_map_free(struct text_map *map, void (*release)(void *value)) {
    for (uint32_t i = 0; i < map->capacity; i++) {
        if (map->slots[i].value && release) {
            release(map->slots[i].value);
        }
        free((char *)map->slots[i].key.data);
    }
    free(map->slots);
    *map = (struct text_map){0};
}
