/* What intake finds wrong with an imported row, told by the columns of the spreadsheet. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/import/refusal.h"

static struct wire_fault found(const char *field, const char *code, const char *limit, const char *value) {
    return (struct wire_fault){
        .field = text_of(field), .code = text_of(code), .limit = text_of(limit), .value = text_of(value)};
}

static void a_time_ahead_is_the_day_of_the_row(void **state) {
    (void)state;
    /* The begin of 2099-05-06 in China. */
    struct wire_fault ahead = found("at", "time-ahead", "86400000 ms", "4081680000000");
    struct fault fault;
    char text[ERROR_TEXT_MAX];
    assert_true(refusal_read(&ahead, import_header_of, &fault));
    assert_string_equal(fault.field, "活动日期");
    assert_string_equal(fault.value, "2099-05-06");
    fault_render(&fault, LANGUAGE_ZH, text, sizeof text);
    assert_string_equal(text, "“活动日期”为 2099-05-06，尚未到来：报告只能填写已经开展的活动，请改正日期");
}

static void fields_become_columns(void **state) {
    (void)state;
    struct wire_fault big = found("body.attendances", "too-big", "1000000", "2000000");
    struct wire_fault unit = found("unit", "unit-closed", "", "haining/x");
    struct fault fault;
    char text[ERROR_TEXT_MAX];
    assert_true(refusal_read(&big, import_header_of, &fault));
    fault_render(&fault, LANGUAGE_EN, text, sizeof text);
    assert_string_equal(text, "参与人次: 2000000 is above 1000000");
    assert_true(refusal_read(&unit, import_header_of, &fault));
    assert_string_equal(fault.field, "中队");
    assert_int_equal(fault.code, ERR_UNIT_CLOSED);
}

static void what_no_column_fills_stays_as_intake_said_it(void **state) {
    (void)state;
    struct wire_fault right = found("", "no-right", "office", "guide");
    struct wire_fault newer = found("body.date", "code-of-a-later-version", "", "");
    struct fault fault;
    assert_false(refusal_read(&right, import_header_of, &fault));
    assert_false(refusal_read(&newer, import_header_of, &fault));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_time_ahead_is_the_day_of_the_row),
        cmocka_unit_test(fields_become_columns),
        cmocka_unit_test(what_no_column_fills_stays_as_intake_said_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
