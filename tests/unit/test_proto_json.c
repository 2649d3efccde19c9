/* JSON both ways: round trips, what is left out, and hostile documents. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "proto/codec.h"
#include "proto/fault_list.h"
#include "proto/json.h"
#include "proto/sample.h"
#include "tests/unit/fault_check.h"

#define ROUNDS 100
#define NOW INT64_C(1790000000000)

static const struct json_given given = {.now = NOW};

/* Through text, as it comes from a client. */
static json_t *reparse(json_t *json) {
    assert_non_null(json);
    char *text = json_dumps(json, JSON_COMPACT);
    json_decref(json);
    struct error error;
    json_t *parsed = json_parse(text_of(text), &error);
    assert_non_null(parsed);
    free(text);
    return parsed;
}

static void assert_same_bytes(struct buffer *first, struct buffer *second) {
    assert_int_equal(first->length, second->length);
    assert_memory_equal(first->data, second->data, first->length);
    buffer_clear(first);
    buffer_clear(second);
}

/* The tree and the text are the same. */
static void assert_written_alike(const struct shape *shape, const void *value, struct buffer *out) {
    json_t *json = json_from_shape(shape, value);
    char *text = json_dumps(json, JSON_COMPACT);
    assert_non_null(text);
    json_write_shape(shape, value, out);
    assert_false(out->failed);
    assert_int_equal(out->length, strlen(text));
    assert_memory_equal(out->data, text, out->length);
    buffer_clear(out);
    free(text);
    json_decref(json);
}

static void every_byte_of_a_text_is_written_alike(void **state) {
    (void)state;
    char bytes[128];
    struct buffer out = {0};
    for (int i = 0; i < 128; i++) {
        bytes[i] = (char)i;
    }
    struct wire_receipt receipt = {.position = {bytes, sizeof bytes}};
    wire_set(&receipt.present, FIELD_receipt_position);
    assert_written_alike(shape_of(SHAPE_receipt), &receipt, &out);
    receipt.position = (struct text){0};
    assert_written_alike(shape_of(SHAPE_receipt), &receipt, &out);
    buffer_free(&out);
}

static void every_shape_comes_back(void **state) {
    (void)state;
    struct arena *arena = arena_create(64u << 20);
    struct buffer first = {0};
    struct buffer second = {0};
    for (int s = 0; s < SHAPE_COUNT; s++) {
        const struct shape *shape = shape_of((enum shape_index)s);
        for (uint64_t seed = 0; seed < ROUNDS && s != SHAPE_envelope; seed++) {
            struct sampler sampler = {.state = seed << 16 | (uint64_t)s, .arena = arena};
            void *value = arena_alloc(arena, shape->size);
            void *back = arena_alloc(arena, shape->size);
            sample_shape(&sampler, shape, UINT64_MAX, value);
            assert_written_alike(shape, value, &first);
            json_t *json = reparse(json_from_shape(shape, value));
            struct faults faults;
            assert_int_equal(json_to_shape(shape, json, arena, back, &faults), 0);
            assert_int_equal(codec_encode(shape, value, &first), 0);
            assert_int_equal(codec_encode(shape, back, &second), 0);
            assert_same_bytes(&first, &second);
            json_decref(json);
            arena_reset(arena);
        }
    }
    buffer_free(&first);
    buffer_free(&second);
    arena_destroy(&arena);
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
            struct faults faults;
            sample_event(&sampler, (enum event_type)type, &event);
            json_t *json = reparse(json_from_event(&event, true));
            assert_int_equal(json_to_event(json, &given, arena, &back, &faults), 0);
            assert_int_equal(codec_encode_event(&event, PART_CLIENT, &first), 0);
            assert_int_equal(codec_encode_event(&back, PART_CLIENT, &second), 0);
            assert_same_bytes(&first, &second);
            json_decref(json);
            arena_reset(arena);
        }
    }
    buffer_free(&first);
    buffer_free(&second);
    arena_destroy(&arena);
}

/* Reads one event and notes its faults; the arena and document die at once, the faults are plain data. */
static int read_event(const char *text, struct event *event, struct faults *faults) {
    struct arena *arena = arena_create(1u << 20);
    struct error error = {0};
    json_t *json = json_parse(text_of(text), &error);
    if (!json) {
        fail_msg("%s", error.text);
    }
    int result = json_to_event(json, &given, arena, event, faults);
    json_decref(json);
    arena_destroy(&arena);
    return result;
}

static void what_is_left_out_is_filled(void **state) {
    (void)state;
    struct event event;
    struct faults faults;
    assert_int_equal(read_event("{\"type\":\"setting.set\",\"unit\":\"haining\","
                                "\"body\":{\"name\":\"report-due-days\",\"value\":\"3\"}}",
                                &event, &faults),
                     0);
    assert_int_equal(event.at, NOW);
    assert_false(id_is_zero(&event.id));
    assert_int_equal(event.type, EVENT_SETTING_SET);
}

/* Sent again after a lost answer, an event must not have become another one. */
static void the_id_says_when_where_nothing_else_does(void **state) {
    (void)state;
    struct event event;
    struct faults faults;
    const char *rest =
        "\"type\":\"setting.set\",\"unit\":\"haining\",\"body\":{\"name\":\"report-due-days\",\"value\":\"3\"}}";
    char text[300];
    snprintf(text, sizeof text, "{\"id\":\"0192f3a0-1b2c-7d4e-8f60-718293a4b5c6\",%s", rest);
    assert_int_equal(read_event(text, &event, &faults), 0);
    assert_int_equal(event.at, INT64_C(0x0192f3a01b2c));
    snprintf(text, sizeof text, "{\"id\":\"0192f3a0-1b2c-4d4e-8f60-718293a4b5c6\",%s", rest);
    assert_int_equal(read_event(text, &event, &faults), 0);
    assert_int_equal(event.at, NOW);
}

static void faults_have_the_same_paths_as_messagepack(void **state) {
    (void)state;
    struct event event;
    struct faults faults;
    int result = read_event("{\"v\":2,\"id\":\"0192f3a0-1b2c-7d4e-8f60-718293a4b5c6\",\"type\":\"report.submitted\","
                            "\"unit\":\"haining//xiashi\",\"at\":1.5,\"seq\":7,"
                            "\"body\":{\"programmes\":[\"dog\",\"cat\"],\"attendence\":3,\"date\":\"2021-02-29\","
                            "\"title\":\"x\",\"measures\":[{\"name\":\"清理\",\"quantity\":1,\"unit\":\"\"},5]},"
                            "\"side\":{\"narrative\":7,\"contact_phone\":\"139 0000\"}}",
                            &event, &faults);
    assert_true(result < 0);
    assert_int_equal(event.id.bytes[1], 0x92);
    assert_true(has_fault(&faults, "v", ERR_BAD_VERSION));
    assert_true(has_fault(&faults, "unit", ERR_BAD_FORMAT));
    assert_true(has_fault(&faults, "at", ERR_WRONG_TYPE));
    assert_true(has_fault(&faults, "seq", ERR_WRONG_PLACE));
    assert_true(has_fault(&faults, "body.attendence", ERR_UNKNOWN_FIELD));
    assert_string_equal(fault_at(&faults, "body.attendence")->limit, "attendances");
    assert_true(has_fault(&faults, "body.date", ERR_BAD_FORMAT));
    assert_true(has_fault(&faults, "body.title", ERR_WRONG_PLACE));
    assert_string_equal(fault_at(&faults, "body.title")->limit, "side");
    assert_true(has_fault(&faults, "body.measures[0].unit", ERR_TOO_SHORT));
    assert_true(has_fault(&faults, "body.measures[1]", ERR_WRONG_TYPE));
    assert_true(has_fault(&faults, "side.narrative", ERR_WRONG_TYPE));
    assert_true(has_fault(&faults, "side.contact_phone", ERR_BAD_FORMAT));
    assert_true(has_fault(&faults, "body.programmes[1]", ERR_UNKNOWN_PROGRAMME));
}

static void types_are_judged_before_bodies(void **state) {
    (void)state;
    struct event event;
    struct faults faults;
    assert_int_equal(
        read_event("{\"type\":\"report.sumbitted\",\"unit\":\"haining\",\"body\":{\"x\":1}}", &event, &faults),
        -ERR_UNKNOWN_TYPE);
    assert_int_equal(faults.count, 1);
    assert_string_equal(faults.items[0].value, "report.sumbitted");
    assert_int_equal(
        read_event("{\"type\":\"bulletin.frozen\",\"unit\":\"haining\",\"body\":{\"x\":1}}", &event, &faults),
        -ERR_NOT_YET);
    assert_int_equal(faults.count, 1);
    assert_int_equal(read_event("[1]", &event, &faults), -ERR_WRONG_TYPE);
    assert_int_equal(read_event("{\"type\":\"unit.set\",\"unit\":\"haining\",\"body\":[]}", &event, &faults),
                     -ERR_WRONG_TYPE);
}

static enum error_code refused(struct text bytes) {
    struct error error = {0};
    json_t *json = json_parse(bytes, &error);
    assert_null(json);
    return error.code;
}

static void hostile_documents_are_refused(void **state) {
    (void)state;
    assert_int_equal(refused(text_of("{\"a\":1,\"a\":2}")), ERR_DUPLICATE_KEY);
    assert_int_equal(refused(text_of("{\"a\":")), ERR_TRUNCATED);
    assert_int_equal(refused(text_of("")), ERR_TRUNCATED);
    assert_int_equal(refused(text_of("{} {}")), ERR_TRAILING);
    assert_int_equal(refused(text_of("{\"a\":\"\xFF\"}")), ERR_BAD_UTF8);
    assert_int_equal(refused(text_of("{\"a\":\"\xED\xA0\x80\"}")), ERR_BAD_UTF8);
    assert_int_equal(refused(text_of("{\"a\":99999999999999999999}")), ERR_TOO_BIG);
    assert_int_equal(refused(text_of("{\"a\":NaN}")), ERR_BAD_JSON);
    assert_int_equal(refused(text_of("{\"a\":\"\\u0000\"}")), ERR_BAD_JSON);
    assert_int_equal(refused(text_of("\"text\"")), ERR_BAD_JSON);
    assert_int_equal(refused(text_of("{'a':1}")), ERR_BAD_JSON);
    assert_int_equal(refused((struct text){"{\"a\\", 4}), ERR_BAD_JSON);
    struct error error;
    assert_null(json_parse(text_of("{\"名\":1,\"名\":2}"), &error));
    assert_string_equal(error.text, "名: the key occurs twice");
    /* jansson cuts what it quotes in the middle of a character. */
    assert_null(json_parse(text_of("[\"\\宠\"]"), &error));
    assert_true(text_is_utf8(text_of(error.text)) && text_is_utf8(text_of(error.text_zh)));
}

static enum error_code refused_repeat(const char *piece, size_t times) {
    size_t length = strlen(piece);
    char *text = malloc(times * length + 1);
    assert_non_null(text);
    for (size_t i = 0; i < times; i++) {
        memcpy(text + i * length, piece, length);
    }
    enum error_code code = refused((struct text){text, (uint32_t)(times * length)});
    free(text);
    return code;
}

static void costly_documents_are_refused_before_reading(void **state) {
    (void)state;
    assert_int_equal(refused_repeat("[", 1000), ERR_TOO_DEEP);
    assert_int_equal(refused_repeat("{\"a\":", 1000), ERR_TOO_DEEP);
    assert_int_equal(refused_repeat("[],", 1000000), ERR_TOO_MANY);
    assert_int_equal(refused_repeat("1,", 1000000), ERR_TOO_MANY);
    assert_int_equal(refused_repeat(" ", 8u << 20 | 1), ERR_TOO_LARGE);
    struct error error;
    json_t *json = json_parse(text_of("[\"[[[[[[[[[[[[[[[ \\\" [[[[[[\"]"), &error); /* brackets in a text */
    assert_non_null(json);
    json_decref(json);
}

static void faults_become_records(void **state) {
    (void)state;
    struct arena *arena = arena_create(1u << 20);
    struct faults faults = {0};
    faults_add(&faults, ERR_TOO_LONG, "side.title", "100", text_of("101"));
    struct wire_receipt receipt = {.status = STATUS_REJECTED};
    assert_int_equal(faults_to_list(&faults, arena, &receipt.faults), 0);
    wire_set(&receipt.present, FIELD_receipt_status);
    wire_set(&receipt.present, FIELD_receipt_faults);
    json_t *json = json_from_shape(shape_of(SHAPE_receipt), &receipt);
    char *text = json_dumps(json, JSON_COMPACT);
    assert_string_equal(text, "{\"status\":\"rejected\",\"faults\":[{\"field\":\"side.title\",\"code\":\"too-long\","
                              "\"limit\":\"100\",\"value\":\"101\",\"text\":\"“side.title”太长（101），最多 100\","
                              "\"text_en\":\"side.title: 101, at most 100\"}]}");
    free(text);
    json_decref(json);
    arena_destroy(&arena);
}

/* JSON shows what intake added, and the side only to those who may see it. */
static void events_show_head_and_side(void **state) {
    (void)state;
    union event_body body = {.contact = {.person = text_of("v-1"), .name = text_of("王芳"), .present = 1 | 16}};
    assert_int_equal(FIELD_contact_name, 4);
    struct event event = {.id = {{1}},
                          .type = EVENT_CONTACT_SET,
                          .unit = text_of("haining"),
                          .body = &body,
                          .seq = 9,
                          .received_at = 5,
                          .source = text_of("account:office"),
                          .side_hash = {{0xAB}}};
    json_t *with = json_from_event(&event, true);
    json_t *without = json_from_event(&event, false);
    assert_string_equal(json_string_value(json_object_get(json_object_get(with, "side"), "name")), "王芳");
    assert_null(json_object_get(without, "side"));
    assert_int_equal(json_integer_value(json_object_get(without, "seq")), 9);
    assert_string_equal(json_string_value(json_object_get(without, "source")), "account:office");
    assert_memory_equal(json_string_value(json_object_get(without, "side_hash")), "ab00", 4);
    json_decref(with);
    json_decref(without);
}

static int read_block(const char *head, struct arena *arena) {
    struct wire_stream_block block;
    struct faults faults = {0};
    json_t *json = json_pack("{s:i, s:i, s:i, s:s, s:s}", "epoch", 1, "first", 1, "count", 1, "hash",
                             "8d3f537783e9dd9b03cb65a93b53a11d8b47e1ed4d952757c9f387c93b85414f", "head", head);
    int result = json_to_shape(shape_of(SHAPE_stream_block), json, arena, &block, &faults);
    json_decref(json);
    return result;
}

/* libsodium takes any byte above 127 for a letter of base64. */
static void bytes_are_base64_in_ascii(void **state) {
    (void)state;
    struct arena *arena = arena_create(SIZE_MAX);
    assert_int_equal(read_block("gAAA", arena), 0);
    assert_int_not_equal(read_block("潮A", arena), 0);
    assert_int_not_equal(read_block("gAA", arena), 0);
    arena_destroy(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_shape_comes_back),
        cmocka_unit_test(every_byte_of_a_text_is_written_alike),
        cmocka_unit_test(every_served_event_comes_back),
        cmocka_unit_test(what_is_left_out_is_filled),
        cmocka_unit_test(the_id_says_when_where_nothing_else_does),
        cmocka_unit_test(faults_have_the_same_paths_as_messagepack),
        cmocka_unit_test(types_are_judged_before_bodies),
        cmocka_unit_test(hostile_documents_are_refused),
        cmocka_unit_test(costly_documents_are_refused_before_reading),
        cmocka_unit_test(faults_become_records),
        cmocka_unit_test(events_show_head_and_side),
        cmocka_unit_test(bytes_are_base64_in_ascii),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
