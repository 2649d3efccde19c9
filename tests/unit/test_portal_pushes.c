/* What providers of SMS push: read as the notifier takes it, whatever stands in it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "services/portal/provider_reports.h"

static struct arena *arena;

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

static struct wire_provider_reports read_push(enum reporting_provider provider, const char *body) {
    struct wire_provider_reports reports;
    struct error error = {0};
    if (provider_reports_read(provider, text_of(body), arena, &reports, &error) != 0) {
        fail_msg("%s: %s", body, error.text);
    }
    return reports;
}

/* The one report of a body: "code tag handle words", or "unread". */
static void expect_one(enum reporting_provider provider, const char *body, const char *wanted) {
    char said[600] = "unread";
    struct wire_provider_reports reports = read_push(provider, body);
    const struct wire_provider_report *report = reports.reports.items;
    if (reports.reports.count == 1) {
        snprintf(said, sizeof said, "%d %.*s %.*s %.*s", (int)report->code, (int)report->tag.length,
                 report->tag.length ? report->tag.data : "", (int)report->handle.length,
                 report->handle.length ? report->handle.data : "", (int)report->words.length, report->words.data);
    }
    assert_int_equal(reports.reports.count + reports.unread, 1);
    if (strcmp(said, wanted) != 0) {
        fail_msg("%s: %s, not %s", body, said, wanted);
    }
}

static void aliyun(void **state) {
    (void)state;
    expect_one(
        REPORTING_ALIYUN,
        "[{\"phone_number\":\"13800138000\",\"success\":true,\"err_code\":\"DELIVERED\",\"err_msg\":\"用户接收成功\","
        "\"sms_size\":\"1\",\"biz_id\":\"12345\",\"out_id\":\"ab.1.cd\"}]",
        "1 ab.1.cd 12345 DELIVERED: 用户接收成功");
    expect_one(REPORTING_ALIYUN, "[{\"success\":false,\"err_code\":\"MK:0001\",\"biz_id\":\"9\"}]", "2  9 MK:0001");
    expect_one(REPORTING_ALIYUN, "[{\"success\":\"true\",\"biz_id\":\"9\"}]", "unread");
    expect_one(REPORTING_ALIYUN, "[{\"success\":true}]", "unread");
    expect_one(REPORTING_ALIYUN, "[{\"success\":true,\"biz_id\":9,\"out_id\":null}]", "unread");
}

static void tencent(void **state) {
    (void)state;
    expect_one(
        REPORTING_TENCENT,
        "[{\"mobile\":\"13800138000\",\"report_status\":\"SUCCESS\",\"errmsg\":\"DELIVRD\",\"description\":\"x\","
        "\"sid\":\"5000:1045\",\"ext\":\"ab.1.cd\"}]",
        "1 ab.1.cd 5000:1045 DELIVRD: x");
    expect_one(REPORTING_TENCENT, "[{\"report_status\":\"FAIL\",\"sid\":\"1\",\"description\":\"x\"}]", "2  1 x");
    expect_one(REPORTING_TENCENT, "[{\"report_status\":\"success\",\"sid\":\"1\"}]", "unread");
}

static void mas(void **state) {
    (void)state;
    expect_one(REPORTING_MAS, "{\"reportStatus\":\"CM:0000\",\"errorCode\":\"DELIVRD\",\"msgGroup\":\"04\"}",
               "1  04 CM:0000: DELIVRD");
    expect_one(REPORTING_MAS, "[{\"reportStatus\":\"DELIVRD\",\"errorCode\":\"\",\"msgGroup\":\"04\"}]",
               "1  04 DELIVRD");
    expect_one(REPORTING_MAS, "[{\"reportStatus\":\"CM:3000\",\"errorCode\":\"success\",\"msgGroup\":\"04\"}]",
               "8  04 CM:3000: success");
    expect_one(REPORTING_MAS, "[{\"reportStatus\":\"CM:2007\",\"errorCode\":\"CM:2007\",\"msgGroup\":\"04\"}]",
               "2  04 CM:2007");
    expect_one(REPORTING_MAS, "[{\"errorCode\":\"CM:2007\",\"msgGroup\":\"04\"}]", "unread");
    expect_one(REPORTING_MAS, "{}", "unread");
    expect_one(REPORTING_MAS, "eyJyZXBvcnRTdGF0dXMiOiJERUxJVlJEIiwibXNnR3JvdXAiOiIwNCJ9", "1  04 DELIVRD");
}

/* What is odd in one does not keep the others away, and is never handed on as it is. */
static void odd_ones(void **state) {
    (void)state;
    struct wire_provider_reports reports = read_push(
        REPORTING_ALIYUN, "[null, 1, \"x\", [], {\"success\":true,\"biz_id\":\"a\\r\\nb\",\"err_code\":\"\\u0007\\t\"},"
                          " {\"success\":true,\"biz_id\":\"9\"}]");
    const struct wire_provider_report *report = reports.reports.items;
    assert_int_equal(reports.unread, 4);
    assert_int_equal(reports.reports.count, 2);
    struct text_facts facts = text_examine(report[0].handle);
    assert_true(facts.valid && !facts.controls && !facts.line_controls);
    facts = text_examine(report[0].words);
    assert_true(facts.valid && !facts.controls && !facts.line_controls);
    struct buffer out = {0};
    reports.token = text_of("t");
    wire_set(&reports.present, FIELD_provider_reports_token);
    assert_int_equal(codec_encode(shape_of(SHAPE_provider_reports), &reports, &out), 0);
    struct wire_provider_reports again;
    struct faults faults = {0};
    struct text bytes = {(const char *)out.data, (uint32_t)out.length};
    assert_int_equal(codec_decode(shape_of(SHAPE_provider_reports), bytes, arena, &again, &faults), 0);
    buffer_free(&out);
}

static void expect_refused(const char *body, enum error_code code) {
    struct wire_provider_reports reports;
    struct error error = {0};
    assert_int_equal(provider_reports_read(REPORTING_ALIYUN, text_of(body), arena, &reports, &error), -(int)code);
    assert_int_equal(error.code, code);
}

static void no_pushes(void **state) {
    (void)state;
    char *large = malloc(PROVIDER_PUSH_BYTES_MAX + 2);
    memset(large, ' ', PROVIDER_PUSH_BYTES_MAX + 1);
    large[PROVIDER_PUSH_BYTES_MAX + 1] = '\0';
    expect_refused(large, ERR_TOO_LARGE);
    char *many = malloc(3100);
    strcpy(many, "[1");
    for (int i = 1; i < 1001; i++) {
        strcpy(many + 2 * (size_t)i, ",1");
    }
    strcat(many, "]");
    expect_refused(many, ERR_TOO_MANY);
    expect_refused("", ERR_TRUNCATED);
    expect_refused("[", ERR_TRUNCATED);
    expect_refused("[{\"success\":true,\"success\":false}]", ERR_DUPLICATE_KEY);
    free(large);
    free(many);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(aliyun),   cmocka_unit_test(tencent),   cmocka_unit_test(mas),
        cmocka_unit_test(odd_ones), cmocka_unit_test(no_pushes),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
