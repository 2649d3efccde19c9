/* Quantities, dates and spans of time as people write them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/import/dates.h"
#include "common/import/quantity.h"

static void expect(const char *words, int64_t thousandths, enum approx approx, const char *unit) {
    struct quantity quantity;
    if (!quantity_parse(text_of(words), &quantity)) {
        fail_msg("not understood: %s", words);
    }
    if (quantity.thousandths != thousandths || quantity.approx != approx || !text_equal(quantity.unit, text_of(unit))) {
        fail_msg("%s: %lld %d %.*s", words, (long long)quantity.thousandths, (int)quantity.approx,
                 (int)quantity.unit.length, quantity.unit.data);
    }
}

static void understands_counts(void **state) {
    (void)state;
    expect("20名", 20000, APPROX_EXACT, "名");
    expect("45", 45000, APPROX_EXACT, "");
    expect("0人", 0, APPROX_EXACT, "人");
    expect("20余名", 20000, APPROX_AT_LEAST, "名");
    expect("10多人次", 10000, APPROX_AT_LEAST, "人次");
    expect("近30人", 30000, APPROX_BELOW, "人");
    expect("将近 30 人", 30000, APPROX_BELOW, "人");
    expect("约2吨", 2000, APPROX_ABOUT, "吨");
    expect("近1.2吨", 1200, APPROX_BELOW, "吨");
    expect("20人左右", 20000, APPROX_ABOUT, "人");
    expect("20左右人", 20000, APPROX_ABOUT, "人");
    expect("50人以上", 50000, APPROX_AT_LEAST, "人");
    expect("超过200份", 200000, APPROX_AT_LEAST, "份");
    expect("上1000名", 1000000, APPROX_AT_LEAST, "名");
    expect("上千人", 1000000, APPROX_AT_LEAST, "人");
    expect("1,200余起", 1200000, APPROX_AT_LEAST, "起");
    expect("１２０余户", 120000, APPROX_AT_LEAST, "户");
    expect("10余万", 100000000, APPROX_AT_LEAST, "");
    expect("3万余份", 30000000, APPROX_AT_LEAST, "份");
    expect("1.5万份", 15000000, APPROX_EXACT, "份");
    expect("近5千克", 5000, APPROX_BELOW, "千克");
    expect("5千余人", 5000000, APPROX_AT_LEAST, "人");
}

static void understands_numerals(void **state) {
    (void)state;
    expect("百余张", 100000, APPROX_AT_LEAST, "张");
    expect("三千余人次", 3000000, APPROX_AT_LEAST, "人次");
    expect("两百多处", 200000, APPROX_AT_LEAST, "处");
    expect("三十五人", 35000, APPROX_EXACT, "人");
    expect("十几名", 10000, APPROX_AT_LEAST, "名");
    expect("十余名", 10000, APPROX_AT_LEAST, "名");
    expect("二十万份", 200000000, APPROX_EXACT, "份");
}

static void refuses_what_is_no_count(void **state) {
    (void)state;
    static const char *const words[] = {
        "",     "若干",     "几十人", "20人30户", "人", "1.2345吨", "99999999999999999999人", "20名\n志愿者",
        "-5人", "20 人 次", "1e9人"};
    struct quantity quantity;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (quantity_parse(text_of(words[i]), &quantity)) {
            fail_msg("taken: %s", words[i]);
        }
    }
}

static void expect_start(const char *words, const char *quantity) {
    int start = quantity_find_start(text_of(words));
    if (start < 0 || strcmp(words + start, quantity) != 0) {
        fail_msg("%s: %d", words, start);
    }
}

static void finds_where_a_quantity_starts(void **state) {
    (void)state;
    expect_start("清理牛皮癣 200多处", "200多处");
    expect_start("清理牛皮癣200多处", "200多处");
    expect_start("清除垃圾约2吨", "约2吨");
    expect_start("清除小广告百余张", "百余张");
    expect_start("“四洁四美”宣传 30户", "30户");
    assert_int_equal(quantity_find_start(text_of("四洁四美宣传")), -1);
    assert_int_equal(quantity_find_start(text_of("清理卫生死角")), -1);
}

static void expect_minutes(const char *words, int64_t minutes, enum approx approx) {
    int64_t got = 0;
    enum approx kind = APPROX_EXACT;
    if (!quantity_minutes(text_of(words), &got, &kind) || got != minutes || kind != approx) {
        fail_msg("%s: %lld %d", words, (long long)got, (int)kind);
    }
}

static void understands_spans_of_time(void **state) {
    (void)state;
    expect_minutes("2小时", 120, APPROX_EXACT);
    expect_minutes("1.5小时", 90, APPROX_EXACT);
    expect_minutes("2个小时", 120, APPROX_EXACT);
    expect_minutes("2个多小时", 120, APPROX_AT_LEAST);
    expect_minutes("28小时", 1680, APPROX_EXACT);
    expect_minutes("90分钟", 90, APPROX_EXACT);
    expect_minutes("半小时", 30, APPROX_EXACT);
    expect_minutes("半个小时", 30, APPROX_EXACT);
    expect_minutes("一个半小时", 90, APPROX_EXACT);
    expect_minutes("1小时30分", 90, APPROX_EXACT);
    expect_minutes("约2小时", 120, APPROX_ABOUT);
    expect_minutes("近3小时", 180, APPROX_BELOW);
    expect_minutes("2小时左右", 120, APPROX_ABOUT);
    int64_t minutes = 0;
    enum approx approx = APPROX_EXACT;
    assert_false(quantity_minutes(text_of("2"), &minutes, &approx));
    assert_false(quantity_minutes(text_of("一天"), &minutes, &approx));
    expect_minutes("0小时", 0, APPROX_EXACT);
    assert_false(quantity_minutes(text_of(" "), &minutes, &approx));
    assert_false(quantity_minutes(text_of(""), &minutes, &approx));
}

static void reads_dates(void **state) {
    (void)state;
    static const char *const whole[] = {"2026-01-09",   "2026/1/9", "2026.1.9",
                                        "2026年1月9日", "20260109", "2026-01-09 08:30"};
    int32_t expected = 0;
    int32_t day = 0;
    assert_true(day_parse(text_of("2026-01-09"), &expected));
    for (size_t i = 0; i < sizeof whole / sizeof *whole; i++) {
        if (date_read(text_of(whole[i]), &day) != DATE_WHOLE || day != expected) {
            fail_msg("%s", whole[i]);
        }
    }
    assert_int_equal(date_read(text_of("7月上旬"), &day), DATE_WORDS);
    assert_int_equal(date_read(text_of("昨日上午"), &day), DATE_WORDS);
    assert_int_equal(date_read(text_of("2026年5月"), &day), DATE_WORDS);
    assert_int_equal(date_read(text_of("2021-02-30"), &day), DATE_BAD);
    assert_int_equal(date_read(text_of("2021/13/01"), &day), DATE_BAD);
    assert_int_equal(date_read(text_of("不详"), &day), DATE_BAD);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(understands_counts),        cmocka_unit_test(understands_numerals),
        cmocka_unit_test(refuses_what_is_no_count),  cmocka_unit_test(finds_where_a_quantity_starts),
        cmocka_unit_test(understands_spans_of_time), cmocka_unit_test(reads_dates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
