/* Skimming a head: what is wanted is what the whole decoding gives, for every type, any choice of fields, any bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "proto/sample.h"
#include "proto/skim.h"

#define ROUNDS 300
#define FLIPS 40

struct scene {
    struct arena *arena;
    struct sampler sampler;
    struct buffer head;
    struct buffer expected;
    struct buffer found;
};

static int setup(void **state) {
    struct scene *scene = calloc(1, sizeof *scene);
    const char *seed = getenv("CHAOXUN_SEED");
    scene->arena = arena_create(64u << 20);
    scene->sampler = (struct sampler){.state = seed ? strtoull(seed, NULL, 10) : 7, .arena = scene->arena};
    print_message("CHAOXUN_SEED=%llu\n", (unsigned long long)scene->sampler.state);
    *state = scene;
    return 0;
}

static int teardown(void **state) {
    struct scene *scene = *state;
    buffer_free(&scene->head);
    buffer_free(&scene->expected);
    buffer_free(&scene->found);
    arena_destroy(&scene->arena);
    free(scene);
    return 0;
}

static struct text view(const struct buffer *buffer) {
    return (struct text){(const char *)buffer->data, (uint32_t)buffer->length};
}

/* A head of a random type in scene->head. */
static enum event_type make_head(struct scene *scene) {
    struct event event;
    enum event_type type = (enum event_type)sample_below(&scene->sampler, EVENT_TYPE_COUNT);
    arena_reset(scene->arena);
    sample_event(&scene->sampler, type, &event);
    event.seq = 1 + sample_below(&scene->sampler, INT64_MAX);
    event.received_at = event.at;
    event.source = text_of("client:someone");
    buffer_clear(&scene->head);
    assert_int_equal(codec_encode_event(&event, PART_HEAD, &scene->head), 0);
    return type;
}

/* The fields `wanted` of a body, as bytes. */
static void encode_wanted(const struct shape *shape, const struct event *event, uint64_t wanted, struct buffer *out) {
    buffer_clear(out);
    if (event->body) {
        *(uint64_t *)event->body &= wanted & ~shape->side_fields;
        assert_int_equal(codec_encode(shape, event->body, out), 0);
    }
}

static void assert_same(struct scene *scene, enum event_type type, uint64_t wanted, struct event *whole,
                        struct event *some) {
    assert_int_equal(whole->type, some->type);
    assert_int_equal(whole->seq, some->seq);
    assert_memory_equal(whole->id.bytes, some->id.bytes, ID_BYTES);
    assert_true(text_equal(whole->unit, some->unit));
    const struct shape *shape = event_row(type)->body;
    encode_wanted(shape, whole, wanted, &scene->expected);
    encode_wanted(shape, some, wanted, &scene->found);
    assert_int_equal(scene->expected.length, scene->found.length);
    assert_memory_equal(scene->expected.data, scene->found.data, scene->found.length);
}

static void what_is_wanted_is_what_is_there(void **state) {
    struct scene *scene = *state;
    uint32_t skimmed = 0;
    for (int round = 0; round < ROUNDS * 10; round++) {
        enum event_type type = make_head(scene);
        struct skim wanted = {0};
        wanted.bodies[type] = 1 + sample_below(&scene->sampler, UINT64_MAX >> 1);
        struct event whole;
        struct event some;
        struct error error;
        size_t all = 0;
        size_t used = 0;
        assert_int_equal(codec_decode_head(view(&scene->head), (struct text){0}, scene->arena, &whole, &all, &error),
                         0);
        assert_int_equal(codec_skim_head(view(&scene->head), &wanted, scene->arena, &some, &used, &error), 0);
        assert_int_equal(used, all);
        assert_int_equal(all, scene->head.length);
        skimmed += some.source.length == 0; /* nobody wanted it: the whole was not read */
        assert_same(scene, type, wanted.bodies[type], &whole, &some);
    }
    assert_true(skimmed > ROUNDS);
}

/* The fields that the totals need are read by the walk, not by the whole decoding: that is what it is for. */
static void reports_are_skimmed(void **state) {
    struct scene *scene = *state;
    static const struct skim wanted = {
        .bodies = {[EVENT_REPORT_SUBMITTED] = SKIM_FIELD(report, programmes) | SKIM_FIELD(report, date) |
                                              SKIM_FIELD(report, attendances) | SKIM_FIELD(report, attendances_approx) |
                                              SKIM_FIELD(report, minutes) | SKIM_FIELD(report, activity)}};
    uint32_t reports = 0;
    for (int round = 0; round < ROUNDS * 10; round++) {
        struct event event;
        struct error error;
        size_t used = 0;
        if (make_head(scene) != EVENT_REPORT_SUBMITTED) {
            continue;
        }
        assert_int_equal(codec_skim_head(view(&scene->head), &wanted, scene->arena, &event, &used, &error), 0);
        assert_int_equal(event.source.length, 0);
        assert_true((event.body->report.present & ~wanted.bodies[EVENT_REPORT_SUBMITTED]) == 0);
        reports++;
    }
    assert_true(reports > 10);
}

/* Where the whole decoding finds no fault, skimming gives the same; where bytes are cut, it is an error. */
static void damage_is_no_surprise(void **state) {
    struct scene *scene = *state;
    for (int round = 0; round < ROUNDS; round++) {
        enum event_type type = make_head(scene);
        struct skim wanted = {0};
        wanted.bodies[type] = UINT64_MAX >> 1;
        for (int flip = 0; flip < FLIPS; flip++) {
            size_t at = sample_below(&scene->sampler, scene->head.length);
            uint8_t mask = (uint8_t)(1U << sample_below(&scene->sampler, 8));
            struct event whole;
            struct event some;
            struct error error;
            size_t all = 0;
            size_t used = 0;
            scene->head.data[at] ^= mask;
            int expected = codec_decode_head(view(&scene->head), (struct text){0}, scene->arena, &whole, &all, &error);
            int found = codec_skim_head(view(&scene->head), &wanted, scene->arena, &some, &used, &error);
            if (expected == 0) {
                assert_int_equal(found, 0);
                assert_int_equal(used, all);
            }
            if (expected == 0 && whole.type == type) {
                assert_same(scene, type, wanted.bodies[type], &whole, &some);
            }
            scene->head.data[at] ^= mask;
            struct text cut = {(const char *)scene->head.data, (uint32_t)at};
            assert_true(codec_skim_head(cut, &wanted, scene->arena, &some, &used, &error) < 0);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_wanted_is_what_is_there, setup, teardown),
        cmocka_unit_test_setup_teardown(reports_are_skimmed, setup, teardown),
        cmocka_unit_test_setup_teardown(damage_is_no_surprise, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
