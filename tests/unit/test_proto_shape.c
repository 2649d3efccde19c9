/* Shapes, words, event rows, faults, positions: what the tables become. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "proto/event.h"
#include "proto/faults.h"
#include "proto/position.h"

static const struct field *field_named(const struct shape *shape, const char *name) {
    for (uint32_t i = 0; i < shape->field_count; i++) {
        if (strcmp(shape->fields[i].name, name) == 0) {
            return &shape->fields[i];
        }
    }
    fail_msg("%s has no %s", shape->name, name);
    return NULL;
}

static void rows_become_descriptors(void **state) {
    (void)state;
    const struct shape *report = shape_of(SHAPE_report);
    assert_string_equal(report->name, "report");
    assert_int_equal(report->size, sizeof(struct wire_report));
    assert_true(report->has_side);
    const struct field *measures = field_named(report, "measures");
    assert_int_equal(measures->kind, KIND_RECORDS);
    assert_ptr_equal(measures->sub, shape_of(SHAPE_measure));
    assert_int_equal(measures->offset, offsetof(struct wire_report, measures));
    assert_int_equal(measures->max, 20);
    const struct field *phone = field_named(report, "contact_phone");
    assert_true(phone->side);
    assert_false(phone->required);
    assert_true(wire_has(report->required_fields, FIELD_report_programmes));
    assert_true(wire_has(report->side_fields, FIELD_report_contact_phone));
    assert_false(wire_has(report->side_fields, FIELD_report_contact));
}

/* What the codecs count on: limits that fit the kinds, names that fit a short key, lists that are small enough. */
static void every_row_is_sound(void **state) {
    (void)state;
    for (int s = 0; s < SHAPE_COUNT; s++) {
        const struct shape *shape = shape_of((enum shape_index)s);
        for (uint32_t i = 0; i < shape->field_count; i++) {
            const struct field *field = &shape->fields[i];
            assert_true(field->name_length == strlen(field->name) && field->name_length < 32);
            assert_true(field->min <= field->max);
            assert_true((field->sub != NULL) == (field->kind == KIND_RECORDS || field->kind == KIND_RECORD));
            /* An event's side is one flat map; messages hold whole reports. */
            bool of_message = s >= (int)SHAPE_fault;
            assert_true(field->sub == NULL || of_message || !field->sub->has_side);
            assert_true(field->offset + kind_item_size(field->kind) <= shape->size);
            if (field->kind == KIND_CODES || field->kind == KIND_PATHS || field->kind == KIND_NUMBERS) {
                assert_true(field->max <= 512);
            }
            for (uint32_t other = 0; other < i; other++) {
                assert_string_not_equal(field->name, shape->fields[other].name);
            }
        }
    }
}

static void kinds_have_items(void **state) {
    (void)state;
    assert_int_equal(kind_item(KIND_IDS), KIND_ID);
    assert_int_equal(kind_item_size(KIND_IDS), sizeof(struct id));
    assert_int_equal(kind_item_size(KIND_DATES), sizeof(int32_t));
    assert_int_equal(kind_item_size(KIND_RECORDS), 0);
    assert_int_equal(kind_item_size(KIND_INT), sizeof(int64_t));
    assert_int_equal(kind_item(KIND_INT), -1);
    assert_string_equal(kind_name(KIND_PROSE), "PROSE");
    assert_string_equal(kind_wire(KIND_ID), "bin 16");
}

static void words_go_both_ways(void **state) {
    (void)state;
    assert_int_equal(word_count(KIND_APPROX), APPROX_COUNT);
    assert_int_equal(word_count(KIND_ROLE), ROLE_COUNT);
    assert_int_equal(word_count(KIND_STATUS), STATUS_COUNT);
    assert_int_equal(word_count(KIND_DELIVERY), DELIVERY_COUNT);
    assert_int_equal(word_count(KIND_CHANNEL), CHANNEL_COUNT);
    assert_int_equal(word_count(KIND_TEXT), 0);
    for (int value = 0; value < ROLE_COUNT; value++) {
        assert_int_equal(word_find(KIND_ROLE, text_of(word_wire(KIND_ROLE, value))), value);
    }
    assert_int_equal(word_find(KIND_APPROX, text_of("at-least")), APPROX_AT_LEAST);
    assert_string_equal(word_chinese(KIND_APPROX, APPROX_AT_LEAST), "≥");
    assert_int_equal(word_find(KIND_APPROX, text_of("office")), -1);
    assert_int_equal(word_find(KIND_ROLE, text_of("Office")), -1);
}

static void event_types_go_both_ways(void **state) {
    (void)state;
    for (int type = 0; type < EVENT_TYPE_COUNT; type++) {
        assert_int_equal(event_type_find(text_of(event_row((enum event_type)type)->wire)), type);
    }
    const struct event_row *merged = event_row(EVENT_ACTIVITY_MERGED);
    assert_true(merged->served);
    assert_int_equal(merged->who, ROLE_OFFICE);
    assert_ptr_equal(merged->body, shape_of(SHAPE_activity_merge));
    assert_false(event_row(EVENT_BULLETIN_PUBLISHED)->served);
    assert_int_equal(event_type_find(text_of("report.submited")), -1);
    assert_int_equal(event_type_find(text_of("")), -1);
}

static void faults_name_and_cut(void **state) {
    (void)state;
    struct faults faults = {0};
    struct field_path body = {.name = text_of("body")};
    struct field_path measures = {.above = &body, .name = text_of("measures")};
    struct field_path item = {.above = &measures, .index = 2};
    struct field_path unit = {.above = &item, .name = text_of("unit")};
    faults_add_at(&faults, ERR_TOO_LONG, &unit, "10", text_of("11"));
    assert_string_equal(faults.items[0].field, "body.measures[2].unit");

    char text[300];
    fault_render(&faults.items[0], LANGUAGE_EN, text, sizeof text);
    assert_string_equal(text, "body.measures[2].unit: 11, at most 10");
    fault_render(&faults.items[0], LANGUAGE_ZH, text, sizeof text);
    assert_string_equal(text, "“body.measures[2].unit”太长（11），最多 10");

    char value[300] = {0};
    for (int i = 0; i < 70; i++) {
        strcat(value, "潮");
    }
    faults_add(&faults, ERR_BAD_FORMAT, "side.title", NULL, text_of(value));
    assert_int_equal(text_characters(text_of(faults.items[1].value)), 60);
    assert_string_equal(faults.items[1].limit, "");

    faults_add(&faults, ERR_BAD_UTF8, "x\n", NULL, (struct text){"a\xFF\x1B\0", 4});
    assert_string_equal(faults.items[2].value, "a\\xFF\\x1B\\x00");
    assert_string_equal(faults.items[2].field, "x\\x0A");

    struct error error;
    assert_int_equal(faults_to_error(&faults, &error), -ERR_TOO_LONG);
    for (int i = 0; i < 2 * FAULTS_MAX; i++) {
        faults_add(&faults, ERR_MISSING, "body", NULL, (struct text){0});
    }
    assert_int_equal(faults.count, FAULTS_MAX);
    assert_int_equal(faults.more, 3 + FAULTS_MAX);
    assert_int_equal(faults_to_error(&(struct faults){0}, &error), 0);
}

static void positions_go_both_ways(void **state) {
    (void)state;
    struct position position = {UINT64_C(0x0123456789abcdef), 3, 18000000000, UINT64_MAX};
    char text[POSITION_TEXT_SIZE];
    position_format(&position, text);
    assert_string_equal(text, "0123456789abcdef.3.18000000000.ffffffffffffffff");
    struct position parsed;
    assert_int_equal(position_parse(text_of(text), &parsed, NULL), 0);
    assert_memory_equal(&parsed, &position, sizeof parsed);

    struct position largest = {UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX};
    position_format(&largest, text);
    assert_int_equal(position_parse(text_of(text), &parsed, NULL), 0);
    assert_memory_equal(&parsed, &largest, sizeof parsed);

    assert_int_equal(position_parse(text_of(""), &parsed, NULL), 0);
    assert_memory_equal(&parsed, &(struct position){0}, sizeof parsed);
}

static void positions_refuse_everything_else(void **state) {
    (void)state;
    static const char *const bad[] = {
        "0123456789abcdef",
        "0123456789abcdef.1.2",
        "0123456789abcdef.1.2.",
        "0123456789abcdef.1.2.ffffffffffffffff.",
        "0123456789ABCDEF.1.2.ffffffffffffffff",
        "0123456789abcdef.01.2.ffffffffffffffff",
        "0123456789abcdef..2.ffffffffffffffff",
        "0123456789abcdef.-1.2.ffffffffffffffff",
        "0123456789abcdef.1.18446744073709551616.ffffffffffffffff",
        "0123456789abcdef.1.2.fffffffffffffff",
        " 0123456789abcdef.1.2.ffffffffffffffff",
        "潮讯",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct position parsed;
        struct error error;
        assert_int_equal(position_parse(text_of(bad[i]), &parsed, &error), -ERR_BAD_POSITION);
        assert_non_null(strstr(error.text, "is not a position"));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_become_descriptors),  cmocka_unit_test(every_row_is_sound),
        cmocka_unit_test(kinds_have_items),         cmocka_unit_test(words_go_both_ways),
        cmocka_unit_test(event_types_go_both_ways), cmocka_unit_test(faults_name_and_cut),
        cmocka_unit_test(positions_go_both_ways),   cmocka_unit_test(positions_refuse_everything_else),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
