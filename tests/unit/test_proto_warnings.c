/* Warnings: each contradiction with what just fits and what just does not, and their texts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "proto/warnings.h"

#define SET(name, v) (body.report.name = (v), wire_set(&body.report.present, FIELD_report_##name))

static struct warnings look(union event_body *body) {
    struct warnings warnings;
    struct event event = {.id = {{1}}, .type = EVENT_REPORT_SUBMITTED, .unit = text_of("haining"), .body = body};
    warnings_find(&event, &warnings);
    return warnings;
}

/* A report in which nothing contradicts. */
static union event_body plain(void) {
    union event_body body = {.report = {0}};
    int32_t day = 0;
    assert_true(day_parse(text_of("2026-05-06"), &day));
    SET(date, day);
    SET(attendances, 20);
    SET(narrative, text_of("志愿者开展了巡河。"));
    return body;
}

static void assert_fine(union event_body *body) {
    assert_int_equal(look(body).count, 0);
}

static void assert_warned(union event_body *body, enum warning_code code, const char *field, const char *word) {
    struct warnings found = look(body);
    char text[300];
    assert_int_equal(found.count, 1);
    assert_string_equal(warning_wire(found.items[0].code), warning_wire(code));
    assert_string_equal(found.items[0].field, field);
    warning_render(&found.items[0], LANGUAGE_ZH, text, sizeof text);
    assert_non_null(strstr(text, word));
    warning_render(&found.items[0], LANGUAGE_EN, text, sizeof text);
    assert_non_null(strstr(text, field));
    assert_null(strchr(text, '{'));
}

static void a_title_names_the_day(void **state) {
    (void)state;
    static const char *const good[] = {
        "清洁家园", "5月6日清洁家园", "05月06日巡河", "5月6号巡河",   "5月主题党日", "12月",    "月",
        "月6日",    "5月日",          "第105月7日",   "2026年5月6日", "5月6",        "5月106日"};
    static const struct {
        const char *title;
        const char *named;
    } bad[] = {{"5月7日清洁家园", "5月7日"},
               {"关于6月6号巡河", "6月6号"},
               {"5月6日、5月8日巡河", "5月8日"},
               {"2025年12月5日", "12月5日"}};
    union event_body body = plain();
    assert_fine(&body);
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        SET(title, text_of(good[i]));
        assert_fine(&body);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        SET(title, text_of(bad[i].title));
        assert_warned(&body, WARN_TITLE_DATE, "side.title", bad[i].named);
    }
    SET(title, text_of("5月8日巡河"));
    SET(date_end, body.report.date + 2);
    assert_fine(&body);
    SET(date_end, body.report.date + 1);
    assert_warned(&body, WARN_TITLE_DATE, "side.title", "2026-05-06");
    int32_t dates[] = {body.report.date, body.report.date + 2};
    SET(dates, ((struct list){dates, 2}));
    assert_fine(&body);
    body.report.present &= ~(UINT64_C(1) << FIELD_report_date);
    SET(title, text_of("5月30日巡河"));
    assert_fine(&body);
}

static void counts_fit_each_other(void **state) {
    (void)state;
    union event_body body = plain();
    SET(people, 20);
    assert_fine(&body);
    SET(people, 21);
    assert_warned(&body, WARN_PEOPLE_BEYOND, "body.people", "21");
    SET(attendances_unit, text_of("户"));
    assert_fine(&body);
    SET(attendances_unit, text_of("人"));
    SET(attendances_approx, APPROX_AT_LEAST);
    assert_fine(&body);
    body = plain();
    SET(volunteers, 15);
    SET(media, 2);
    SET(citizens, 3);
    assert_fine(&body);
    SET(citizens, 4);
    assert_warned(&body, WARN_PARTS_BEYOND, "body.attendances", "21");
    body = plain();
    SET(duration, 60);
    SET(minutes, 1800);
    assert_fine(&body);
    SET(minutes, 1801);
    assert_warned(&body, WARN_MINUTES_BEYOND, "body.minutes", "1200");
    SET(minutes_approx, APPROX_ABOUT);
    assert_fine(&body);
}

static void something_is_counted_or_told(void **state) {
    (void)state;
    union event_body body = plain();
    SET(attendances, 0);
    assert_fine(&body);
    SET(narrative, ((struct text){0}));
    assert_warned(&body, WARN_NOTHING_TOLD, "side.narrative", "没有");
    SET(minutes, 60);
    assert_fine(&body);
    struct event other = {.type = EVENT_REPORT_WITHDRAWN, .body = &body};
    struct warnings warnings;
    warnings_find(&other, &warnings);
    assert_int_equal(warnings.count, 0);
}

static void one_name_has_one_unit(void **state) {
    (void)state;
    struct wire_measure measures[WARNINGS_MAX + 3] = {{.name = text_of("清理垃圾"), .unit = text_of("车")},
                                                      {.name = text_of("发放资料"), .unit = text_of("份")},
                                                      {.name = text_of("清理垃圾"), .unit = text_of("吨")}};
    union event_body body = plain();
    SET(measures, ((struct list){measures, 2}));
    assert_fine(&body);
    body.report.measures.count = 3;
    assert_warned(&body, WARN_TWO_UNITS, "body.measures[2].unit", "清理垃圾");
    for (int i = 3; i < WARNINGS_MAX + 3; i++) {
        measures[i] = measures[0];
    }
    body.report.measures.count = WARNINGS_MAX + 3;
    assert_int_equal(look(&body).count, WARNINGS_MAX);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_title_names_the_day),
        cmocka_unit_test(counts_fit_each_other),
        cmocka_unit_test(something_is_counted_or_told),
        cmocka_unit_test(one_name_has_one_unit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
