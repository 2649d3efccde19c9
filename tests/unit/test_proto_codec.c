/* The codec: what goes in comes out, for every shape and every event type. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <msgpack.h>

#include "proto/codec.h"
#include "proto/sample.h"

#define ROUNDS 200

static struct text view(const struct buffer *buffer) {
    return (struct text){(const char *)buffer->data, (uint32_t)buffer->length};
}

static void show_first(const struct faults *faults) {
    if (faults_any(faults)) {
        char text[300];
        fault_render(&faults->items[0], LANGUAGE_EN, text, sizeof text);
        print_error("%s\n", text);
    }
}

/* msgpack-c reads it too, and to the last byte. */
static void assert_others_can_read(struct text bytes) {
    msgpack_unpacked unpacked;
    msgpack_unpacked_init(&unpacked);
    size_t offset = 0;
    assert_int_equal(msgpack_unpack_next(&unpacked, bytes.data, bytes.length, &offset), MSGPACK_UNPACK_SUCCESS);
    assert_int_equal(offset, bytes.length);
    assert_int_equal(unpacked.data.type, MSGPACK_OBJECT_MAP);
    msgpack_unpacked_destroy(&unpacked);
}

static void every_shape_comes_back(void **state) {
    (void)state;
    struct arena *arena = arena_create(64u << 20);
    struct buffer first = {0};
    struct buffer second = {0};
    for (int s = 0; s < SHAPE_COUNT; s++) {
        const struct shape *shape = shape_of((enum shape_index)s);
        for (uint64_t seed = 0; seed < ROUNDS; seed++) {
            struct sampler sampler = {.state = seed << 16 | (uint64_t)s, .arena = arena};
            void *value = arena_alloc(arena, shape->size);
            void *back = arena_alloc(arena, shape->size);
            sample_shape(&sampler, shape, UINT64_MAX, value);
            buffer_clear(&first);
            buffer_clear(&second);
            assert_int_equal(codec_encode(shape, value, &first), 0);
            assert_int_equal(codec_walk(view(&first), EVENT_DEPTH_MAX, NULL), 0);
            assert_others_can_read(view(&first));
            struct faults faults;
            int result = codec_decode(shape, view(&first), arena, back, &faults);
            show_first(&faults);
            assert_int_equal(result, 0);
            assert_int_equal(*(uint64_t *)value, *(uint64_t *)back);
            assert_int_equal(codec_encode(shape, back, &second), 0);
            assert_int_equal(first.length, second.length);
            assert_memory_equal(first.data, second.data, first.length);
            arena_reset(arena);
        }
    }
    buffer_free(&first);
    buffer_free(&second);
    arena_destroy(&arena);
}

static bool envelopes_equal(const struct event *a, const struct event *b) {
    return id_equal(&a->id, &b->id) && a->type == b->type && text_equal(a->unit, b->unit) && a->at == b->at &&
           text_equal(a->by, b->by) && a->has_cause == b->has_cause && id_equal(&a->cause, &b->cause) &&
           a->has_side == b->has_side;
}

static void every_served_event_comes_back(void **state) {
    (void)state;
    struct arena *arena = arena_create(64u << 20);
    struct buffer first = {0};
    struct buffer second = {0};
    for (int type = 0; type < EVENT_TYPE_COUNT; type++) {
        for (uint64_t seed = 0; seed < ROUNDS && event_row((enum event_type)type)->served; seed++) {
            struct sampler sampler = {.state = seed << 16 | (uint64_t)type, .arena = arena};
            struct event event;
            struct event back;
            sample_event(&sampler, (enum event_type)type, &event);
            buffer_clear(&first);
            buffer_clear(&second);
            assert_int_equal(codec_encode_event(&event, PART_CLIENT, &first), 0);
            struct faults faults;
            int result = codec_decode_event(view(&first), arena, &back, &faults);
            show_first(&faults);
            assert_int_equal(result, 0);
            assert_true(envelopes_equal(&event, &back));
            assert_int_equal(codec_encode_event(&back, PART_CLIENT, &second), 0);
            assert_int_equal(first.length, second.length);
            assert_memory_equal(first.data, second.data, first.length);
            arena_reset(arena);
        }
    }
    buffer_free(&first);
    buffer_free(&second);
    arena_destroy(&arena);
}

/* Head and side, apart in the journal, are the client's event again: for all types, served or not. */
static void head_and_side_make_the_event(void **state) {
    (void)state;
    struct arena *arena = arena_create(64u << 20);
    struct buffer client = {0};
    struct buffer heads = {0};
    struct buffer side = {0};
    struct buffer again = {0};
    for (int type = 0; type < EVENT_TYPE_COUNT; type++) {
        for (uint64_t seed = 0; seed < ROUNDS; seed++) {
            struct sampler sampler = {.state = seed << 16 | (uint64_t)type | UINT64_C(1) << 60, .arena = arena};
            struct event event;
            sample_event(&sampler, (enum event_type)type, &event);
            buffer_clear(&client);
            buffer_clear(&heads);
            buffer_clear(&side);
            buffer_clear(&again);
            assert_int_equal(codec_encode_event(&event, PART_CLIENT, &client), 0);
            event.seq = seed + 1;
            event.received_at = event.at + 5;
            event.source = text_of("client:xiashi");
            event.side_hash.bytes[0] = event.has_side ? 7 : 0;
            assert_int_equal(codec_encode_event(&event, PART_SIDE, &side), 0);
            assert_int_equal(side.length > 0, event.has_side);
            assert_int_equal(codec_encode_event(&event, PART_HEAD, &heads), 0);
            size_t length = heads.length;
            assert_int_equal(codec_encode_event(&event, PART_HEAD, &heads), 0); /* another follows */
            struct event back;
            size_t used;
            struct error error;
            assert_int_equal(codec_decode_head(view(&heads), view(&side), arena, &back, &used, &error), 0);
            assert_int_equal(used, length);
            assert_true(envelopes_equal(&event, &back));
            assert_int_equal(back.seq, seed + 1);
            assert_int_equal(back.received_at, event.received_at);
            assert_true(text_equal(back.source, event.source));
            assert_memory_equal(back.side_hash.bytes, event.side_hash.bytes, HASH_BYTES);
            assert_int_equal(codec_encode_event(&back, PART_CLIENT, &again), 0);
            assert_int_equal(client.length, again.length);
            assert_memory_equal(client.data, again.data, client.length);
            arena_reset(arena);
        }
    }
    buffer_free(&client);
    buffer_free(&heads);
    buffer_free(&side);
    buffer_free(&again);
    arena_destroy(&arena);
}

/* A head without its side (a consumer without the right, or erased) is whole but for the side. */
static void a_head_alone_is_enough(void **state) {
    (void)state;
    struct arena *arena = arena_create(1u << 20);
    struct buffer head = {0};
    struct wire_contact contact = {.person = text_of("v-1"), .name = text_of("王芳"), .phone = text_of("13800000000")};
    wire_set(&contact.present, FIELD_contact_person);
    wire_set(&contact.present, FIELD_contact_name);
    wire_set(&contact.present, FIELD_contact_phone);
    union event_body body = {.contact = contact};
    struct event event = {.id = {{1}},
                          .type = EVENT_CONTACT_SET,
                          .unit = text_of("haining"),
                          .body = &body,
                          .seq = 1,
                          .source = text_of("client:a")};
    assert_int_equal(codec_encode_event(&event, PART_HEAD, &head), 0);
    assert_null(memmem(head.data, head.length, "王芳", strlen("王芳")));
    assert_null(memmem(head.data, head.length, "13800000000", 11));
    struct event back;
    size_t used;
    assert_int_equal(codec_decode_head(view(&head), (struct text){0}, arena, &back, &used, NULL), 0);
    assert_false(back.has_side);
    assert_false(wire_has(back.body->contact.present, FIELD_contact_name));
    assert_true(text_equal(back.body->contact.person, text_of("v-1")));
    buffer_free(&head);
    arena_destroy(&arena);
}

static void heads_of_later_builds_are_skipped(void **state) {
    (void)state;
    struct arena *arena = arena_create(1u << 20);
    struct buffer head = {0};
    struct wire_setting setting = {.present = 3, .name = text_of("report-due-days"), .value = text_of("3")};
    union event_body body = {.setting = setting};
    struct event event = {.id = {{1}},
                          .type = EVENT_SETTING_SET,
                          .unit = text_of("haining"),
                          .body = &body,
                          .seq = 1,
                          .source = text_of("client:a")};
    assert_int_equal(codec_encode_event(&event, PART_HEAD, &head), 0);
    char *type = memmem(head.data, head.length, "setting.set", 11);
    assert_non_null(type);
    type[0] = 'S'; /* a type that does not exist here */
    struct event back;
    size_t used;
    assert_int_equal(codec_decode_head(view(&head), (struct text){0}, arena, &back, &used, NULL), 0);
    assert_int_equal(used, head.length);
    assert_int_equal(back.type, EVENT_TYPE_COUNT);
    assert_null(back.body);
    type[0] = 's';
    char *name = memmem(head.data, head.length, "\xA4name", 5);
    assert_non_null(name);
    name[1] = 'N'; /* a field that does not exist here, and the one that is missed */
    struct error error;
    assert_int_equal(codec_decode_head(view(&head), (struct text){0}, arena, &back, &used, &error), -ERR_CORRUPT);
    assert_non_null(strstr(error.text, "body.name"));
    buffer_free(&head);
    arena_destroy(&arena);
}

static void damaged_heads_are_errors(void **state) {
    (void)state;
    struct arena *arena = arena_create(8u << 20);
    struct buffer head = {0};
    struct sampler sampler = {.state = 42, .arena = arena};
    struct event event;
    sample_event(&sampler, EVENT_REPORT_SUBMITTED, &event);
    event.source = text_of("client:a");
    event.seq = 1;
    assert_int_equal(codec_encode_event(&event, PART_HEAD, &head), 0);
    for (size_t length = 0; length < head.length; length++) {
        char *copy = malloc(length + 1); /* so that a sanitizer sees a step too far */
        memcpy(copy, head.data, length);
        struct event back;
        size_t used;
        struct text cut = {copy, (uint32_t)length};
        assert_true(codec_decode_head(cut, (struct text){0}, arena, &back, &used, NULL) < 0);
        free(copy);
    }
    buffer_free(&head);
    arena_destroy(&arena);
}

static void sides_are_joined_and_split(void **state) {
    (void)state;
    struct arena *arena = arena_create(1u << 20);
    struct buffer joined = {0};
    struct text salts[3] = {{"0123456789abcdef", 16}, {NULL, 0}, {"fedcba9876543210", 16}};
    struct text sides[3] = {{"\x81\xA5title\xA3\xE6\xBD\xAE", 11}, {NULL, 0}, {"\x80", 1}};
    codec_join_sides(salts, sides, 3, &joined);
    struct text *salts_back;
    struct text *sides_back;
    assert_int_equal(codec_split_sides(view(&joined), arena, 3, &salts_back, &sides_back, NULL), 0);
    for (int i = 0; i < 3; i++) {
        assert_true(text_equal(salts[i], salts_back[i]));
        assert_true(text_equal(sides[i], sides_back[i]));
    }
    assert_int_equal(codec_split_sides(view(&joined), arena, 2, &salts_back, &sides_back, NULL), -ERR_CORRUPT);
    for (uint32_t length = 0; length < joined.length; length++) {
        struct text cut = {(const char *)joined.data, length};
        assert_int_equal(codec_split_sides(cut, arena, 3, &salts_back, &sides_back, NULL), -ERR_CORRUPT);
    }
    buffer_append(&joined, "\xC0", 1);
    assert_int_equal(codec_split_sides(view(&joined), arena, 3, &salts_back, &sides_back, NULL), -ERR_CORRUPT);
    buffer_free(&joined);
    arena_destroy(&arena);
}

/* A block's receipts, now and then another one, over the numbers at which the encoding of seq changes. */
static void receipts_are_encoded_as_their_shape(void **state) {
    (void)state;
    struct arena *arena = arena_create(64u << 20);
    struct buffer quick = {0};
    struct buffer general = {0};
    static const int64_t starts[] = {0, 120, 250, 65530, INT64_C(4294967290), INT64_MAX - 40};
    const struct shape *shape = shape_of(SHAPE_receipt);
    for (uint64_t seed = 0; seed < ROUNDS; seed++) {
        struct sampler sampler = {.state = seed, .arena = arena};
        struct wire_receipt receipts[20];
        for (int i = 0; i < 20; i++) {
            sample_shape(&sampler, shape, UINT64_MAX, &receipts[i]);
            if (i > 0 && sample_below(&sampler, 4) > 0) {
                struct id id = receipts[i].id;
                receipts[i] = receipts[i - 1];
                receipts[i].id = id;
                receipts[i].seq = starts[seed % 6] + i;
            }
        }
        struct wire_receipts all = {.receipts = {receipts, (uint32_t)(seed % 21)}};
        wire_set(&all.present, FIELD_receipts_receipts);
        buffer_clear(&quick);
        buffer_clear(&general);
        assert_int_equal(codec_encode(shape_of(SHAPE_receipts), &all, &general), 0);
        assert_int_equal(codec_encode_receipts(receipts, (uint32_t)(seed % 21), &quick), 0);
        assert_int_equal(quick.length, general.length);
        assert_memory_equal(quick.data, general.data, general.length);
        arena_reset(arena);
    }
    buffer_free(&quick);
    buffer_free(&general);
    arena_destroy(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_shape_comes_back),        cmocka_unit_test(receipts_are_encoded_as_their_shape),
        cmocka_unit_test(every_served_event_comes_back), cmocka_unit_test(head_and_side_make_the_event),
        cmocka_unit_test(a_head_alone_is_enough),        cmocka_unit_test(heads_of_later_builds_are_skipped),
        cmocka_unit_test(damaged_heads_are_errors),      cmocka_unit_test(sides_are_joined_and_split),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
