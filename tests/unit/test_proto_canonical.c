/* The quick way of reading events against the general one: on what is canonical, and on what chance makes of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "proto/codec.h"
#include "proto/cursor.h"
#include "proto/sample.h"
#include "tests/fuzz/canonical_check.h"
#include "tests/unit/message.h"

#define ROUNDS 60
#define MUTATIONS 12

struct scene {
    struct arena *arena;
    struct buffer client;
    struct buffer head;
    struct buffer side;
    struct buffer changed;
};

static int setup(void **state) {
    static struct scene scene;
    scene = (struct scene){.arena = arena_create(64u << 20)};
    *state = &scene;
    return 0;
}

static int teardown(void **state) {
    struct scene *scene = *state;
    arena_destroy(&scene->arena);
    buffer_free(&scene->client);
    buffer_free(&scene->head);
    buffer_free(&scene->side);
    buffer_free(&scene->changed);
    return 0;
}

static struct text view(const struct buffer *buffer) {
    return (struct text){(const char *)buffer->data, (uint32_t)buffer->length};
}

static struct sampler make_event(struct scene *scene, int type, uint64_t seed) {
    struct sampler sampler = {.state = seed << 16 | (uint64_t)type, .arena = scene->arena};
    struct event event;
    arena_reset(scene->arena);
    sample_event(&sampler, (enum event_type)type, &event);
    buffer_clear(&scene->client);
    buffer_clear(&scene->head);
    buffer_clear(&scene->side);
    assert_int_equal(codec_encode_event(&event, PART_CLIENT, &scene->client), 0);
    event.seq = 1 + sample_below(&sampler, UINT32_MAX);
    event.received_at = event.at;
    event.source = text_of("account:haining.office");
    event.side_hash.bytes[3] = event.has_side;
    assert_int_equal(codec_encode_event(&event, PART_HEAD, &scene->head), 0);
    assert_int_equal(codec_encode_event(&event, PART_SIDE, &scene->side), 0);
    return sampler;
}

/* One byte set, one taken out, one put in, or a few moved to another place. */
static struct text mutate(struct sampler *sampler, struct text from, struct buffer *out) {
    buffer_clear(out);
    uint32_t at = (uint32_t)sample_below(sampler, from.length);
    uint32_t length = 1 + (uint32_t)sample_below(sampler, from.length - at < 8 ? from.length - at : 8);
    uint8_t byte = (uint8_t)sample_below(sampler, 256);
    uint64_t way = sample_below(sampler, 4);
    uint32_t to = (uint32_t)sample_below(sampler, at + 1);
    buffer_append(out, from.data, way == 3 ? to : at);
    if (way == 3) { /* the piece goes in front of what stands from `to` on */
        buffer_append(out, from.data + at, length);
        buffer_append(out, from.data + to, at - to);
    } else if (way != 1) {
        buffer_append(out, &byte, 1);
    }
    uint32_t rest = way == 3 ? at + length : way == 2 ? at : at + 1;
    buffer_append(out, from.data + rest, from.length - rest);
    return view(out);
}

static void canonical_events_take_the_quick_way(void **state) {
    struct scene *scene = *state;
    for (int type = 0; type < EVENT_TYPE_COUNT; type++) {
        bool served = event_row((enum event_type)type)->served;
        for (uint64_t seed = 0; seed < ROUNDS; seed++) {
            make_event(scene, type, seed);
            assert_int_equal(check_event_ways(view(&scene->client)), served);
            assert_true(check_head_ways(view(&scene->head), view(&scene->side)));
        }
    }
}

static void both_ways_agree_on_whatever_comes(void **state) {
    struct scene *scene = *state;
    uint32_t taken = 0;
    uint32_t refused = 0;
    for (int type = 0; type < EVENT_TYPE_COUNT; type++) {
        for (uint64_t seed = 0; seed < ROUNDS; seed++) {
            struct sampler sampler = make_event(scene, type, seed + 1000);
            for (int i = 0; i < MUTATIONS; i++) {
                bool quick = check_event_ways(mutate(&sampler, view(&scene->client), &scene->changed));
                taken += quick;
                refused += !quick;
                check_head_ways(mutate(&sampler, view(&scene->head), &scene->changed), view(&scene->side));
                if (scene->side.length > 0) {
                    check_head_ways(view(&scene->head), mutate(&sampler, view(&scene->side), &scene->changed));
                }
            }
        }
    }
    assert_true(taken > 100 && refused > 1000); /* both happened */
}

#define BEFORE_AT \
    "{\"v\":1,\"id\":\"hex:0192f3a01b2c7d4e8f60718293a4b5c6\",\"type\":\"report.submitted\",\"unit\":\"haining\","
#define BODY "\"body\":{\"programmes\":[\"dog\"]}"

static bool takes(struct scene *scene, const char *json) {
    buffer_clear(&scene->client);
    message_from_json(json, &scene->client);
    return check_event_ways(view(&scene->client));
}

static void what_is_not_canonical_takes_the_general_way(void **state) {
    struct scene *scene = *state;
    assert_true(takes(scene, BEFORE_AT "\"at\":1790000000000," BODY "}"));
    assert_false(takes(scene, BEFORE_AT BODY ",\"at\":1790000000000}"));
    assert_false(takes(scene, BEFORE_AT "\"at\":1790000000000," BODY ",\"side\":{}}"));
    assert_true(takes(scene, BEFORE_AT "\"at\":1790000000000," BODY ",\"side\":{\"title\":\"清理\"}}"));
    assert_false(takes(scene, BEFORE_AT "\"at\":1790000000000,\"side\":{\"title\":\"清理\"}," BODY "}"));
}

/* One integer in every form that MessagePack has for it: the shortest alone is canonical. */
static void longer_forms_take_the_general_way(void **state) {
    struct scene *scene = *state;
    static const struct {
        const char *at;
        size_t length;
        bool canonical;
    } forms[] = {
        {"\x7f", 1, true},
        {"\xcc\x7f", 2, false},
        {"\xd0\x7f", 2, false},
        {"\xcc\x80", 2, true},
        {"\xcd\x00\x80", 3, false},
        {"\xd1\x01\x00", 3, false},
        {"\xcd\x01\x00", 3, true},
        {"\xce\x00\x01\x00\x00", 5, true},
        {"\xd2\x00\x01\x00\x00", 5, false},
        {"\xcf\x00\x00\x00\x01\x00\x00\x00\x00", 9, true},
        {"\xd3\x00\x00\x00\x01\x00\x00\x00\x00", 9, false},
        {"\xe0", 1, true},
        {"\xd0\xe0", 2, false},
        {"\xd0\xdf", 2, true},
        {"\xd1\xff\x7f", 3, true},
        {"\xd1\xff\x80", 3, false},
    };
    buffer_clear(&scene->client);
    message_from_json(BEFORE_AT "\"at\":1," BODY "}", &scene->client);
    const uint8_t *found = memmem(scene->client.data, scene->client.length,
                                  "\xa2"
                                  "at\x01",
                                  4);
    assert_non_null(found);
    size_t before = (size_t)(found - scene->client.data) + 3;
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        buffer_clear(&scene->changed);
        buffer_append(&scene->changed, scene->client.data, before);
        buffer_append(&scene->changed, forms[i].at, forms[i].length);
        buffer_append(&scene->changed, scene->client.data + before + 1, scene->client.length - before - 1);
        assert_int_equal(check_event_ways(view(&scene->changed)), forms[i].canonical);
    }
}

/* The header of an item in its next longer form, in front of what follows the header; false: there is none. */
static bool lengthen(const uint8_t *item, struct buffer *out) {
    static const struct {
        uint8_t mask, byte, longer, zeros;
        bool low_bits; /* what the short form holds in the first byte becomes a byte of its own */
        uint8_t bits;
    } forms[] = {
        {0x80, 0x00, 0xCC, 0, true, 0x7F}, {0xE0, 0xE0, 0xD0, 0, true, 0xFF}, {0xE0, 0xA0, 0xD9, 0, true, 0x1F},
        {0xF0, 0x90, 0xDC, 1, true, 0x0F}, {0xF0, 0x80, 0xDE, 1, true, 0x0F}, {0xFF, 0xCC, 0xCD, 1, false, 0},
        {0xFF, 0xCD, 0xCE, 2, false, 0},   {0xFF, 0xCE, 0xCF, 4, false, 0},   {0xFF, 0xD9, 0xDA, 1, false, 0},
        {0xFF, 0xDA, 0xDB, 2, false, 0},   {0xFF, 0xC4, 0xC5, 1, false, 0},   {0xFF, 0xC5, 0xC6, 2, false, 0},
        {0xFF, 0xDC, 0xDD, 2, false, 0},   {0xFF, 0xDE, 0xDF, 2, false, 0},
    };
    static const uint8_t zeros[4];
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        if ((*item & forms[i].mask) == forms[i].byte) {
            uint8_t low = *item & forms[i].bits;
            buffer_append(out, &forms[i].longer, 1);
            buffer_append(out, zeros, forms[i].zeros);
            buffer_append(out, &low, forms[i].low_bits);
            return true;
        }
    }
    return false;
}

/* Every item of an event in a longer form: the same event, but not canonical. */
static uint32_t check_longer_items(struct scene *scene) {
    struct text bytes = view(&scene->client);
    struct cursor cursor = cursor_of(bytes);
    uint32_t checked = 0;
    while (cursor_left(&cursor) > 0) {
        struct cursor before = cursor;
        struct item item;
        size_t at = (size_t)(before.at - scene->client.data);
        assert_int_equal(cursor_next(&cursor, &item), 0);
        buffer_clear(&scene->changed);
        buffer_append(&scene->changed, bytes.data, at);
        if (lengthen(before.at, &scene->changed)) {
            struct event event;
            struct faults faults;
            buffer_append(&scene->changed, bytes.data + at + 1, bytes.length - at - 1);
            assert_false(check_event_ways(view(&scene->changed)));
            assert_int_equal(codec_decode_event(view(&scene->changed), scene->arena, &event, &faults), 0);
            checked++;
        }
    }
    return checked;
}

static void every_item_has_one_canonical_form(void **state) {
    struct scene *scene = *state;
    uint32_t checked = 0;
    for (int type = 0; type < EVENT_TYPE_COUNT; type++) {
        for (uint64_t seed = 0; seed < 3 && event_row((enum event_type)type)->served; seed++) {
            make_event(scene, type, seed + 5000);
            checked += check_longer_items(scene);
        }
    }
    assert_true(checked > 1000);
}

/* A frame with both kinds in it: each event is read or left, and all are where codec_split_frame finds them. */
static void a_frame_is_read_as_it_is_split(void **state) {
    struct scene *scene = *state;
    static const char *const events[] = {BEFORE_AT "\"at\":1," BODY "}", BEFORE_AT BODY ",\"at\":1}", "7",
                                         BEFORE_AT "\"at\":1," BODY ",\"side\":{\"title\":\"清理\"}}"};
    buffer_clear(&scene->client);
    buffer_append(&scene->client, "\x94", 1);
    for (int i = 0; i < 4; i++) {
        message_from_json(events[i], &scene->client);
    }
    struct text *views;
    struct frame_event *read;
    uint32_t view_count;
    uint32_t count;
    assert_int_equal(codec_split_frame(view(&scene->client), scene->arena, &views, &view_count, NULL), 0);
    assert_int_equal(codec_read_frame(view(&scene->client), scene->arena, &read, &count, NULL), 0);
    assert_int_equal(count, view_count);
    check_frame_ways(view(&scene->client));
    for (uint32_t i = 0; i < count; i++) {
        assert_true(read[i].bytes.data == views[i].data && read[i].bytes.length == views[i].length);
        assert_int_equal(read[i].is_read, i == 0 || i == 3);
    }
    assert_true(text_equal(read[3].event.body->report.title, text_of("清理")));
    scene->client.data[1] = 0xC1; /* the frame itself is broken */
    check_frame_ways(view(&scene->client));
    assert_int_equal(codec_read_frame(view(&scene->client), scene->arena, &read, &count, NULL), -ERR_BAD_FORMAT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(canonical_events_take_the_quick_way, setup, teardown),
        cmocka_unit_test_setup_teardown(both_ways_agree_on_whatever_comes, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_not_canonical_takes_the_general_way, setup, teardown),
        cmocka_unit_test_setup_teardown(longer_forms_take_the_general_way, setup, teardown),
        cmocka_unit_test_setup_teardown(every_item_has_one_canonical_form, setup, teardown),
        cmocka_unit_test_setup_teardown(a_frame_is_read_as_it_is_split, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
