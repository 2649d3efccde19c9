/* Rules in the notifier's fold: what they fire on and what not, whom an alert reaches and by which channel; a
 * journal that is folded anew raises nothing twice; and the worst rules do not feed themselves. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "services/notifier/change.h"
#include "services/notifier/rules/firing.h"
#include "tests/unit/notifier_office.h"

#define REPORT_ID "\"report\": \"hex:018bcfe5680070008000000000000063\""
#define LEADER "\"recipients\": [{\"of\": \"own\", \"post\": \"leader\"}]"
#define RETURNED "\"kind\": \"event\", \"event\": \"report.returned\", "

/* ---- firing ---- */

static void a_returned_report_tells_the_leader(void **state) {
    struct office *office = *state;
    struct outbox_row row;
    struct notice_row notice;
    struct error error = {0};
    office_people(office);
    office_rule(office, 20, "returned", 1, RETURNED LEADER, NULL);
    office_returned(office, 30, "haining/xucun");
    assert_int_equal(office_waiting(office), 1);
    assert_int_equal(office_echo(office), 1);
    assert_int_equal(office_waiting(office), 0);
    struct id alert = office_last_alert(office);
    assert_int_equal(office_count(office, "SELECT count(*) FROM outbox"), 1);
    assert_int_equal(office_alert_row(office, &alert, "P-1", CHANNEL_SMS, &row), 1);
    assert_int_equal(row.course.state, DELIVERY_PENDING);
    assert_string_equal(row.address, "13800138001");
    assert_int_equal(notices_find(&office->store.notices, &alert, &notice, &error), 1);
    assert_string_equal(notice.title.data, "退回");
    assert_string_equal(notice.text.data, "许村志愿中队：退回提醒，11月15日");
    assert_string_equal(notice.rule.data, "returned");
}

static void rules_fire_where_they_are_about_something(void **state) {
    struct office *office = *state;
    office_people(office);
    office_rule(office, 20, "returned", 1, RETURNED LEADER ", \"units\": [\"haining/xiashi\"]", NULL);
    office_returned(office, 30, "haining/xucun");
    office_happen(office, 31, "report.accepted", "haining/xiashi", REPORT_ID, NULL);
    assert_int_equal(office_waiting(office), 0);
    office_returned(office, 32, "haining/xiashi");
    assert_int_equal(office_waiting(office), 1);
    office_rule(office, 21, "returned", 2, RETURNED LEADER ", \"off\": true", NULL);
    office_returned(office, 33, "haining/xiashi");
    assert_int_equal(office_waiting(office), 1);
}

static void conditions_are_asked(void **state) {
    struct office *office = *state;
    office_people(office);
    office_rule(office, 20, "urgent", 1,
                "\"kind\": \"event\", \"event\": \"problem.raised\", " LEADER
                ", \"conditions\": [{\"field\": \"kind\", \"is\": \"is\", \"value\": \"litter\"},"
                " {\"field\": \"solved\", \"is\": \"not\", \"value\": \"true\"}]",
                "{\"title\": \"问题\", \"text\": \"{地点}\"}");
    office_happen(office, 30, "problem.raised", "haining/xucun", "\"kind\": \"dogs\"", NULL);
    office_happen(office, 31, "problem.raised", "haining/xucun", "\"kind\": \"litter\", \"solved\": true", NULL);
    assert_int_equal(office_waiting(office), 0);
    office_happen(office, 32, "problem.raised", "haining/xucun",
                  "\"kind\": \"litter\", \"town\": \"许村镇\", \"spot\": \"桥下\"", NULL);
    assert_int_equal(office_echo(office), 1);
    struct notice_row notice;
    struct error error = {0};
    struct id alert = office_last_alert(office);
    assert_int_equal(notices_find(&office->store.notices, &alert, &notice, &error), 1);
    assert_string_equal(notice.text.data, "许村镇桥下");
}

/* Who is to deal with a problem is told, not who handed it on. */
static void an_assignment_is_about_who_gets_it(void **state) {
    struct office *office = *state;
    struct outbox_row row;
    office_people(office);
    office_rule(office, 20, "assigned", 1, "\"kind\": \"event\", \"event\": \"problem.assigned\", " LEADER,
                "{\"title\": \"派遣\", \"text\": \"{单位} {期限}\"}");
    office_happen(
        office, 30, "problem.assigned", "haining",
        "\"problem\": \"hex:018bcfe5680070008000000000000063\", \"to\": \"haining/xucun\", \"due\": \"2026-06-20\"",
        NULL);
    assert_int_equal(office_echo(office), 1);
    struct id alert = office_last_alert(office);
    assert_int_equal(office_alert_row(office, &alert, "P-1", CHANNEL_SMS, &row), 1);
    assert_string_equal(row.unit, "haining/xucun");
}

/* ---- whom, by what ---- */

static void recipients_are_resolved_when_the_alert_is_folded(void **state) {
    struct office *office = *state;
    struct outbox_row row;
    office_people(office);
    office_rule(
        office, 20, "returned", 1,
        RETURNED
        "\"recipients\": [{\"of\": \"own\", \"post\": \"leader\"}, {\"of\": \"above\", \"post\": \"office\"},"
        " {\"of\": \"brigade\", \"post\": \"duty\"}, {\"of\": \"unit\", \"unit\": \"haining\", \"post\": \"duty\"}]",
        NULL);
    office_returned(office, 30, "haining/xucun/t1"); /* a team without contacts: its squad's */
    office_contact(office, 40, "haining/xucun", "P-1", ", \"off\": true", NULL, NULL);
    office_contact(office, 41, "haining/xucun", "P-9", ", \"post\": \"leader\"", "13800138009", NULL);
    assert_int_equal(office_echo(office), 1);
    struct id alert = office_last_alert(office);
    assert_int_equal(office_alert_row(office, &alert, "P-9", CHANNEL_SMS, &row), 1);
    assert_int_equal(office_alert_row(office, &alert, "P-3", CHANNEL_EMAIL, &row), 1); /* no telephone: by e-mail */
    assert_int_equal(office_alert_row(office, &alert, "P-4", CHANNEL_SMS, &row), 1);   /* named twice, told once */
    assert_int_equal(office_count(office, "SELECT count(*) FROM outbox"), 3);
}

/* A squad without a leader does not wake the brigade's. */
static void nobody_is_told_instead_of_a_leader_who_is_not_there(void **state) {
    struct office *office = *state;
    office_people(office);
    office_rule(office, 20, "returned", 1, RETURNED LEADER, NULL);
    office_returned(office, 30, "haining/xiashi");
    assert_int_equal(office_echo(office), 1);
    assert_int_equal(office->news.unreached, 1);
    assert_int_equal(office_count(office, "SELECT count(*) FROM outbox"), 0);
}

static void settle(struct office *office, const struct id *alert, const char *person, enum channel channel,
                   enum delivery delivery) {
    struct outbox_row row;
    struct error error = {0};
    assert_int_equal(office_alert_row(office, alert, person, channel, &row), 1);
    row.course.state = delivery;
    row.course.since += 1;
    assert_int_equal(store_begin(&office->store, &error), 0);
    assert_int_equal(change_write(&office->store, &row, text_of("-"), &error), 0);
    assert_int_equal(store_commit(&office->store, &error), 0);
}

static void the_next_channel_follows_a_refusal_for_good(void **state) {
    struct office *office = *state;
    struct outbox_row row;
    struct notice_row notice;
    struct error error = {0};
    office_people(office);
    office_rule(office, 20, "returned", 1, RETURNED LEADER,
                "{\"channel\": \"email\", \"title\": \"邮件\", \"text\": \"长文\"}, " OFFICE_TEXT);
    office_returned(office, 30, "haining/xucun");
    office_echo(office);
    struct id alert = office_last_alert(office);
    settle(office, &alert, "P-1", CHANNEL_SMS, DELIVERY_RETRY);
    settle(office, &alert, "P-1", CHANNEL_SMS, DELIVERY_EXPIRED);
    assert_int_equal(office_alert_row(office, &alert, "P-1", CHANNEL_EMAIL, &row), 0);
    settle(office, &alert, "P-1", CHANNEL_SMS, DELIVERY_UNDELIVERED);
    settle(office, &alert, "P-1", CHANNEL_SMS, DELIVERY_UNDELIVERED);
    assert_int_equal(office_alert_row(office, &alert, "P-1", CHANNEL_EMAIL, &row), 1);
    assert_string_equal(row.address, "p1@haining.test");
    settle(office, &alert, "P-1", CHANNEL_EMAIL, DELIVERY_UNDELIVERED); /* there is no third */
    assert_int_equal(office_count(office, "SELECT count(*) FROM outbox"), 2);
    assert_int_equal(notices_get(&office->store.notices, row.notice_seq, &notice, &error), 1);
    assert_string_equal(notice.title.data, "退回");
    assert_int_equal(notices_get_text(&office->store.notices, CHANNEL_EMAIL, &notice, &error), 1);
    assert_string_equal(notice.text.data, "长文");
    assert_int_equal(notices_get_text(&office->store.notices, CHANNEL_SMS, &notice, &error), 0);
}

/* ---- twice ---- */

static void the_same_firing_is_the_same_event(void **state) {
    struct office *office = *state;
    office_people(office);
    office_rule(office, 20, "returned", 1, RETURNED LEADER, NULL);
    office_returned(office, 30, "haining/xucun");
    struct id alert;
    office_echo(office);
    alert = office_last_alert(office);
    office_returned(office, 30,
                    "haining/xucun"); /* the journal gives each event once; a fold that saw one twice tells nobody */
    assert_int_equal(office_waiting(office), 0);
    struct id again = office_last_alert(office);
    assert_true(id_equal(&alert, &again));
}

static void what_waited_too_long_is_dropped(void **state) {
    struct office *office = *state;
    struct error error = {0};
    int64_t dropped = 0;
    office_people(office);
    office_rule(office, 20, "returned", 1, RETURNED LEADER, NULL);
    office_returned(office, 30, "haining/xucun");
    office_returned(office, 31, "haining/xucun");
    int64_t seq = (int64_t)office->store.position.seq;
    assert_int_equal(firing_drop_old(&office->store, OFFICE_AT + seq - 1, &dropped, &error), 0);
    assert_int_equal(dropped, 0);
    assert_int_equal(firing_drop_old(&office->store, OFFICE_AT + seq, &dropped, &error), 0);
    assert_int_equal(dropped, 1);
    assert_int_equal(store_commit(&office->store, &error), 0);
    assert_int_equal(office_waiting(office), 1);
}

/* ---- what an older program left ---- */

static void change_file(struct office *office, const char *sql) {
    sqlite3 *handle = NULL;
    office_close(office);
    assert_int_equal(sqlite3_open(office->path, &handle), SQLITE_OK);
    assert_int_equal(sqlite3_exec(handle, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(handle);
    office_open(office);
}

static void an_older_file_is_folded_again(void **state) {
    struct office *office = *state;
    office_people(office);
    change_file(office, "ALTER TABLE contacts DROP COLUMN post");
    assert_int_equal(office->store.position.seq, 0);
    assert_int_equal(office_count(office, "SELECT count(*) FROM contacts"), 0);
    office_people(office);
    office_rule(office, 20, "returned", 1, RETURNED LEADER, NULL);
    office_returned(office, 30, "haining/xucun");
    office_echo(office);
    assert_int_equal(office_count(office, "SELECT count(*) FROM incidents"), 1);
    change_file(office, "ALTER TABLE incidents DROP COLUMN round"); /* from before escalation could begin again */
    assert_int_equal(office->store.position.seq, 0);
    assert_int_equal(office_count(office, "SELECT count(*) FROM incidents"), 0);
    assert_int_equal(office_count(office, "SELECT count(*) FROM outbox"), 1);
    office_people(office);
    assert_int_equal(office_count(office, "SELECT count(*) FROM contacts WHERE post = 'leader'"), 2);
}

/* ---- the worst rules ---- */

/* A rule on every type there is, each telling everybody: the notifier's own events, by type or by source, fire none. */
static void the_worst_rules_do_not_feed_themselves(void **state) {
    struct office *office = *state;
    office_people(office);
    int rules = 0;
    for (int type = 0; type < EVENT_TYPE_COUNT; type++) {
        char more[400];
        char name[20];
        if (!event_row((enum event_type)type)->served || event_is_of_notifier((enum event_type)type) ||
            type == EVENT_CLOCK_DAY) {
            continue;
        }
        snprintf(name, sizeof name, "worst-%d", type);
        snprintf(more, sizeof more, "\"kind\": \"event\", \"event\": \"%s\", \"recipients\": [{\"of\": \"brigade\"}]",
                 event_row((enum event_type)type)->wire);
        office_rule(office, 1000 + type, name, 1, more, NULL);
        rules++;
    }
    assert_true(rules > 50);
    int64_t raised = office_echo(office); /* rule.set itself is followed by then */
    int rounds = 0;
    while (office_waiting(office) > 0) {
        raised += office_echo(office);
        assert_true(++rounds < 3);
    }
    int64_t before = office_count(office, "SELECT count(*) FROM notices");
    assert_true(raised < rules && before == raised);
    office_returned(office, 30, "haining/xucun");
    assert_int_equal(office_echo(office), 1);
    struct id alert = office_last_alert(office);
    const char *const persons[] = {"P-4", "P-5"};
    for (int i = 0; i < 2; i++) {
        settle(office, &alert, persons[i], CHANNEL_SMS, DELIVERY_SENDING);
        settle(office, &alert, persons[i], CHANNEL_SMS, DELIVERY_UNDELIVERED);
    }
    office_told(office, 2000, 100000, 20, "P-1", "sms", "delivered", 1, "ok");
    assert_int_equal(office_waiting(office), 0);
    assert_int_equal(office_count(office, "SELECT count(*) FROM notices"), before + 1);
}

static void answer(struct office *office, int number, const char *kind, const struct id *notice, const char *person) {
    char hex[2 * ID_BYTES + 1];
    struct error error = {0};
    for (int i = 0; i < ID_BYTES; i++) {
        snprintf(hex + 2 * (size_t)i, 3, "%02x", notice->bytes[i]);
    }
    int result =
        office_try(office, number, "service:notifier", &error,
                   "\"type\": \"notice.%s\", \"unit\": \"haining\", \"by\": \"%s\", \"body\": {\"notice\": \"hex:%s\","
                   " \"channel\": \"sms\"}",
                   kind, person, hex);
    if (result < 0) {
        fail_msg("%s", error.text);
    }
}

/* Everybody answers whatever comes, as often as it comes, by link and by SMS: two rules on each kind of answer, which tell
 * everybody. An answer to the notice fires each rule on it once for each who gives it; answers to what these told fire none. */
static void rules_on_answers_do_not_feed_each_other(void **state) {
    struct office *office = *state;
    static const char *const kinds[] = {"confirmed", "answered"};
    static const char *const persons[] = {"P-3", "P-4", "P-5"};
    int number = 100;
    office_people(office);
    for (int i = 0; i < 4; i++) {
        char more[300];
        char name[20];
        snprintf(name, sizeof name, "on-%d", i);
        snprintf(more, sizeof more,
                 "\"kind\": \"event\", \"event\": \"notice.%s\", \"recipients\": [{\"of\": \"brigade\"}]",
                 kinds[i % 2]);
        office_rule(office, number++, name, 1, more, NULL);
    }
    office_notice(office, 30, "\"haining\"", false);
    struct id told = office_id(30);
    int64_t answers = 0;
    for (int round = 0; round < 6; round++) {
        for (int i = 0; i < 3; i++) {
            for (int kind = 0; kind < 2; kind++) {
                answer(office, number++, kinds[kind], &told, persons[i]);
                answers++;
            }
        }
        while (office_echo(office) > 0) {
            told = office_last_alert(office);
        }
    }
    assert_int_equal(answers, 36);
    /* 3 people, 2 kinds, 2 rules on each; nothing of the five rounds of answers to alerts */
    assert_int_equal(office_count(office, "SELECT count(*) FROM notices WHERE rule <> ''"), 12);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, office_setup, office_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_returned_report_tells_the_leader),
        TEST(rules_fire_where_they_are_about_something),
        TEST(conditions_are_asked),
        TEST(an_assignment_is_about_who_gets_it),
        TEST(recipients_are_resolved_when_the_alert_is_folded),
        TEST(nobody_is_told_instead_of_a_leader_who_is_not_there),
        TEST(the_next_channel_follows_a_refusal_for_good),
        TEST(the_same_firing_is_the_same_event),
        TEST(what_waited_too_long_is_dropped),
        TEST(an_older_file_is_folded_again),
        TEST(the_worst_rules_do_not_feed_themselves),
        TEST(rules_on_answers_do_not_feed_each_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
