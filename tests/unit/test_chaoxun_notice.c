/* The pure parts of chaoxun notice: whom it is for, why it is refused, what the sums of its messages say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "services/chaoxun/delivery.h"
#include "services/chaoxun/notices.h"
#include "services/chaoxun/preview.h"

/* ---- recipients ---- */

static void expect_units(const struct recipients *recipients, const char *const *expected) {
    uint32_t count = 0;
    for (; expected[count]; count++) {
        assert_true(count < recipients->count);
        assert_true(text_equal(recipients->units[count], text_of(expected[count])));
    }
    assert_int_equal(recipients->count, count);
}

#define UNITS(...) ((const char *const[]){__VA_ARGS__, NULL})

static void commas_part_recipients(void **state) {
    (void)state;
    struct recipients recipients;
    struct error error;
    assert_int_equal(recipients_read(&recipients, "haining/xucun, xiashi，许村志愿中队、haining/xucun,", &error), 0);
    expect_units(&recipients, UNITS("haining/xucun", "xiashi", "许村志愿中队"));
    assert_true(recipients_have_names(&recipients));
    assert_int_equal(recipients_read(&recipients, "haining", &error), 0);
    assert_false(recipients_have_names(&recipients));
    assert_int_equal(recipients_read(&recipients, " , ，", &error), -ERR_USAGE);
}

static void too_many_recipients_are_refused(void **state) {
    (void)state;
    static char words[RECIPIENTS_MAX * 8 + 64];
    struct recipients recipients;
    struct error error;
    size_t used = 0;
    for (int i = 0; i < RECIPIENTS_MAX; i++) {
        used += (size_t)snprintf(words + used, sizeof words - used, "u%d,", i);
    }
    assert_int_equal(recipients_read(&recipients, words, &error), 0);
    assert_int_equal(recipients.count, RECIPIENTS_MAX);
    snprintf(words + used, sizeof words - used, "u0,more");
    assert_int_equal(recipients_read(&recipients, words, &error), -ERR_TOO_MANY);
}

static void names_become_paths(void **state) {
    (void)state;
    struct registry_unit units[] = {
        {.path = text_of("haining"), .name = text_of("大队")},
        {.path = text_of("haining/xucun"), .name = text_of("许村志愿中队")},
        {.path = text_of("haining/xiashi"), .full_name = text_of("硖石城市管理志愿服务中队")}};
    const struct registry registry = {.units = units, .unit_count = 3};
    struct recipients recipients;
    struct error error;
    recipients_read(&recipients, "许村志愿中队,xucun,haining/xiashi,硖石城市管理志愿服务中队,haining", &error);
    assert_int_equal(recipients_resolve(&recipients, &registry, &error), 0);
    expect_units(&recipients, UNITS("haining/xucun", "haining/xiashi", "haining"));
    recipients_read(&recipients, "xucun,没有", &error);
    assert_int_equal(recipients_resolve(&recipients, &registry, &error), -ERR_UNKNOWN_UNIT);
    assert_non_null(strstr(error.text_zh, "没有“没有”这个单位"));
}

/* ---- refusals ---- */

static void a_preview_refuses(void **state) {
    (void)state;
    struct wire_preview_unit units[] = {
        {.unit = text_of("haining/xucun"), .people = 2},
        {.unit = text_of("haining/xiashi"), .name = text_of("硖石志愿中队"), .people = 1}};
    struct wire_preview_answer answer = {
        .sms_parts = 10, .sms_parts_max = 10, .sms_characters = 670, .units = {units, 2}};
    struct error error;
    assert_int_equal(preview_check(&answer, &error), 0);
    units[1].people = 0;
    assert_int_equal(preview_check(&answer, &error), -ERR_NO_CONTACT);
    assert_non_null(strstr(error.text, "硖石志愿中队 has no contact"));
    answer.sms_parts = 11;
    answer.sms_characters = 671;
    assert_int_equal(preview_check(&answer, &error), -ERR_TOO_MANY_PARTS);
    assert_non_null(strstr(error.text, "take 671 characters, 670 fit"));
}

/* ---- sums ---- */

static void sums_say_states_in_the_order_of_life(void **state) {
    (void)state;
    struct wire_state_count items[] = {{.channel = CHANNEL_SMS, .state = DELIVERY_DELIVERED, .count = 3},
                                       {.channel = CHANNEL_EMAIL, .state = DELIVERY_DELIVERED, .count = 2},
                                       {.channel = CHANNEL_SMS, .state = DELIVERY_PENDING, .count = 1}};
    const struct list counts = {items, 3};
    char sums[DELIVERY_SUMS_SIZE];
    delivery_sums(&counts, LANGUAGE_EN, sums);
    assert_string_equal(sums, "pending 1, delivered 5");
    delivery_sums(&counts, LANGUAGE_ZH, sums);
    assert_string_equal(sums, "待发送 1，已送达 5");
    delivery_sums(&(struct list){0}, LANGUAGE_EN, sums);
    assert_string_equal(sums, "");
}

static void expect_done(int state, bool done, bool reached) {
    struct wire_state_count items[] = {{.state = DELIVERY_DELIVERED, .count = 4}, {.state = state, .count = 2}};
    bool all_reached = !reached;
    int64_t all = 0;
    assert_int_equal(delivery_done(&(struct list){items, 2}, &all, &all_reached), done ? 6 : 4);
    assert_int_equal(all, 6);
    assert_int_equal(all_reached, reached);
}

static void every_state_is_under_way_or_over(void **state) {
    (void)state;
    expect_done(DELIVERY_PENDING, false, false);
    expect_done(DELIVERY_SENDING, false, false);
    expect_done(DELIVERY_RETRY, false, false);
    expect_done(DELIVERY_UNKNOWN, false, false);
    expect_done(DELIVERY_ACCEPTED, false, true); /* over when no delivery report is asked for */
    expect_done(DELIVERY_DELIVERED, true, true);
    expect_done(DELIVERY_UNDELIVERED, true, false);
    expect_done(DELIVERY_HELD, false, false);
    expect_done(DELIVERY_DEAD, true, false);
    expect_done(DELIVERY_EXPIRED, true, false);
    expect_done(DELIVERY_CANCELLED, true, false);
    expect_done(DELIVERY_SUPERSEDED, true, false);
}

static void long_lists_of_units_are_cut(void **state) {
    (void)state;
    struct text units[RECIPIENTS_MAX];
    char out[NOTICE_UNITS_SIZE];
    for (int i = 0; i < RECIPIENTS_MAX; i++) {
        units[i] = text_of("haining/dongchang");
    }
    struct wire_notice_entry notice = {.units = {units, 2}};
    notice_units(&notice, out);
    assert_string_equal(out, "haining/dongchang, haining/dongchang");
    notice.units.count = RECIPIENTS_MAX;
    notice_units(&notice, out);
    assert_non_null(strstr(out, "haining/dongchang, … +4"));
    assert_true(strlen(out) < sizeof out);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commas_part_recipients),
        cmocka_unit_test(too_many_recipients_are_refused),
        cmocka_unit_test(names_become_paths),
        cmocka_unit_test(a_preview_refuses),
        cmocka_unit_test(sums_say_states_in_the_order_of_life),
        cmocka_unit_test(every_state_is_under_way_or_over),
        cmocka_unit_test(long_lists_of_units_are_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
