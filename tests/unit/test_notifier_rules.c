/* Rules in the notifier's fold: what they fire on and what not, whom an alert reaches and by which channel, what ends it; a
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

#define DEFAULT_TEXT "{\"title\": \"退回\", \"text\": \"{单位}：{规则}，{date}\"}"

/* A rule.set with these fields beside its name, channels and texts. */
static void set_rule(struct office *office, int number, const char *rule, int version, const char *more,
                     const char *texts) {
    struct error error = {0};
    int result = office_try(office, number, "account:office", &error,
                            "\"type\": \"rule.set\", \"unit\": \"haining\", \"body\": {\"rule\": \"%s\","
                            " \"version\": %d, \"name\": \"退回提醒\", \"channels\": [\"sms\", \"email\"], %s},"
                            " \"side\": {\"templates\": [%s]}",
                            rule, version, more, texts ? texts : DEFAULT_TEXT);
    if (result < 0) {
        fail_msg("%s", error.text);
    }
}

#define LEADER "\"recipients\": [{\"of\": \"own\", \"post\": \"leader\"}]"
#define RETURNED "\"kind\": \"event\", \"event\": \"report.returned\", "

static void happen(struct office *office, int number, const char *type, const char *unit, const char *body,
                   const char *side) {
    struct error error = {0};
    int result =
        office_try(office, number, "account:office", &error, "\"type\": \"%s\", \"unit\": \"%s\", \"body\": {%s}%s%s%s",
                   type, unit, body, side ? ", \"side\": {" : "", side ? side : "", side ? "}" : "");
    if (result < 0) {
        fail_msg("%s", error.text);
    }
}

#define REPORT_ID "\"report\": \"hex:018bcfe5680070008000000000000063\""

static void give_back(struct office *office, int number, const char *unit) {
    happen(office, number, "report.returned", unit, REPORT_ID, "\"reason\": \"请补充照片\"");
}

static void people(struct office *office) {
    office_contact(office, 10, "haining/xucun", "P-1", ", \"post\": \"leader\"", "13800138001", "p1@haining.test");
    office_contact(office, 11, "haining/xucun", "P-2", ", \"post\": \"deputy\"", "13800138002", NULL);
    office_contact(office, 12, "haining", "P-3", ", \"post\": \"office\"", NULL, "p3@haining.test");
    office_contact(office, 13, "haining", "P-4", ", \"post\": \"duty\"", "13800138004", NULL);
    office_contact(office, 14, "haining", "P-5", ", \"post\": \"leader\"", "13800138005", NULL);
}

/* ---- firing ---- */

static void a_returned_report_tells_the_leader(void **state) {
    struct office *office = *state;
    struct outbox_row row;
    struct notice_row notice;
    struct error error = {0};
    people(office);
    set_rule(office, 20, "returned", 1, RETURNED LEADER, NULL);
    give_back(office, 30, "haining/xucun");
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
    people(office);
    set_rule(office, 20, "returned", 1, RETURNED LEADER ", \"units\": [\"haining/xiashi\"]", NULL);
    give_back(office, 30, "haining/xucun");
    happen(office, 31, "report.accepted", "haining/xiashi", REPORT_ID, NULL);
    assert_int_equal(office_waiting(office), 0);
    give_back(office, 32, "haining/xiashi");
    assert_int_equal(office_waiting(office), 1);
    set_rule(office, 21, "returned", 2, RETURNED LEADER ", \"off\": true", NULL);
    give_back(office, 33, "haining/xiashi");
    assert_int_equal(office_waiting(office), 1);
}

static void conditions_are_asked(void **state) {
    struct office *office = *state;
    people(office);
    set_rule(office, 20, "urgent", 1,
             "\"kind\": \"event\", \"event\": \"problem.raised\", " LEADER
             ", \"conditions\": [{\"field\": \"kind\", \"is\": \"is\", \"value\": \"litter\"},"
             " {\"field\": \"solved\", \"is\": \"not\", \"value\": \"true\"}]",
             "{\"title\": \"问题\", \"text\": \"{地点}\"}");
    happen(office, 30, "problem.raised", "haining/xucun", "\"kind\": \"dogs\"", NULL);
    happen(office, 31, "problem.raised", "haining/xucun", "\"kind\": \"litter\", \"solved\": true", NULL);
    assert_int_equal(office_waiting(office), 0);
    happen(office, 32, "problem.raised", "haining/xucun",
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
    people(office);
    set_rule(office, 20, "assigned", 1, "\"kind\": \"event\", \"event\": \"problem.assigned\", " LEADER,
             "{\"title\": \"派遣\", \"text\": \"{单位} {期限}\"}");
    happen(office, 30, "problem.assigned", "haining",
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
    people(office);
    set_rule(
        office, 20, "returned", 1,
        RETURNED
        "\"recipients\": [{\"of\": \"own\", \"post\": \"leader\"}, {\"of\": \"above\", \"post\": \"office\"},"
        " {\"of\": \"brigade\", \"post\": \"duty\"}, {\"of\": \"unit\", \"unit\": \"haining\", \"post\": \"duty\"}]",
        NULL);
    give_back(office, 30, "haining/xucun/t1"); /* a team without contacts: its squad's */
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
    people(office);
    set_rule(office, 20, "returned", 1, RETURNED LEADER, NULL);
    give_back(office, 30, "haining/xiashi");
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
    people(office);
    set_rule(office, 20, "returned", 1, RETURNED LEADER,
             "{\"channel\": \"email\", \"title\": \"邮件\", \"text\": \"长文\"}, " DEFAULT_TEXT);
    give_back(office, 30, "haining/xucun");
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

/* ---- its end ---- */

static void what_moves_on_clears_the_alert(void **state) {
    struct office *office = *state;
    struct outbox_row row;
    people(office);
    set_rule(office, 20, "returned", 1, RETURNED LEADER, NULL);
    give_back(office, 30, "haining/xucun");
    office_echo(office);
    struct id alert = office_last_alert(office);
    happen(office, 31, "report.amended", "haining/xucun",
           "\"amends\": \"hex:018bcfe5680070008000000000000063\", \"programmes\": [\"dog\"]", NULL);
    assert_int_equal(office_echo(office), 1);
    assert_int_equal(office_alert_row(office, &alert, "P-1", CHANNEL_SMS, &row), 1);
    assert_true(row.course.removed); /* it was not sent yet, and will not be */
    assert_int_equal(office_count(office, "SELECT ended FROM incidents"), INCIDENT_CLEARED);
    give_back(office, 32, "haining/xucun"); /* again: another event, another alert */
    assert_int_equal(office_echo(office), 1);
    assert_int_equal(office_count(office, "SELECT count(*) FROM incidents"), 2);
}

static void another_version_clears_what_the_one_before_fired_for(void **state) {
    struct office *office = *state;
    people(office);
    set_rule(office, 20, "returned", 1, RETURNED LEADER, NULL);
    give_back(office, 30, "haining/xucun");
    office_echo(office);
    set_rule(office, 21, "returned", 2, RETURNED LEADER, NULL);
    assert_int_equal(office_waiting(office), 1);
    assert_int_equal(office_echo(office), 1);
    assert_int_equal(office_count(office, "SELECT count(*) FROM incidents WHERE ended = 2"), 1);
}

static void an_answer_ends_the_escalation(void **state) {
    struct office *office = *state;
    struct error error = {0};
    people(office);
    set_rule(office, 20, "returned", 1,
             RETURNED LEADER
             ", \"repeat_after\": 60, \"repeats\": 2, \"steps\": [{\"after\": 30, \"of\": \"own\", \"post\":"
             " \"deputy\"}]",
             NULL);
    give_back(office, 30, "haining/xucun");
    office_echo(office);
    struct id alert = office_last_alert(office);
    int64_t due = 0;
    assert_int_equal(incidents_next_due(&office->store.incidents, &due, &error), 1);
    assert_int_equal(due, office_count(office, "SELECT first_at FROM incidents") + 30 * 60000);
    assert_int_equal(store_begin(&office->store, &error), 0);
    assert_int_equal(incidents_answer(&office->store.incidents, &alert, &error), 1);
    assert_int_equal(incidents_answer(&office->store.incidents, &alert, &error), 0);
    assert_int_equal(store_commit(&office->store, &error), 0);
    assert_int_equal(incidents_next_due(&office->store.incidents, &due, &error), 0);
}

/* ---- twice ---- */

static void the_same_firing_is_the_same_event(void **state) {
    struct office *office = *state;
    people(office);
    set_rule(office, 20, "returned", 1, RETURNED LEADER, NULL);
    give_back(office, 30, "haining/xucun");
    struct id alert;
    office_echo(office);
    alert = office_last_alert(office);
    give_back(office, 30,
              "haining/xucun"); /* the journal gives each event once; a fold that saw one twice tells nobody */
    assert_int_equal(office_waiting(office), 0);
    struct id again = office_last_alert(office);
    assert_true(id_equal(&alert, &again));
}

static void what_waited_too_long_is_dropped(void **state) {
    struct office *office = *state;
    struct error error = {0};
    int64_t dropped = 0;
    people(office);
    set_rule(office, 20, "returned", 1, RETURNED LEADER, NULL);
    give_back(office, 30, "haining/xucun");
    give_back(office, 31, "haining/xucun");
    int64_t seq = (int64_t)office->store.position.seq;
    assert_int_equal(firing_drop_old(&office->store, OFFICE_AT + seq - 1, &dropped, &error), 0);
    assert_int_equal(dropped, 0);
    assert_int_equal(firing_drop_old(&office->store, OFFICE_AT + seq, &dropped, &error), 0);
    assert_int_equal(dropped, 1);
    assert_int_equal(store_commit(&office->store, &error), 0);
    assert_int_equal(office_waiting(office), 1);
}

/* ---- what an older program left ---- */

static void an_older_file_is_folded_again(void **state) {
    struct office *office = *state;
    people(office);
    office_close(office);
    sqlite3 *handle = NULL;
    assert_int_equal(sqlite3_open(office->path, &handle), SQLITE_OK);
    assert_int_equal(sqlite3_exec(handle, "ALTER TABLE contacts DROP COLUMN post", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(handle);
    office_open(office);
    assert_int_equal(office->store.position.seq, 0);
    assert_int_equal(office_count(office, "SELECT count(*) FROM contacts"), 0);
    people(office);
    assert_int_equal(office_count(office, "SELECT count(*) FROM contacts WHERE post = 'leader'"), 2);
}

/* ---- the worst rules ---- */

/* A rule on every type there is, each telling everybody: the notifier's own events, by type or by source, fire none. */
static void the_worst_rules_do_not_feed_themselves(void **state) {
    struct office *office = *state;
    people(office);
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
        set_rule(office, 1000 + type, name, 1, more, NULL);
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
    give_back(office, 30, "haining/xucun");
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
        TEST(what_moves_on_clears_the_alert),
        TEST(another_version_clears_what_the_one_before_fired_for),
        TEST(an_answer_ends_the_escalation),
        TEST(the_same_firing_is_the_same_event),
        TEST(what_waited_too_long_is_dropped),
        TEST(an_older_file_is_folded_again),
        TEST(the_worst_rules_do_not_feed_themselves),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
