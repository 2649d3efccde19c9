/* An aggregator for tests of its books: events go in one by one, answers come out, and what was saved is read back. */
#pragma once

#include <stdio.h>
#include <stdlib.h>

#include "services/aggregator/aggregator.h"
#include "services/aggregator/fold.h"
#include "services/aggregator/pages.h"

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

/* The tally is written page by page and read back. */
static inline void desk_read_back(struct desk *desk) {
    struct tally *before = desk->aggregator.tally;
    struct tally *again = tally_create();
    struct pages_head head;
    struct buffer bytes = {0};
    pages_write_head(before, &bytes);
    assert_int_equal(pages_read_head(again, (struct text){(char *)bytes.data, (uint32_t)bytes.length}, &head), 0);
    assert_int_equal(pages_expect(again, &head), 0);
    for (uint32_t kind = 0; kind < pages_kinds(); kind++) {
        for (uint32_t page = 0; page * (uint64_t)PAGE_ROWS < pages_rows(before, kind); page++) {
            buffer_clear(&bytes);
            pages_write(before, kind, page, &bytes);
            assert_int_equal(pages_read(again, kind, (struct text){(char *)bytes.data, (uint32_t)bytes.length}), 0);
        }
    }
    assert_int_equal(pages_complete(again), 0);
    again->position = head.position;
    buffer_free(&bytes);
    tally_destroy(&desk->aggregator.tally);
    desk->aggregator.tally = again;
}

/* An answer as the door sends it, for comparing bytes. */
static inline struct buffer desk_bytes(enum shape_index shape, const void *answer) {
    struct buffer bytes = {0};
    assert_int_equal(codec_encode(shape_of(shape), answer, &bytes), 0);
    return bytes;
}
