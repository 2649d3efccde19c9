/* Exports: what people typed comes back through the importer, in both encodings; nothing in it is a formula. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "common/export/report_sheet.h"
#include "common/export/words.h"
#include "common/import/import.h"
#include "proto/json.h"
#include "proto/sample.h"

#define ARENA_BYTES (4 * 1024 * 1024)
#define RANDOM_REPORTS 300

static bool any_unit(void *data, struct text name, char *path) {
    (void)data;
    (void)name;
    snprintf(path, EVENT_UNIT_MAX + 1, "haining/xucun");
    return true;
}

/* What two reports must share: not the words, not what is the default anyway. */
static json_t *essence(const struct wire_report *report) {
    json_t *json = json_from_shape(shape_of(SHAPE_report), report);
    const char *const words[] = {"attendances_text", "measures_text", "found_text"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        json_object_del(json, words[i]);
    }
    const char *const defaults[][2] = {
        {"attendances_approx", "exact"}, {"minutes_approx", "exact"}, {"minutes_basis", "stated"}};
    for (size_t i = 0; i < sizeof defaults / sizeof *defaults; i++) {
        const char *value = json_string_value(json_object_get(json, defaults[i][0]));
        if (value && strcmp(value, defaults[i][1]) == 0) {
            json_object_del(json, defaults[i][0]);
        }
    }
    const char *const lists[] = {"dates", "places", "partners"};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        if (json_array_size(json_object_get(json, lists[i])) == 0) {
            json_object_del(json, lists[i]);
        }
    }
    if (json_is_false(json_object_get(json, "demo"))) {
        json_object_del(json, "demo");
    }
    return json;
}

static void expect_same(const struct wire_report *before, const struct wire_report *after, const struct buffer *bytes) {
    json_t *one = essence(before);
    json_t *other = essence(after);
    if (!json_equal(one, other)) {
        print_error("%s\n%s\n", json_dumps(one, JSON_SORT_KEYS), json_dumps(other, JSON_SORT_KEYS));
        fail_msg("%.*s", (int)bytes->length, (const char *)bytes->data);
    }
    json_decref(one);
    json_decref(other);
}

/* Exports one report and reads the file again: it must say the same. */
static void there_and_back(struct wire_report *report, bool gb18030, struct arena *arena, struct buffer *bytes) {
    struct import_row row;
    struct wire_record_entry entry = {
        .unit = text_of("haining/xucun"), .name = text_of("许村志愿中队"), .report = {report, 1}};
    struct report_sheet *sheet = NULL;
    struct import *import = NULL;
    struct error error;
    const struct import_options options = {.unit = any_unit};
    assert_true(id_parse(text_of("01a20b02-bfd8-773a-a2ad-f043d9b196ed"), &entry.id));
    assert_int_equal(report_sheet_open(&sheet, gb18030, &error), 0);
    assert_int_equal(report_sheet_header(sheet, bytes, &error), 0);
    assert_int_equal(report_sheet_row(sheet, &entry, bytes, &error), 0);
    report_sheet_close(&sheet);
    struct text text = {(const char *)bytes->data, (uint32_t)bytes->length};
    if (import_open(&import, text, &options, &error) != 0) {
        fail_msg("%s\n%.*s", error.text, (int)text.length, text.data);
    }
    assert_int_equal(import_row_count(import), 1);
    assert_int_equal(import_next(import, arena, &row), 1);
    if (row.faults.count > 0) {
        fail_msg("%s %s: %s\n%.*s", row.faults.items[0].field, error_wire(row.faults.items[0].code),
                 row.faults.items[0].value, (int)text.length, text.data);
    }
    assert_true(id_equal(&row.event.id, &entry.id));
    expect_same(report, &row.event.body->report, bytes);
    import_close(&import);
}

/* ---- reports as the record may hold them ---- */

#define PICK(sampler, ...) pick(sampler, (const char *const[]){__VA_ARGS__, NULL})

static struct text pick(struct sampler *sampler, const char *const *words) {
    uint64_t count = 0;
    while (words[count]) {
        count++;
    }
    return text_of(words[sample_below(sampler, count)]);
}

static struct text some_words(struct sampler *sampler) {
    return PICK(sampler, "河西社区清理牛皮癣", "=1+1", "'=HYPERLINK(1)", "''-2", "-5 开头", "+86 138", "@某人",
                "＝全角", "＋加", "“引号”\"直引号\"，逗号,", "沈𠮷镇㐀", "'单引号", "x", "单位：a、b；c");
}

static void choose_measures(struct sampler *sampler, struct wire_report *report) {
    static const char *const names[] = {"清理牛皮癣", "清运垃圾", "“四洁四美”宣传", "2号楼 清理", "发放宣传资料"};
    struct wire_measure *measures = arena_alloc(sampler->arena, 5 * sizeof *measures);
    report->measures = (struct list){measures, 1 + (uint32_t)sample_below(sampler, 5)};
    wire_set(&report->present, FIELD_report_measures);
    for (uint32_t i = 0; i < report->measures.count; i++) {
        measures[i] =
            (struct wire_measure){.name = text_of(names[i]),
                                  .quantity = (int64_t)sample_below(sampler, UINT64_C(1) << sample_below(sampler, 40)),
                                  .unit = PICK(sampler, "处", "吨", "千克", "人次", "平方米", "车", "㎡"),
                                  .approx = (int32_t)sample_below(sampler, APPROX_COUNT)};
        measures[i].present = shape_of(SHAPE_measure)->required_fields | UINT64_C(1) << FIELD_measure_approx;
    }
}

static void choose_found(struct sampler *sampler, struct wire_report *report) {
    static const char *const kinds[] = {"dog-unlicensed", "posters", "bulky-waste", "other", "new-kind.7"};
    struct wire_found *found = arena_alloc(sampler->arena, 5 * sizeof *found);
    report->found = (struct list){found, 1 + (uint32_t)sample_below(sampler, 5)};
    wire_set(&report->present, FIELD_report_found);
    for (uint32_t i = 0; i < report->found.count; i++) {
        found[i] = (struct wire_found){.kind = text_of(kinds[i])};
        wire_set(&found[i].present, FIELD_found_kind);
        if (sample_below(sampler, 2) > 0) {
            found[i].count = 1 + (int64_t)sample_below(sampler, 1000);
            wire_set(&found[i].present, FIELD_found_count);
        }
        if (sample_below(sampler, 2) > 0 && found[i].count > 0) {
            found[i].solved = 1 + (int64_t)sample_below(sampler, (uint64_t)found[i].count);
            wire_set(&found[i].present, FIELD_found_solved);
        }
    }
}

static void choose_words(struct sampler *sampler, struct wire_report *report) {
    report->title = some_words(sampler);
    report->place = some_words(sampler);
    report->narrative = PICK(sampler, "第一行\n第二行\n=3", "一行\r\n又一行", "\t=1", "详见附件");
    report->contact_name = text_of("沈𠮷");
    report->contact_phone = PICK(sampler, "+8613800138000", "13800138000", "057387000000");
    report->town = PICK(sampler, "许村镇", "硖石街道");
    report->order_number = PICK(sampler, "DD-2026-0001", "2026第7单");
    report->regulation = PICK(sampler, "浙江省生活垃圾管理条例", "海宁市养犬管理办法");
    report->attendances_unit = PICK(sampler, "名", "人", "户", "组");
    report->attendances_text = PICK(sampler, "20余名", "近30人", "百余户", "若干");
    report->measures_text = PICK(sampler, "清理牛皮癣 200多处", "清理了一些");
    report->found_text = PICK(sampler, "牛皮癣5处、其他", "卫生死角");
    const unsigned fields[] = {FIELD_report_title,         FIELD_report_place,         FIELD_report_narrative,
                               FIELD_report_contact_name,  FIELD_report_contact_phone, FIELD_report_attendances_text,
                               FIELD_report_measures_text, FIELD_report_found_text,    FIELD_report_attendances_unit,
                               FIELD_report_town,          FIELD_report_order_number,  FIELD_report_regulation};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        wire_set(&report->present, fields[i]);
    }
}

static void forget(struct wire_report *report, unsigned field) {
    const struct field *row = &shape_of(SHAPE_report)->fields[field];
    memset((char *)report + row->offset, 0, field_size(row));
    report->present &= ~(UINT64_C(1) << field);
}

static void choose_report(struct sampler *sampler, struct wire_report *report) {
    struct event event;
    sample_event(sampler, EVENT_REPORT_SUBMITTED, &event);
    *report = event.body->report;
    const unsigned other[] = {FIELD_report_activity,   FIELD_report_answers,  FIELD_report_number,
                              FIELD_report_place_kind, FIELD_report_form,     FIELD_report_campaign,
                              FIELD_report_date_text,  FIELD_report_partners, FIELD_report_note,
                              FIELD_report_source_url, FIELD_report_places};
    for (size_t i = 0; i < sizeof other / sizeof *other; i++) {
        forget(report, other[i]); /* texts that begin with a space come back without it */
    }
    forget(report, FIELD_report_minors);
    choose_words(sampler, report);
    choose_measures(sampler, report);
    choose_found(sampler, report);
    wire_set(&report->present, FIELD_report_attendances);
    wire_set(&report->present, FIELD_report_minutes);
    report->minutes_basis = (int32_t)sample_below(sampler, BASIS_COUNT);
    wire_set(&report->present, FIELD_report_minutes_basis);
    if (report->minutes_basis == BASIS_COMPUTED) {
        report->minutes_approx = APPROX_ABOUT;
        wire_set(&report->present, FIELD_report_minutes_approx);
    }
}

static void an_export_comes_back_through_the_importer(void **state) {
    (void)state;
    struct arena *arena = arena_create(ARENA_BYTES);
    struct sampler sampler = {.state = 20260506, .arena = arena};
    for (int i = 0; i < RANDOM_REPORTS; i++) {
        struct wire_report report;
        struct buffer bytes = {0};
        choose_report(&sampler, &report);
        there_and_back(&report, i % 2 == 1, arena, &bytes);
        assert_false(sampler.failed);
        buffer_free(&bytes);
        arena_reset(arena);
    }
    arena_destroy(&arena);
}

static void expect_in(const struct buffer *bytes, const char *words) {
    if (!memmem(bytes->data, bytes->length, words, strlen(words))) {
        fail_msg("%s is not in:\n%.*s", words, (int)bytes->length, (const char *)bytes->data);
    }
}

static void words_stay_while_they_say_what_is_counted(void **state) {
    (void)state;
    struct arena *arena = arena_create(ARENA_BYTES);
    struct wire_measure measure = {
        .name = text_of("清理牛皮癣"), .quantity = 200000, .unit = text_of("处"), .approx = APPROX_AT_LEAST};
    const struct text dog = text_of("dog");
    struct wire_report report = {.programmes = {(void *)&dog, 1},
                                 .attendances = 20,
                                 .attendances_approx = APPROX_AT_LEAST,
                                 .attendances_unit = text_of("名"),
                                 .attendances_text = text_of("二十余名"),
                                 .measures = {&measure, 1},
                                 .measures_text = text_of("清理牛皮癣200多处")};
    wire_set(&report.present, FIELD_report_programmes);
    wire_set(&report.present, FIELD_report_attendances);
    wire_set(&report.present, FIELD_report_attendances_approx);
    wire_set(&report.present, FIELD_report_attendances_unit);
    wire_set(&report.present, FIELD_report_measures);
    measure.present = shape_of(SHAPE_measure)->required_fields | UINT64_C(1) << FIELD_measure_approx;
    struct buffer bytes = {0};
    there_and_back(&report, false, arena, &bytes);
    expect_in(&bytes, "\"二十余名\"");
    expect_in(&bytes, "\"清理牛皮癣200多处\"");
    buffer_clear(&bytes);
    report.attendances = 25; /* amended; the words are the old ones */
    measure.quantity = 1200;
    there_and_back(&report, false, arena, &bytes);
    expect_in(&bytes, "\"25余名\"");
    expect_in(&bytes, "\"清理牛皮癣 超1.2处\"");
    buffer_free(&bytes);
    arena_destroy(&arena);
}

static void nothing_is_a_formula(void **state) {
    (void)state;
    static const char *const texts[][2] = {
        {"=1", "\"'=1\"\r\n"},   {"'=1", "\"''=1\"\r\n"}, {"a=1", "\"a=1\"\r\n"},
        {"＝1", "\"'＝1\"\r\n"}, {"'a", "\"'a\"\r\n"},    {"-", "\"'-\"\r\n"},
        {"\tx", "\"'\tx\"\r\n"}, {"", "\"\"\r\n"},        {"a\"b", "\"a\"\"b\"\r\n"}};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct buffer out = {0};
        struct sheet_row row = {.out = &out};
        sheet_text(&row, text_of(texts[i][0]));
        sheet_end(&row);
        assert_int_equal(out.length, strlen(texts[i][1]));
        assert_memory_equal(out.data, texts[i][1], out.length);
        buffer_free(&out);
    }
    assert_true(text_equal(sheet_unguard(text_of("''=1")), text_of("'=1")));
    assert_true(text_equal(sheet_unguard(text_of("'a")), text_of("'a")));
    assert_true(text_equal(sheet_unguard(text_of("=1")), text_of("=1")));
}

static void expect_words(int64_t minutes, enum approx approx, const char *expected) {
    struct buffer out = {0};
    words_minutes(&out, minutes, approx);
    assert_true(text_equal((struct text){(const char *)out.data, (uint32_t)out.length}, text_of(expected)));
    buffer_free(&out);
}

static void time_is_written_as_people_do(void **state) {
    (void)state;
    expect_words(120, APPROX_EXACT, "2小时");
    expect_words(90, APPROX_EXACT, "1.5小时");
    expect_words(100, APPROX_ABOUT, "约100分钟");
    expect_words(3600, APPROX_AT_LEAST, "60余小时");
    expect_words(90, APPROX_AT_LEAST, "超1.5小时");
    expect_words(0, APPROX_EXACT, "0小时");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_export_comes_back_through_the_importer),
        cmocka_unit_test(words_stay_while_they_say_what_is_counted),
        cmocka_unit_test(nothing_is_a_formula),
        cmocka_unit_test(time_is_written_as_people_do),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
