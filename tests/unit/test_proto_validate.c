/* Limits and rules, each with what just holds and what just does not; texts are Chinese where people write Chinese. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "proto/validate_text.h"
#include "tests/unit/rule_check.h"

static const struct field_path path = {.name = {"x", 1}};

static enum error_code judge(enum field_kind kind, int64_t min, int64_t max, const void *value) {
    struct field field = {.name = "x", .kind = kind, .min = min, .max = max};
    struct faults faults;
    faults_clear(&faults);
    bool good = validate_field(&field, value, &path, &faults);
    assert_int_equal(good, faults.count == 0);
    return good ? ERR_OK : faults.items[0].code;
}

static enum error_code judge_text(enum field_kind kind, int64_t min, int64_t max, const char *value) {
    struct text text = text_of(value);
    return judge(kind, min, max, &text);
}

static void limits_count_characters(void **state) {
    (void)state;
    assert_int_equal(judge_text(KIND_TEXT, 1, 4, "清洁家园"), ERR_OK);
    assert_int_equal(judge_text(KIND_TEXT, 1, 4, "清洁家园，"), ERR_TOO_LONG);
    assert_int_equal(judge_text(KIND_TEXT, 1, 4, "😀😀😀😀"), ERR_OK);
    assert_int_equal(judge_text(KIND_TEXT, 1, 4, ""), ERR_TOO_SHORT);
    assert_int_equal(judge_text(KIND_TEXT, 0, 4, ""), ERR_OK);
    assert_int_equal(judge_text(KIND_PROSE, 1, 4, "清\n洁\t"), ERR_OK);
    assert_int_equal(judge_text(KIND_TEXT, 1, 4, "清\n洁"), ERR_BAD_FORMAT);
    assert_int_equal(judge_text(KIND_TEXT, 1, 4, "清\t洁"), ERR_BAD_FORMAT);
    assert_int_equal(judge_text(KIND_PROSE, 1, 4, "清\x1B洁"), ERR_BAD_FORMAT);
    assert_int_equal(judge_text(KIND_TEXT, 1, 4, "\x7F"), ERR_BAD_FORMAT);
    assert_int_equal(judge_text(KIND_PROSE, 1, 4, "\xE6\xB8"), ERR_BAD_UTF8);
}

struct sample {
    const char *text;
    bool good;
};

static void assert_samples(bool (*test)(struct text), const struct sample *samples, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (test(text_of(samples[i].text)) != samples[i].good) {
            fail_msg("%s", samples[i].text);
        }
    }
}

#define ASSERT_SAMPLES(test, samples) assert_samples(test, samples, sizeof samples / sizeof *samples)

static void codes_paths_and_numbers_have_their_letters(void **state) {
    (void)state;
    static const struct sample codes[] = {{"clean-home", true}, {"a", true},     {"report.v2", true}, {"7", true},
                                          {"-a", false},        {"a-", false},   {"a.", false},       {"A", false},
                                          {"a b", false},       {"许村", false}, {"", false},         {"a_b", false}};
    static const struct sample paths[] = {{"haining", true},          {"haining/xiashi", true},
                                          {"a/b/c/d/e/f/g/h", true},  {"a/b/c/d/e/f/g/h/i", false},
                                          {"haining/", false},        {"/haining", false},
                                          {"haining//xiashi", false}, {"haining/硖石", false},
                                          {"haining/../x", false},    {"", false}};
    static const struct sample numbers[] = {{"V-0042", true}, {"a.b_c-9", true}, {"王芳", false},
                                            {"a b", false},   {"a/b", false},    {"", false}};
    ASSERT_SAMPLES(text_is_code, codes);
    ASSERT_SAMPLES(text_is_path, paths);
    ASSERT_SAMPLES(text_is_number, numbers);
}

static void telephone_numbers_and_addresses_cannot_carry_commands(void **state) {
    (void)state;
    static const struct sample phones[] = {{"13800000000", true},
                                           {"+8613800000000", true},
                                           {"057387012345", true},
                                           {"138 0000", false},
                                           {"138-0000", false},
                                           {"13800\r\n000", false},
                                           {"1+3800000", false},
                                           {"+", false},
                                           {"１３８", false},
                                           {"13800000000;x", false},
                                           {"", false}};
    static const struct sample emails[] = {{"wang.fang@haining.gov.cn", true},
                                           {"王芳@例子.中国", true},
                                           {"a@b", true},
                                           {"a+tag@b.cn", true},
                                           {"a@b.cn\r\nRCPT TO:<x@y>", false},
                                           {"a@b.cn\n", false},
                                           {"a b@c.cn", false},
                                           {"a@b@c.cn", false},
                                           {"<a@b.cn>", false},
                                           {"a,b@c.cn", false},
                                           {".a@b.cn", false},
                                           {"a.@b.cn", false},
                                           {"a..b@c.cn", false},
                                           {"a@-b.cn", false},
                                           {"a@b..cn", false},
                                           {"a@b.cn.", false},
                                           {"@b.cn", false},
                                           {"a@", false},
                                           {"a", false},
                                           {"\"a b\"@c.cn", false},
                                           {"a@\xC2\x85.cn", false},
                                           {"a@\xFF.cn", false},
                                           {"", false}};
    ASSERT_SAMPLES(text_is_phone, phones);
    ASSERT_SAMPLES(text_is_email, emails);
    assert_int_equal(judge_text(KIND_PHONE, 5, 8, "+12345678"), ERR_OK); /* the sign is no digit */
    assert_int_equal(judge_text(KIND_PHONE, 5, 8, "123456789"), ERR_TOO_LONG);
    assert_int_equal(judge_text(KIND_PHONE, 5, 8, "+1234"), ERR_TOO_SHORT);
}

static void keys_are_z85(void **state) {
    (void)state;
    assert_int_equal(judge_text(KIND_KEY, 0, 0, "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7"), ERR_OK);
    assert_int_equal(judge_text(KIND_KEY, 0, 0, "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf"), ERR_BAD_FORMAT);
    assert_int_equal(judge_text(KIND_KEY, 0, 0, "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf\""), ERR_BAD_FORMAT);
    assert_int_equal(judge_text(KIND_KEY, 0, 0, ""), ERR_BAD_FORMAT);
}

static void numbers_days_and_times_have_limits(void **state) {
    (void)state;
    assert_int_equal(judge(KIND_INT, 1, 10, &(int64_t){1}), ERR_OK);
    assert_int_equal(judge(KIND_INT, 1, 10, &(int64_t){10}), ERR_OK);
    assert_int_equal(judge(KIND_INT, 1, 10, &(int64_t){0}), ERR_TOO_SMALL);
    assert_int_equal(judge(KIND_INT, 1, 10, &(int64_t){11}), ERR_TOO_BIG);
    int32_t day;
    assert_true(day_parse(text_of("2000-01-01"), &day));
    assert_int_equal(judge(KIND_DATE, 2000, 2100, &day), ERR_OK);
    day--;
    assert_int_equal(judge(KIND_DATE, 2000, 2100, &day), ERR_TOO_SMALL);
    assert_int_equal(judge(KIND_MONTH, 2000, 2100, &(int32_t){131 * 12}), ERR_TOO_BIG);
    assert_int_equal(judge(KIND_MONTH, 1969, 2100, &(int32_t){-1}), ERR_OK);
    assert_int_equal(judge(KIND_TIME, 0, 0, &(int64_t){INT64_C(1790000000000)}), ERR_OK);
    assert_int_equal(judge(KIND_TIME, 0, 0, &(int64_t){INT64_MAX}), ERR_TOO_BIG);
    assert_int_equal(judge(KIND_TIME, 0, 0, &(int64_t){INT64_MIN}), ERR_TOO_SMALL);
    assert_int_equal(judge(KIND_ID, 0, 0, &(struct id){{0}}), ERR_BAD_FORMAT);
}

static void lists_have_limits_and_no_repeats(void **state) {
    (void)state;
    struct text items[512];
    char codes[512][16];
    for (int i = 0; i < 512; i++) {
        snprintf(codes[i], sizeof codes[i], "c%d", i);
        items[i] = text_of(codes[i]);
    }
    struct list list = {items, 512};
    assert_int_equal(judge(KIND_CODES, 0, 512, &list), ERR_OK);
    assert_int_equal(judge(KIND_CODES, 0, 511, &list), ERR_TOO_MANY);
    assert_int_equal(judge(KIND_CODES, 513, 600, &list), ERR_TOO_SHORT);
    items[511] = text_of("c0");
    assert_int_equal(judge(KIND_CODES, 0, 512, &list), ERR_REPEATED);
    assert_int_equal(judge(KIND_NUMBERS, 0, 512, &list), ERR_REPEATED);
    assert_int_equal(judge(KIND_PATHS, 0, 512, &list), ERR_REPEATED);
    assert_int_equal(judge(KIND_TEXTS, 0, 512, &list), ERR_OK);
    items[3] = text_of("");
    assert_int_equal(judge(KIND_TEXTS, 0, 512, &list), ERR_TOO_SHORT);
}

/* ---- rules between fields ---- */

static void amendments_name_what_they_amend(void **state) {
    (void)state;
    union event_body body = {.report = {0}};
    ASSERT_GOOD(EVENT_REPORT_SUBMITTED);
    ASSERT_ONLY(EVENT_REPORT_AMENDED, "body.amends", ERR_MISSING);
    SET(report, amends, ((struct id){{1}}));
    ASSERT_GOOD(EVENT_REPORT_AMENDED);
    ASSERT_ONLY(EVENT_REPORT_SUBMITTED, "body.amends", ERR_WRONG_PLACE);
    body.report.present = 0;
    SET(report, reason, text_of("数字有误"));
    ASSERT_ONLY(EVENT_REPORT_SUBMITTED, "side.reason", ERR_WRONG_PLACE);
}

static void reports_do_not_contradict_themselves(void **state) {
    (void)state;
    union event_body body = {.report = {0}};
    SET(report, date, 20000);
    SET(report, date_end, 20000);
    ASSERT_GOOD(EVENT_REPORT_SUBMITTED);
    SET(report, date_end, 19999);
    ASSERT_ONLY(EVENT_REPORT_SUBMITTED, "body.date_end", ERR_CONTRADICTION);

    body = (union event_body){.report = {0}};
    SET(report, attendances, 20);
    SET(report, minors, 20);
    ASSERT_GOOD(EVENT_REPORT_SUBMITTED);
    SET(report, minors, 21);
    ASSERT_ONLY(EVENT_REPORT_SUBMITTED, "body.minors", ERR_CONTRADICTION);
    SET(report, attendances_approx, APPROX_AT_LEAST); /* 20余名 may hold 21 minors */
    ASSERT_GOOD(EVENT_REPORT_SUBMITTED);

    body = (union event_body){.report = {0}};
    SET(report, minutes_basis, BASIS_COMPUTED);
    ASSERT_ONLY(EVENT_REPORT_SUBMITTED, "body.minutes_approx", ERR_CONTRADICTION);
    SET(report, minutes_approx, APPROX_ABOUT);
    ASSERT_GOOD(EVENT_REPORT_SUBMITTED);
}

static void measures_are_named_once_per_unit(void **state) {
    (void)state;
    struct wire_measure measures[] = {{.name = text_of("清理垃圾"), .unit = text_of("车")},
                                      {.name = text_of("清理垃圾"), .unit = text_of("吨")},
                                      {.name = text_of("发放宣传资料"), .unit = text_of("车")}};
    union event_body body = {.report = {.measures = {measures, 3}}};
    ASSERT_GOOD(EVENT_REPORT_SUBMITTED);
    measures[2].name = text_of("清理垃圾");
    ASSERT_ONLY(EVENT_REPORT_SUBMITTED, "body.measures[2].name", ERR_REPEATED);
}

static void not_more_is_solved_than_found(void **state) {
    (void)state;
    uint64_t both = 1u << FIELD_found_count | 1u << FIELD_found_solved;
    struct wire_found found_kinds[] = {{.present = both, .kind = text_of("posters"), .count = 3, .solved = 3},
                                       {.present = both, .kind = text_of("piling"), .count = 3, .solved = 4}};
    union event_body body = {.report = {.found = {found_kinds, 1}}};
    ASSERT_GOOD(EVENT_REPORT_SUBMITTED);
    body.report.found.count = 2;
    ASSERT_ONLY(EVENT_REPORT_SUBMITTED, "body.found[1].solved", ERR_CONTRADICTION);
}

static void programmes_are_known(void **state) {
    (void)state;
    struct text codes[] = {text_of("civilisation-practice"), text_of("gardening")};
    union event_body body = {.report = {.programmes = {codes, 1}}};
    ASSERT_GOOD(EVENT_REPORT_SUBMITTED);
    body.report.programmes.count = 2;
    ASSERT_ONLY(EVENT_REPORT_SUBMITTED, "body.programmes[1]", ERR_UNKNOWN_PROGRAMME);
    body = (union event_body){.activity = {.programmes = {codes, 2}}};
    ASSERT_ONLY(EVENT_ACTIVITY_PLANNED, "body.programmes[1]", ERR_UNKNOWN_PROGRAMME);
}

static void activities_end_after_they_start(void **state) {
    (void)state;
    union event_body body = {.activity = {0}};
    SET(activity, starts_at, 1000);
    SET(activity, ends_at, 1000);
    ASSERT_GOOD(EVENT_ACTIVITY_PLANNED);
    SET(activity, ends_at, 999);
    ASSERT_ONLY(EVENT_ACTIVITY_PLANNED, "body.ends_at", ERR_CONTRADICTION);
}

static void merges_have_two_ids(void **state) {
    (void)state;
    union event_body body = {.activity_merge = {0}};
    SET(activity_merge, into, ((struct id){{1}}));
    SET(activity_merge, from, ((struct id){{2}}));
    ASSERT_GOOD(EVENT_ACTIVITY_MERGED);
    SET(activity_merge, from, ((struct id){{1}}));
    ASSERT_ONLY(EVENT_ACTIVITY_MERGED, "body.from", ERR_CONTRADICTION);
}

static void contacts_can_be_reached(void **state) {
    (void)state;
    union event_body body = {.contact = {0}};
    SET(contact, name, text_of("王芳"));
    ASSERT_ONLY(EVENT_CONTACT_SET, "side.phone", ERR_MISSING);
    SET(contact, email, text_of("a@b.cn"));
    ASSERT_GOOD(EVENT_CONTACT_SET);
    body = (union event_body){.contact = {0}};
    SET(contact, off, true);
    ASSERT_GOOD(EVENT_CONTACT_SET);
}

/* A field that is faulty itself is not faulted again by a rule that misses it. */
static void rules_do_not_repeat_a_fault(void **state) {
    (void)state;
    union event_body body = {.contact = {0}};
    struct event event = {.type = EVENT_CONTACT_SET, .body = &body};
    struct faults faults = {0};
    faults_add(&faults, ERR_BAD_FORMAT, "side.email", NULL, text_of("x"));
    validate_event(&event, &faults);
    assert_int_equal(faults.count, 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(limits_count_characters),
        cmocka_unit_test(codes_paths_and_numbers_have_their_letters),
        cmocka_unit_test(telephone_numbers_and_addresses_cannot_carry_commands),
        cmocka_unit_test(keys_are_z85),
        cmocka_unit_test(numbers_days_and_times_have_limits),
        cmocka_unit_test(lists_have_limits_and_no_repeats),
        cmocka_unit_test(amendments_name_what_they_amend),
        cmocka_unit_test(reports_do_not_contradict_themselves),
        cmocka_unit_test(measures_are_named_once_per_unit),
        cmocka_unit_test(not_more_is_solved_than_found),
        cmocka_unit_test(programmes_are_known),
        cmocka_unit_test(activities_end_after_they_start),
        cmocka_unit_test(merges_have_two_ids),
        cmocka_unit_test(contacts_can_be_reached),
        cmocka_unit_test(rules_do_not_repeat_a_fault),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
