/* Questions at the HTTP door: what parameters make of a question to the archiver or the notifier, and of a gateway's report. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

#include "services/portal/kannel.h"
#include "services/portal/parameters.h"
#include "services/portal/record_query.h"

#define POSITION "00000000000000aa.1.5.0000000000000001"
#define ID "01a20b02-bfd8-773a-a2ad-f043d9b196ed"
#define TEN "%E7%8A%AC%E7%8A%AC%E7%8A%AC%E7%8A%AC%E7%8A%AC%E7%8A%AC%E7%8A%AC%E7%8A%AC%E7%8A%AC%E7%8A%AC"
#define HUNDRED TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN

static struct arena *arena;
static const char *const nothing_else[] = {NULL};
static const struct reader squad = {ROLE_SQUAD, "haining/xiashi"};
static const struct reader guide = {ROLE_GUIDE, "haining"};

static int open_arena(void **state) {
    (void)state;
    arena = arena_create(1 << 20);
    return arena ? 0 : -1;
}

static int close_arena(void **state) {
    (void)state;
    arena_destroy(&arena);
    return 0;
}

static int read_query(const char *raw, const struct reader *reader, struct wire_record_query *query,
                      struct error *error) {
    struct target target;
    assert_int_equal(target_parse(text_of(raw), arena, &target, error), 0);
    return record_query_read(&target, reader, nothing_else, query, error);
}

static void expect_text(struct text found, const char *expected) {
    if (!text_equal(found, text_of(expected))) {
        fail_msg("found \"%.*s\", expected \"%s\"", (int)found.length, found.data ? found.data : "", expected);
    }
}

static void every_filter_fills_its_field(void **state) {
    (void)state;
    struct wire_record_query query;
    struct error error;
    int result = read_query("/r?q=%E7%8A%AC&unit=haining/xucun&programme=dog&from=2026-05-01&to=2026-05-31&number=R018"
                            "&activity=" ID "&attendances_from=5&attendances_to=50&withdrawn=1&at_least=" POSITION
                            "&cursor=abc&limit=500",
                            &squad, &query, &error);
    assert_int_equal(result, 0);
    assert_int_equal(query.present, (UINT64_C(1) << FIELD_COUNT_record_query) - 1);
    expect_text(query.text, "犬");
    expect_text(query.unit, "haining/xucun");
    expect_text(query.programme, "dog");
    expect_text(query.number, "R018");
    expect_text(query.cursor, "abc");
    char day[DATE_TEXT_SIZE];
    char id[ID_TEXT_SIZE];
    day_format(query.to, day);
    id_format(&query.activity, id);
    assert_string_equal(day, "2026-05-31");
    assert_string_equal(id, ID);
    assert_int_equal(query.attendances_from, 5);
    assert_int_equal(query.attendances_to, 50);
    assert_int_equal(query.limit, 500);
    assert_true(query.withdrawn);
    assert_int_equal(read_query("/r?text=%E7%8A%AC", &squad, &query, &error), 0);
    expect_text(query.text, "犬");
}

static void the_reader_is_the_portals_to_say(void **state) {
    (void)state;
    struct wire_record_query query;
    struct error error;
    assert_int_equal(read_query("/r?q=&from=&unit=&limit=&withdrawn=", &squad, &query, &error), 0);
    assert_int_equal(query.present, UINT64_C(1) << FIELD_record_query_within | UINT64_C(1) << FIELD_record_query_side);
    expect_text(query.within, "haining/xiashi");
    assert_true(query.side);
    assert_int_equal(read_query("/r?programme=dog", &guide, &query, &error), 0);
    assert_true(wire_has(query.present, FIELD_record_query_side) && !query.side);
    assert_int_equal(read_query("/r?q=x", &guide, &query, &error), -ERR_NO_RIGHT);
    assert_non_null(strstr(error.text_zh, "请去掉查找的文字"));
    assert_int_equal(read_query("/r?text=x", &guide, &query, &error), -ERR_NO_RIGHT);
    assert_int_equal(read_query("/r?within=haining", &squad, &query, &error), -ERR_BAD_QUERY);
    assert_int_equal(read_query("/r?side=1", &guide, &query, &error), -ERR_BAD_QUERY);
}

static void what_does_not_fit_is_named(void **state) {
    (void)state;
    static const struct {
        const char *raw;
        enum error_code code;
        const char *named;
    } cases[] = {
        {"/r?colour=red", ERR_BAD_QUERY, "colour"},
        {"/r?q=a&text=b", ERR_BAD_QUERY, "q"},
        {"/r?from=2026-02-29", ERR_BAD_QUERY, "from"},
        {"/r?from=1999-12-31", ERR_TOO_SMALL, "from"},
        {"/r?from=2026-02-02&to=2026-02-01", ERR_BAD_QUERY, "to"},
        {"/r?attendances_from=9&attendances_to=8", ERR_BAD_QUERY, "attendances_to"},
        {"/r?attendances_from=-1", ERR_BAD_QUERY, "attendances_from"},
        {"/r?attendances_from=1e3", ERR_BAD_QUERY, "attendances_from"},
        {"/r?attendances_to=1000001", ERR_TOO_BIG, "attendances_to"},
        {"/r?attendances_to=99999999999999999999999", ERR_BAD_QUERY, "attendances_to"},
        {"/r?limit=0", ERR_TOO_SMALL, "limit"},
        {"/r?limit=501", ERR_TOO_BIG, "limit"},
        {"/r?limit=9999999999999999999", ERR_BAD_QUERY, "limit"},
        {"/r?activity=R018", ERR_BAD_QUERY, "activity"},
        {"/r?activity=00000000-0000-0000-0000-000000000000", ERR_BAD_FORMAT, "activity"},
        {"/r?withdrawn=yes", ERR_BAD_QUERY, "withdrawn"},
        {"/r?unit=Haining", ERR_BAD_FORMAT, "unit"},
        {"/r?programme=%E7%8A%AC", ERR_BAD_FORMAT, "programme"},
        {"/r?at_least=5", ERR_BAD_POSITION, "5"},
        {"/r?q=" HUNDRED HUNDRED "x", ERR_TOO_LONG, "q"},
        {"/r?number=12345678901234567890123456789012345678901", ERR_TOO_LONG, "number"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct wire_record_query query;
        struct error error = {0};
        int result = read_query(cases[i].raw, &squad, &query, &error);
        if (result != -(int)cases[i].code || !strstr(error.text, cases[i].named)) {
            fail_msg("%.60s: %s, \"%s\"", cases[i].raw, error_wire((enum error_code) - result), error.text);
        }
    }
    struct wire_record_query query;
    struct error error;
    assert_int_equal(read_query("/r?q=" HUNDRED HUNDRED, &squad, &query, &error), 0);
}

/* ---- what a gateway reports ---- */

static int read_report(const char *raw, struct wire_delivery_report *report, struct error *error) {
    struct target target;
    int result = target_parse_foreign(text_of(raw), arena, &target, error);
    return result < 0 ? result : kannel_report_read(&target, report, error);
}

static void a_report_is_taken_with_whatever_words(void **state) {
    (void)state;
    struct wire_delivery_report report;
    struct error error;
    assert_int_equal(read_report("/h?ref=ab.1&mac=cd&d=16&a=NACK%2F0x0b+no&ts=2026-11-26+14:00:00", &report, &error),
                     0);
    expect_text(report.ref, "ab.1");
    expect_text(report.mac, "cd");
    expect_text(report.words, "NACK/0x0b no");
    assert_int_equal(report.code, 16);
    assert_int_equal(read_report("/h?ref=ab.1&mac=cd&d=1&a=&ts=", &report, &error), 0);
    assert_false(wire_has(report.present, FIELD_delivery_report_words));
    /* What a network put into them does not keep the report away. */
    assert_int_equal(read_report("/h?ref=ab.1&mac=cd&d=1&a=%00text%ff%E7%8A%AC%0a%E7%8A%C2%85", &report, &error), 0);
    expect_text(report.words, "?text?犬???"
                              "??");
    assert_int_equal(read_report("/h?ref=ab.1&mac=cd&d=1&a=" HUNDRED HUNDRED TEN, &report, &error), 0);
    assert_int_equal(text_characters(report.words), 200);
}

static void a_report_that_is_none_is_refused(void **state) {
    (void)state;
    static const char *const bad[] = {
        "/h?mac=cd&d=1",
        "/h?ref=&mac=cd&d=1",
        "/h?ref=ab.1&d=1",
        "/h?ref=ab.1&mac=cd",
        "/h?ref=ab.1&mac=cd&d=",
        "/h?ref=ab.1&mac=cd&d=1001",
        "/h?ref=ab.1&mac=cd&d=-1",
        "/h?ref=ab.1&mac=cd&d=one",
        "/h?ref=ab.1&mac=cd&d=1&to=13800138000",
        "/h?ref=1234567890123456789012345678901234567890123456789012345678901&mac=cd&d=1",
        "/h?ref=ab.1&mac=12345678901234567890123456789012345678901234567890123456789012345&d=1",
        "/h?ref=%0&mac=cd&d=1",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct wire_delivery_report report;
        struct error error;
        if (read_report(bad[i], &report, &error) != -ERR_BAD_QUERY) {
            fail_msg("accepted: %s", bad[i]);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_filter_fills_its_field),     cmocka_unit_test(the_reader_is_the_portals_to_say),
        cmocka_unit_test(what_does_not_fit_is_named),       cmocka_unit_test(a_report_is_taken_with_whatever_words),
        cmocka_unit_test(a_report_that_is_none_is_refused),
    };
    return cmocka_run_group_tests_name("portal: questions", tests, open_arena, close_arena);
}
