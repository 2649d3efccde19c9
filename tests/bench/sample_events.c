/* The pool: reports in one piece of memory, and where in each its id stands. */
#include "tests/bench/sample_events.h"

#include <sodium.h>
#include <stdlib.h>

#include "common/clock.h"
#include "services/chaoxun/load_event.h"

#define POOL_EVENTS 1024

struct place {
    size_t begin;
    size_t id; /* of its sixteen bytes */
    uint32_t length;
};

struct sample_events {
    struct buffer bytes;
    struct place places[POOL_EVENTS];
    uint32_t next;
    uint64_t noise;   /* of this run */
    uint64_t counter; /* over all ids */
};

/* The path at `*from`, which moves behind it. */
static struct text next_unit(const char **from) {
    size_t length = strcspn(*from, ",");
    struct text unit = {*from, (uint32_t)length};
    *from += length + ((*from)[length] == ',');
    return unit;
}

static bool add(struct sample_events *events, uint32_t index, struct text unit) {
    static const uint8_t key[] = {0xa2, 'i', 'd', 0xc4, ID_BYTES};
    struct place *place = &events->places[index];
    place->begin = events->bytes.length;
    if (load_event(unit, index, &events->bytes) != 0) {
        return false;
    }
    place->length = (uint32_t)(events->bytes.length - place->begin);
    const uint8_t *found = memmem(events->bytes.data + place->begin, place->length, key, sizeof key);
    if (!found) {
        return false;
    }
    place->id = (size_t)(found + sizeof key - events->bytes.data);
    return true;
}

struct sample_events *sample_events_make(const char *units) {
    struct sample_events *events = calloc(1, sizeof *events);
    bool made = events && sodium_init() >= 0 && units[0] != '\0';
    const char *from = units;
    for (uint32_t i = 0; i < POOL_EVENTS && made; i++) {
        made = add(events, i, next_unit(&from));
        from = *from == '\0' ? units : from;
    }
    if (!made) {
        sample_events_free(&events);
        return NULL;
    }
    randombytes_buf(&events->noise, sizeof events->noise);
    return events;
}

void sample_events_free(struct sample_events **events) {
    if (*events) {
        buffer_free(&(*events)->bytes);
        free(*events);
        *events = NULL;
    }
}

/* A UUIDv7: milliseconds, then a counter that no other id of this run has, then the run's own noise. */
static void stamp(struct sample_events *events, uint8_t id[ID_BYTES]) {
    uint64_t high = (uint64_t)clock_now() << 16 | 0x7000 | (events->counter >> 30 & 0xFFF);
    uint64_t low = UINT64_C(1) << 63 | (events->counter & 0x3FFFFFFF) << 32 | (events->noise & UINT32_MAX);
    high = htobe64(high);
    low = htobe64(low);
    memcpy(id, &high, sizeof high);
    memcpy(id + sizeof high, &low, sizeof low);
    events->counter++;
}

struct text sample_events_take(struct sample_events *events) {
    const struct place *place = &events->places[events->next];
    events->next = (events->next + 1) % POOL_EVENTS;
    stamp(events, events->bytes.data + place->id);
    return (struct text){(const char *)events->bytes.data + place->begin, place->length};
}

uint32_t sample_events_bytes(const struct sample_events *events) {
    return (uint32_t)(events->bytes.length / POOL_EVENTS);
}
