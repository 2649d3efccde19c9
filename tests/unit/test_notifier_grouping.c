/* Messages that go out together: which wait for which and until when, and what the one that goes says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "proto/sms.h"
#include "services/notifier/change.h"
#include "services/notifier/grouping/bundle.h"
#include "services/notifier/grouping/merge.h"
#include "services/notifier/rules/values.h"
#include "tests/unit/notifier_office.h"

#define MINUTE INT64_C(60000)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

/* ---- when ---- */

static struct text times_items[] = {{"08:30", 5}, {"17:00", 5}};
static const struct list times = {times_items, 2};

static void a_digest_goes_at_the_next_of_its_times(void **state) {
    (void)state;
    int64_t midnight = values_time_of(20000, 0);
    assert_int_equal(grouping_next_time(&times, midnight), midnight + 510 * MINUTE);
    assert_int_equal(grouping_next_time(&times, midnight + 510 * MINUTE - 1), midnight + 510 * MINUTE);
    assert_int_equal(grouping_next_time(&times, midnight + 510 * MINUTE), midnight + 17 * HOUR);
    assert_int_equal(grouping_next_time(&times, midnight + 17 * HOUR), midnight + DAY + 510 * MINUTE);
    assert_int_equal(grouping_next_time(&times, midnight - 1), midnight + 510 * MINUTE);
}

static struct text by_items[] = {{"rule", 4}, {"unit", 4}};

static struct wire_rule grouped_rule(uint32_t by) {
    struct wire_rule rule = {.rule = text_of("overdue"), .kind = text_of("deadline"), .group_by = {by_items, by}};
    return rule;
}

static void a_group_waits_and_an_open_one_goes_after_its_interval(void **state) {
    (void)state;
    struct grouping grouping;
    struct wire_rule rule = grouped_rule(2);
    struct wire_alert alert = {0};
    const struct wire_recipient recipient = {0};
    assert_true(grouping_of(&rule, &alert, &recipient, text_of("haining/xucun"), 1000, &grouping));
    assert_string_equal(grouping.key, "rule overdue\nunit haining/xucun\n");
    assert_int_equal(grouping.due, 1000 + 5 * MINUTE);
    assert_int_equal(grouping_due(&grouping, 1000, 0), 1000 + 5 * MINUTE);
    assert_int_equal(grouping_due(&grouping, 1000, 900), 900 + 30 * MINUTE);
    assert_int_equal(grouping_due(&grouping, 900 + 30 * MINUTE, 900), grouping.due);
    rule.group_wait = 2;
    rule.group_interval = 10;
    wire_set(&rule.present, FIELD_rule_group_wait);
    wire_set(&rule.present, FIELD_rule_group_interval);
    assert_true(grouping_of(&rule, &alert, &recipient, text_of("haining/xucun"), 1000, &grouping));
    assert_true(grouping.due == 1000 + 2 * MINUTE && grouping.interval == 10 * MINUTE);
    alert.urgent = true;
    assert_false(grouping_of(&rule, &alert, &recipient, text_of("haining/xucun"), 1000, &grouping));
}

static void who_is_named_may_have_a_digest_and_steps_wait_for_none(void **state) {
    (void)state;
    struct grouping grouping;
    struct wire_rule rule = grouped_rule(1);
    struct wire_alert alert = {0};
    struct wire_recipient recipient = {.digest = times};
    int64_t noon = values_time_of(20000, 720);
    assert_true(grouping_of(&rule, &alert, &recipient, text_of("haining"), noon, &grouping));
    assert_string_equal(grouping.key, GROUP_DIGEST);
    assert_int_equal(grouping.due, noon + 5 * HOUR);
    alert.step = 1;
    assert_true(grouping_of(&rule, &alert, &recipient, text_of("haining"), noon, &grouping));
    assert_string_equal(grouping.key, "rule overdue\n");
    rule.group_by.count = 0;
    assert_false(grouping_of(&rule, &alert, &recipient, text_of("haining"), noon, &grouping));
}

/* ---- what it says ---- */

struct said {
    struct buffer title;
    struct buffer text;
};

static struct said say(const struct bundle_item *items, uint32_t count, struct bundle_limit limit) {
    struct said said = {{0}, {0}};
    bundle_write(items, count, &limit, &said.title, &said.text);
    buffer_append(&said.title, "", 1);
    buffer_append(&said.text, "", 1);
    return said;
}

static void unsay(struct said *said) {
    buffer_free(&said->title);
    buffer_free(&said->text);
}

static void expect_said(const struct bundle_item *items, uint32_t count, struct bundle_limit limit, const char *title,
                        const char *text) {
    struct said said = say(items, count, limit);
    assert_string_equal((const char *)said.title.data, title);
    assert_string_equal((const char *)said.text.data, text);
    unsay(&said);
}

static struct bundle_item item(const char *unit, const char *title, const char *text) {
    return (struct bundle_item){text_of(unit), text_of(title), text_of(text)};
}

static void all_texts_or_what_they_are_about_or_how_many(void **state) {
    (void)state;
    const struct bundle_limit wide = {600, UINT32_MAX};
    struct bundle_item items[] = {item("许村", "逾期未报", "许村：6月1日的活动未报。"),
                                  item("硖石", "逾期未报", "硖石：6月2日的活动未报。"),
                                  item("许村", "逾期未报", "许村：6月3日的活动未报。")};
    expect_said(items, 3, wide, "逾期未报（共3条）",
                "1. 许村：6月1日的活动未报。\n2. 硖石：6月2日的活动未报。\n3. 许村：6月3日的活动未报。");
    expect_said(items, 3, (struct bundle_limit){30, UINT32_MAX}, "逾期未报（共3条）", "许村 ×2\n硖石");
    items[1].title = text_of("退回");
    expect_said(items, 2, wide, "提醒汇总（共2条）",
                "1. 逾期未报：许村：6月1日的活动未报。\n2. 退回：硖石：6月2日的活动未报。");
    struct bundle_item many[12];
    for (int i = 0; i < 12; i++) {
        many[i] = items[i % 2];
        many[i].unit = text_of(i < 4 ? "许村" : i < 8 ? "硖石" : "马桥");
    }
    expect_said(many, 12, (struct bundle_limit){53, UINT32_MAX}, "提醒汇总（共12条）",
                "许村：逾期未报 ×2\n许村：退回 ×2\n另有8条，请登录系统在“通知”中查看");
}

static uint32_t draw(uint64_t *chance, uint32_t of) {
    *chance = *chance * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(*chance >> 33) % of;
}

/* Whatever they are: it fits, and each is there, named, or counted. */
static void nothing_is_lost(void **state) {
    (void)state;
    static const char *const units[] = {"许村志愿中队", "硖石志愿中队", "马桥志愿中队", "环卫中心志愿中队"};
    static const char *const titles[] = {"活动记录逾期未报", "记录退回修改", "长期无活动"};
    static const char *const texts[] = {"请尽快补报。", "有一条活动记录被退回修改，请登录系统查看原因并更正。",
                                        "𠮷家浜有情况。"};
    uint64_t chance = 7;
    for (int round = 0; round < 3000; round++) {
        struct bundle_item items[60];
        uint32_t count = 2 + draw(&chance, 59);
        uint32_t kinds = 1 + draw(&chance, 3);
        for (uint32_t i = 0; i < count; i++) {
            items[i] = item(units[draw(&chance, 4)], titles[draw(&chance, kinds)], texts[draw(&chance, 3)]);
        }
        struct bundle_limit limit = {60 + draw(&chance, 600), UINT32_MAX};
        limit.bytes = draw(&chance, 2) ? UINT32_MAX : 200 + draw(&chance, 2000);
        struct said said = say(items, count, limit);
        struct text title = {(const char *)said.title.data, (uint32_t)said.title.length - 1};
        struct text text = {(const char *)said.text.data, (uint32_t)said.text.length - 1};
        assert_true(sms_notice_units(title, text) <= limit.units);
        assert_true(title.length + text.length <= limit.bytes);
        uint32_t named = 0;
        const char *rest = strstr(text.data, "另有");
        for (uint32_t i = 0; i < count; i++) {
            named += strstr(text.data, items[i].text.data) && !rest;
        }
        if (named < count) { /* in short */
            named = rest ? (uint32_t)atoi(rest + strlen("另有")) : 0;
            for (uint32_t i = 0; i < count; i++) {
                char line[200];
                bool titled = strstr(title.data, "提醒汇总") != NULL;
                snprintf(line, sizeof line, "%s%s%s", items[i].unit.data, titled ? "：" : "",
                         titled ? items[i].title.data : "");
                const char *found = strstr(text.data, line);
                named += found && (!rest || found < rest);
            }
            assert_int_equal(named, count);
        }
        unsay(&said);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_digest_goes_at_the_next_of_its_times),
        cmocka_unit_test(a_group_waits_and_an_open_one_goes_after_its_interval),
        cmocka_unit_test(who_is_named_may_have_a_digest_and_steps_wait_for_none),
        cmocka_unit_test(all_texts_or_what_they_are_about_or_how_many),
        cmocka_unit_test(nothing_is_lost),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
