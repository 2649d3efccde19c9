/* Hostile and faulty events: each fault by its path, the id whenever it can be read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "proto/sample.h"
#include "tests/unit/fault_check.h"
#include "tests/unit/message.h"

#define ID "\"hex:0192f3a01b2c7d4e8f60718293a4b5c6\""
#define ENVELOPE "\"v\":1,\"id\":" ID ",\"type\":\"report.submitted\",\"unit\":\"haining/xiashi\",\"at\":1790000000000"
#define BODY "\"body\":{\"programmes\":[\"dog\"]"
#define REPEAT_5(x) x x x x x
#define REPEAT_50(x) \
    REPEAT_5(x) \
    REPEAT_5(x) REPEAT_5(x) REPEAT_5(x) REPEAT_5(x) REPEAT_5(x) REPEAT_5(x) REPEAT_5(x) REPEAT_5(x) REPEAT_5(x)

struct fixture {
    struct arena *arena;
    struct buffer message;
    struct event event;
    struct faults faults;
};

static int setup(void **state) {
    struct fixture *fixture = calloc(1, sizeof *fixture);
    fixture->arena = arena_create(4u << 20);
    *state = fixture;
    return 0;
}

static int teardown(void **state) {
    struct fixture *fixture = *state;
    buffer_free(&fixture->message);
    arena_destroy(&fixture->arena);
    free(fixture);
    return 0;
}

/* Decodes a copy of exactly this length, so that a sanitizer sees a step too far. The event's views die with it: only
 * its id and numbers are looked at afterwards. */
static int decode_bytes(struct fixture *fixture, const void *bytes, size_t length) {
    char *copy = malloc(length > 0 ? length : 1);
    memcpy(copy, bytes, length);
    arena_reset(fixture->arena);
    int result =
        codec_decode_event((struct text){copy, (uint32_t)length}, fixture->arena, &fixture->event, &fixture->faults);
    free(copy);
    return result;
}

static int decode(struct fixture *fixture, const char *json) {
    buffer_clear(&fixture->message);
    message_from_json(json, &fixture->message);
    return decode_bytes(fixture, fixture->message.data, fixture->message.length);
}

static void assert_id_was_read(const struct fixture *fixture) {
    assert_memory_equal(fixture->event.id.bytes, "\x01\x92\xf3\xa0\x1b\x2c\x7d\x4e\x8f\x60\x71\x82\x93\xa4\xb5\xc6",
                        16);
}

static void a_good_event_is_read(void **state) {
    struct fixture *fixture = *state;
    assert_int_equal(decode(fixture, "{" ENVELOPE "," BODY ",\"attendances\":23},\"side\":{\"title\":\"清洁家园\"}}"),
                     0);
    assert_id_was_read(fixture);
    assert_int_equal(fixture->event.type, EVENT_REPORT_SUBMITTED);
    assert_int_equal(fixture->event.at, INT64_C(1790000000000));
    assert_true(fixture->event.has_side);
    assert_int_equal(fixture->event.body->report.attendances, 23);
    assert_true(wire_has(fixture->event.body->report.present, FIELD_report_title));
    assert_int_equal(decode(fixture, "{" ENVELOPE "," BODY "},\"side\":{}}"), 0);
    assert_false(fixture->event.has_side);
}

/* Keys in any order: the type after the body, the id last. */
static void keys_come_in_any_order(void **state) {
    struct fixture *fixture = *state;
    assert_int_equal(decode(fixture, "{\"side\":{\"place\":\"许村\",\"title\":\"x\"}," BODY ",\"amends\":1},\"at\":1,"
                                     "\"unit\":\"haining\",\"type\":\"report.submitted\",\"v\":1,\"id\":" ID "}"),
                     -ERR_WRONG_TYPE);
    assert_true(only_fault(&fixture->faults, "body.amends", ERR_WRONG_TYPE));
    assert_id_was_read(fixture);
}

static void every_fault_is_named_by_its_path(void **state) {
    struct fixture *fixture = *state;
    int result = decode(
        fixture, "{" ENVELOPE ",\"colour\":1,\"received_at\":5,\"body\":{"
                 "\"attendences\":3,\"title\":\"清洁\",\"date\":\"2021-02-29\",\"minutes\":-1,"
                 "\"measures\":[{\"name\":\"清理\",\"quantity\":1.5,\"unit\":\"处\"},"
                 "{\"name\":\"宣传\",\"quantity\":1},{\"name\":7,\"quantity\":1,\"unit\":\"一二三四五六七八九十一\"}]},"
                 "\"side\":{\"attendances\":3,\"partners\":[\"社区\",3],\"contact_phone\":\"139\"}}");
    const struct faults *faults = &fixture->faults;
    assert_true(result < 0);
    assert_id_was_read(fixture);
    assert_true(has_fault(faults, "colour", ERR_UNKNOWN_FIELD));
    assert_true(has_fault(faults, "received_at", ERR_WRONG_PLACE));
    assert_true(has_fault(faults, "body.attendences", ERR_UNKNOWN_FIELD));
    assert_string_equal(fault_at(faults, "body.attendences")->limit, "attendances");
    assert_true(has_fault(faults, "body.title", ERR_WRONG_PLACE));
    assert_string_equal(fault_at(faults, "body.title")->limit, "side");
    assert_true(has_fault(faults, "body.date", ERR_BAD_FORMAT));
    assert_true(has_fault(faults, "body.minutes", ERR_TOO_SMALL));
    assert_true(has_fault(faults, "body.measures[0].quantity", ERR_WRONG_TYPE));
    assert_string_equal(fault_at(faults, "body.measures[0].quantity")->value, "a float");
    assert_true(has_fault(faults, "body.measures[1].unit", ERR_MISSING));
    assert_true(has_fault(faults, "body.measures[2].name", ERR_WRONG_TYPE));
    assert_true(has_fault(faults, "body.measures[2].unit", ERR_TOO_LONG));
    assert_true(has_fault(faults, "body.programmes", ERR_MISSING));
    assert_true(has_fault(faults, "side.attendances", ERR_WRONG_PLACE));
    assert_string_equal(fault_at(faults, "side.attendances")->limit, "body");
    assert_true(has_fault(faults, "side.partners[1]", ERR_WRONG_TYPE));
    assert_true(has_fault(faults, "side.contact_phone", ERR_TOO_SHORT));
    assert_int_equal(faults->count + faults->more, 14);
}

/* What is faulty is not there: no half-read value reaches the fold. */
static void faulty_members_stay_zero(void **state) {
    struct fixture *fixture = *state;
    assert_true(decode(fixture, "{" ENVELOPE "," BODY ",\"attendances\":2000000,\"measures\":[{\"name\":\"x\"}]}}") <
                0);
    const struct wire_report *report = &fixture->event.body->report;
    assert_false(wire_has(report->present, FIELD_report_attendances));
    assert_int_equal(report->attendances, 0);
    assert_false(wire_has(report->present, FIELD_report_measures));
    assert_int_equal(report->measures.count, 0);
}

static void types_are_judged_first(void **state) {
    struct fixture *fixture = *state;
    assert_int_equal(decode(fixture,
                            "{\"v\":1,\"id\":" ID ",\"type\":\"report.submited\",\"unit\":\"haining\",\"at\":1,"
                            "\"body\":{\"x\":1}}"),
                     -ERR_UNKNOWN_TYPE);
    assert_true(only_fault(&fixture->faults, "type", ERR_UNKNOWN_TYPE));
    assert_string_equal(fixture->faults.items[0].value, "report.submited");
    assert_id_was_read(fixture);
    assert_int_equal(decode(fixture,
                            "{\"v\":1,\"id\":" ID ",\"type\":\"bulletin.frozen\",\"unit\":\"haining\",\"at\":1,"
                            "\"body\":{\"x\":1}}"),
                     -ERR_NOT_YET);
    assert_true(only_fault(&fixture->faults, "type", ERR_NOT_YET));
    assert_int_equal(fixture->event.type, EVENT_BULLETIN_FROZEN);
    assert_null(fixture->event.body);
    assert_int_equal(decode(fixture, "{\"v\":2,\"id\":" ID ",\"type\":\"unit.set\",\"unit\":\"haining\",\"at\":1,"
                                     "\"body\":{\"name\":\"许村\",\"kind\":\"squad\"}}"),
                     -ERR_BAD_VERSION);
}

static void what_is_required_is_missed(void **state) {
    struct fixture *fixture = *state;
    assert_true(decode(fixture, "{}") < 0);
    assert_true(has_fault(&fixture->faults, "v", ERR_MISSING));
    assert_true(has_fault(&fixture->faults, "id", ERR_MISSING));
    assert_true(has_fault(&fixture->faults, "type", ERR_MISSING));
    assert_true(has_fault(&fixture->faults, "unit", ERR_MISSING));
    assert_true(has_fault(&fixture->faults, "at", ERR_MISSING));
    assert_true(has_fault(&fixture->faults, "body", ERR_MISSING));
    assert_int_equal(fixture->faults.count, 6);
    assert_int_equal(decode(fixture, "[1]"), -ERR_WRONG_TYPE);
    assert_int_equal(decode(fixture, "{" ENVELOPE ",\"body\":[]}"), -ERR_WRONG_TYPE);
    assert_true(only_fault(&fixture->faults, "body", ERR_WRONG_TYPE));
}

static void over_limit_texts_are_refused(void **state) {
    struct fixture *fixture = *state;
    assert_int_equal(decode(fixture, "{" ENVELOPE "," BODY "},\"side\":{\"title\":\"" REPEAT_50("潮讯") "\"}}"), 0);
    assert_int_equal(decode(fixture, "{" ENVELOPE "," BODY "},\"side\":{\"title\":\"" REPEAT_50("潮讯") "一\"}}"),
                     -ERR_TOO_LONG);
    assert_true(only_fault(&fixture->faults, "side.title", ERR_TOO_LONG));
    assert_string_equal(fixture->faults.items[0].value, "101");
    assert_string_equal(fixture->faults.items[0].limit, "100");
    assert_int_equal(decode(fixture, "{" ENVELOPE "," BODY "},\"side\":{\"title\":\"\"}}"), -ERR_TOO_SHORT);
}

static void too_many_items_are_refused(void **state) {
    struct fixture *fixture = *state;
    assert_int_equal(
        decode(fixture, "{" ENVELOPE ",\"body\":{\"programmes\":[\"a\",\"b\",\"c\",\"d\",\"e\",\"f\"],\"minutes\":5}}"),
        -ERR_TOO_MANY);
    assert_true(only_fault(&fixture->faults, "body.programmes", ERR_TOO_MANY));
    assert_int_equal(fixture->event.body->report.minutes, 5);
    assert_int_equal(decode(fixture, "{" ENVELOPE ",\"body\":{\"programmes\":[\"dog\",\"dog\"]}}"), -ERR_REPEATED);
    assert_int_equal(decode(fixture, "{" ENVELOPE ",\"body\":{\"programmes\":[]}}"), -ERR_TOO_SHORT);
}

/* A map { <pairs> } with `pairs` as bytes. */
static int decode_with(struct fixture *fixture, const char *base, const char *extra, size_t length) {
    buffer_clear(&fixture->message);
    message_from_json(base, &fixture->message);
    fixture->message.data[0]++; /* one pair more */
    buffer_append(&fixture->message, extra, length);
    return decode_bytes(fixture, fixture->message.data, fixture->message.length);
}

static void repeated_keys_are_refused(void **state) {
    struct fixture *fixture = *state;
    static const char base[] = "{" ENVELOPE "," BODY "}}";
    assert_int_equal(decode_with(fixture, base, "\xA4unit\xA7haining", 13), -ERR_DUPLICATE_KEY);
    assert_true(only_fault(&fixture->faults, "unit", ERR_DUPLICATE_KEY));
    assert_id_was_read(fixture);
    assert_int_equal(decode_with(fixture, base, "\xA4side\x82\xA5title\xA1x\xA5title\xA1y", 22), -ERR_DUPLICATE_KEY);
    assert_true(only_fault(&fixture->faults, "side.title", ERR_DUPLICATE_KEY));
}

static void broken_encodings_end_the_reading(void **state) {
    struct fixture *fixture = *state;
    static const char base[] = "{" ENVELOPE "," BODY "}}";
    assert_int_equal(decode_with(fixture, base, "\xA4side\xDD\x10\0\0\0", 10), -ERR_COUNT_LIES);
    assert_true(only_fault(&fixture->faults, "side", ERR_COUNT_LIES));
    assert_string_equal(fixture->faults.items[0].value, "268435456");
    assert_id_was_read(fixture);
    assert_int_equal(decode_with(fixture, base, "\xA4side\x81\xA5title\xA9x", 14), -ERR_TRUNCATED);
    assert_id_was_read(fixture);
    assert_int_equal(decode_with(fixture, base, "\xA1x\x91\x91\x91\x91\x91\x91\x91\x91\x01", 11), -ERR_UNKNOWN_FIELD);
    assert_true(has_fault(&fixture->faults, "x", ERR_TOO_DEEP));
    assert_int_equal(decode_with(fixture, base, "\xA1x\xC1", 3), -ERR_UNKNOWN_FIELD);
    assert_true(has_fault(&fixture->faults, "x", ERR_BAD_FORMAT));
    assert_int_equal(decode_with(fixture, base, "\x05\x01", 2), -ERR_BAD_KEY);
    assert_int_equal(decode_with(fixture, base, "\xA1\xFF\x01", 3), -ERR_BAD_UTF8);
    assert_int_equal(decode_with(fixture, base, "\xA3\0\0\0\x01", 5), -ERR_UNKNOWN_FIELD);
    assert_string_equal(fixture->faults.items[0].field, "???");
}

static void bad_values_are_refused(void **state) {
    struct fixture *fixture = *state;
    static const char base[] = "{" ENVELOPE "," BODY "}}";
    assert_int_equal(decode_with(fixture, base, "\xA4side\x81\xA5title\xA2\xC3(", 15), -ERR_BAD_UTF8);
    assert_true(only_fault(&fixture->faults, "side.title", ERR_BAD_UTF8));
    assert_int_equal(decode_with(fixture, base,
                                 "\xA5"
                                 "cause\xCF\x80\0\0\0\0\0\0\0",
                                 15),
                     -ERR_WRONG_TYPE);
    assert_int_equal(decode(fixture, "{" ENVELOPE "," BODY ",\"amends\":\"hex:0102\"}}"), -ERR_WRONG_TYPE);
    assert_string_equal(fixture->faults.items[0].value, "2 bytes");
    assert_int_equal(decode(fixture, "{\"v\":1,\"id\":\"hex:00000000000000000000000000000000\",\"type\":\"unit.set\","
                                     "\"unit\":\"haining\",\"at\":1,\"body\":{\"name\":\"x\",\"kind\":\"squad\"}}"),
                     -ERR_BAD_FORMAT);
    assert_int_equal(decode(fixture, "{" ENVELOPE "," BODY ",\"attendances_approx\":\"ungefähr\"}}"), -ERR_BAD_WORD);
    assert_string_equal(fixture->faults.items[0].limit, "exact, at-least, below, about");
    assert_int_equal(decode(fixture, "{" ENVELOPE "," BODY ",\"attendances\":null}}"), -ERR_WRONG_TYPE);
}

static void integers_over_64_bits_are_too_big(void **state) {
    struct fixture *fixture = *state;
    buffer_clear(&fixture->message);
    message_from_json("{" ENVELOPE "," BODY ",\"people\":9223372036854775807}}", &fixture->message);
    uint8_t *largest = memmem(fixture->message.data, fixture->message.length, "\xCF\x7F", 2);
    assert_non_null(largest);
    largest[1] = 0xFF;
    assert_int_equal(decode_bytes(fixture, fixture->message.data, fixture->message.length), -ERR_TOO_BIG);
    assert_true(only_fault(&fixture->faults, "body.people", ERR_TOO_BIG));
    assert_string_equal(fixture->faults.items[0].value, "18446744073709551615");
    assert_string_equal(fixture->faults.items[0].limit, "1000000");
}

static void ends_are_tested(void **state) {
    struct fixture *fixture = *state;
    static const char good[] = "{" ENVELOPE "," BODY "},\"side\":{\"title\":\"清洁家园\"}}";
    buffer_clear(&fixture->message);
    message_from_json(good, &fixture->message);
    size_t length = fixture->message.length;
    struct buffer copy = {0};
    buffer_append(&copy, fixture->message.data, length);
    buffer_append(&copy, "\xC0", 1);
    assert_int_equal(decode_bytes(fixture, copy.data, length), 0);
    assert_int_equal(decode_bytes(fixture, copy.data, length + 1), -ERR_TRAILING);
    for (size_t cut = 0; cut < length; cut++) {
        assert_true(decode_bytes(fixture, copy.data, cut) < 0);
    }
    buffer_free(&copy);
    char *large = calloc(1, EVENT_BYTES_MAX + 1);
    assert_int_equal(decode_bytes(fixture, large, EVENT_BYTES_MAX + 1), -ERR_TOO_LARGE);
    free(large);
}

/* One byte changed, everywhere: decoded or refused, never a crash; what is decoded can be encoded. */
static void flipped_bytes_do_no_harm(void **state) {
    struct fixture *fixture = *state;
    struct arena *arena = arena_create(1u << 20);
    struct sampler sampler = {.state = 3, .arena = arena};
    struct event event;
    struct buffer out = {0};
    sample_event(&sampler, EVENT_REPORT_SUBMITTED, &event);
    assert_int_equal(codec_encode_event(&event, PART_CLIENT, &fixture->message), 0);
    for (size_t at = 0; at < fixture->message.length; at++) {
        for (int bit = 0; bit < 8; bit++) {
            fixture->message.data[at] ^= (uint8_t)(1 << bit);
            struct text bytes = {(const char *)fixture->message.data, (uint32_t)fixture->message.length};
            arena_reset(fixture->arena);
            if (codec_decode_event(bytes, fixture->arena, &event, &fixture->faults) == 0) {
                buffer_clear(&out);
                assert_int_equal(codec_encode_event(&event, PART_CLIENT, &out), 0);
            }
            fixture->message.data[at] ^= (uint8_t)(1 << bit);
        }
    }
    buffer_free(&out);
    arena_destroy(&arena);
}

/* An arena that is full says "no memory", not that the event is bad. */
static void no_memory_is_told_apart(void **state) {
    struct fixture *fixture = *state;
    struct arena *small = arena_create(64);
    message_from_json("{" ENVELOPE "," BODY "}}", &fixture->message);
    struct text bytes = {(const char *)fixture->message.data, (uint32_t)fixture->message.length};
    assert_int_equal(codec_decode_event(bytes, small, &fixture->event, &fixture->faults), -ERR_NO_MEMORY);
    assert_id_was_read(fixture);
    arena_destroy(&small);
}

#define WITH_FIXTURE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        WITH_FIXTURE(a_good_event_is_read),
        WITH_FIXTURE(keys_come_in_any_order),
        WITH_FIXTURE(every_fault_is_named_by_its_path),
        WITH_FIXTURE(faulty_members_stay_zero),
        WITH_FIXTURE(types_are_judged_first),
        WITH_FIXTURE(what_is_required_is_missed),
        WITH_FIXTURE(over_limit_texts_are_refused),
        WITH_FIXTURE(too_many_items_are_refused),
        WITH_FIXTURE(repeated_keys_are_refused),
        WITH_FIXTURE(broken_encodings_end_the_reading),
        WITH_FIXTURE(bad_values_are_refused),
        WITH_FIXTURE(integers_over_64_bits_are_too_big),
        WITH_FIXTURE(ends_are_tested),
        WITH_FIXTURE(flipped_bytes_do_no_harm),
        WITH_FIXTURE(no_memory_is_told_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
