/* An aggregator for tests of its books: events go in one by one, answers come out, and what was saved is read back. */
#pragma once

#include <stdio.h>
#include <stdlib.h>

#include "services/aggregator/aggregator.h"
#include "services/aggregator/fold.h"
#include "tests/unit/read_back.h"

struct desk {
    uint64_t dice;
    uint64_t seq;
    struct aggregator aggregator;
};

static inline struct desk *desk_open(uint64_t seed) {
    struct desk *desk = calloc(1, sizeof *desk);
    assert_non_null(desk);
    desk->dice = seed * 7919;
    desk->aggregator.tally = tally_create();
    desk->aggregator.question_arena = arena_create(SIZE_MAX);
    assert_non_null(desk->aggregator.tally);
    return desk;
}

static inline void desk_close(struct desk *desk) {
    tally_destroy(&desk->aggregator.tally);
    arena_destroy(&desk->aggregator.question_arena);
    rows_free(&desk->aggregator.rows);
    squads_free(&desk->aggregator.squads);
    free(desk);
}

static inline uint32_t desk_draw(struct desk *desk, uint32_t below) {
    desk->dice = desk->dice * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)((desk->dice >> 33) % below);
}

/* The id of the event `seq`. */
static inline struct id desk_id(uint64_t seq) {
    struct id id = {{9}};
    id.bytes[14] = (uint8_t)(seq >> 8);
    id.bytes[15] = (uint8_t)seq;
    return id;
}

/* Folds one event; its number. */
static inline uint64_t desk_fold(struct desk *desk, enum event_type type, const char *unit, int64_t at,
                                 union event_body *body) {
    struct error error = {0};
    struct event event = {.type = type,
                          .id = desk_id(++desk->seq),
                          .unit = text_of(unit),
                          .at = at,
                          .received_at = at,
                          .seq = desk->seq,
                          .body = body};
    assert_int_equal(fold_event(desk->aggregator.tally, &event, &error), 0);
    desk->aggregator.tally->position = (struct position){7, 1, desk->seq, 99};
    return desk->seq;
}

/* An answer as the door sends it, for comparing bytes. */
static inline struct buffer desk_bytes(enum shape_index shape, const void *answer) {
    struct buffer bytes = {0};
    assert_int_equal(codec_encode(shape_of(shape), answer, &bytes), 0);
    return bytes;
}
