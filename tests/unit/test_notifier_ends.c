/* What ends an alert: what it fired for moves on, the rule changes, somebody answers or has read; and silences. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "services/notifier/rules/deeds.h"
#include "services/notifier/rules/duty.h"
#include "tests/unit/notifier_office.h"

#define LEADER "\"recipients\": [{\"of\": \"own\", \"post\": \"leader\"}]"
#define RETURNED "\"kind\": \"event\", \"event\": \"report.returned\", "

static void what_moves_on_clears_the_alert(void **state) {
    struct office *office = *state;
    struct outbox_row row;
    office_people(office);
    office_rule(office, 20, "returned", 1, RETURNED LEADER, NULL);
    office_returned(office, 30, "haining/xucun");
    office_echo(office);
    struct id alert = office_last_alert(office);
    office_happen(office, 31, "report.amended", "haining/xucun",
                  "\"amends\": \"hex:018bcfe5680070008000000000000063\", \"programmes\": [\"dog\"]", NULL);
    assert_int_equal(office_echo(office), 1);
    assert_int_equal(office_alert_row(office, &alert, "P-1", CHANNEL_SMS, &row), 1);
    assert_true(row.course.removed); /* it was not sent yet, and will not be */
    assert_int_equal(office_count(office, "SELECT ended FROM incidents"), INCIDENT_CLEARED);
    office_returned(office, 32, "haining/xucun"); /* again: another event, another alert */
    assert_int_equal(office_echo(office), 1);
    assert_int_equal(office_count(office, "SELECT count(*) FROM incidents"), 2);
}

static void another_version_clears_what_the_one_before_fired_for(void **state) {
    struct office *office = *state;
    office_people(office);
    office_rule(office, 20, "returned", 1, RETURNED LEADER, NULL);
    office_returned(office, 30, "haining/xucun");
    office_echo(office);
    office_rule(office, 21, "returned", 2, RETURNED LEADER, NULL);
    assert_int_equal(office_waiting(office), 1);
    assert_int_equal(office_echo(office), 1);
    assert_int_equal(office_count(office, "SELECT count(*) FROM incidents WHERE ended = 2"), 1);
}

/* Somebody of xucun says so of an alert. */
static void say(struct office *office, int number, const char *kind, const struct id *alert, const char *by) {
    char type[40];
    char hex[2 * ID_BYTES + 1];
    struct error error = {0};
    for (int i = 0; i < ID_BYTES; i++) {
        snprintf(hex + 2 * (size_t)i, 3, "%02x", alert->bytes[i]);
    }
    snprintf(type, sizeof type, "notice.%s", kind);
    int result = office_try(office, number, "service:notifier", &error,
                            "\"type\": \"%s\", \"unit\": \"haining/xucun\"%s%s, \"body\": {\"notice\": \"hex:%s\"}",
                            type, by[0] ? ", \"by\": " : "", by, hex);
    if (result < 0) {
        fail_msg("%s", error.text);
    }
}

static void an_answer_ends_the_escalation(void **state) {
    struct office *office = *state;
    struct error error = {0};
    office_people(office);
    office_rule(office, 20, "returned", 1,
                RETURNED LEADER
                ", \"repeat_after\": 60, \"repeats\": 2, \"steps\": [{\"after\": 30, \"of\": \"own\", \"post\":"
                " \"deputy\"}]",
                NULL);
    office_returned(office, 30, "haining/xucun");
    office->now = OFFICE_AT + 7200000; /* it came two hours late: its steps wait as long as ever */
    office_echo(office);
    struct id alert = office_last_alert(office);
    int64_t due = 0;
    assert_int_equal(incidents_next_due(&office->store.incidents, &due, &error), 1);
    assert_int_equal(due, OFFICE_AT + 7200000 + 30 * 60000);
    say(office, 40, "confirmed", &alert, "");
    assert_int_equal(incidents_next_due(&office->store.incidents, &due, &error), 0);
}

#define MINUTE INT64_C(60000)

static int64_t next_due(struct office *office) {
    struct error error = {0};
    int64_t due = 0;
    return incidents_next_due(&office->store.incidents, &due, &error) == 1 ? due : 0;
}

/* What is due by then is told, and comes back: how many alerts. */
static int run_duty(struct office *office, int64_t now) {
    struct error error = {0};
    struct arena *arena = arena_create(SIZE_MAX);
    const struct duty duty = {.store = &office->store, .now = now, .expire_ms = 72 * 60 * MINUTE, .arena = arena};
    office->now = now;
    assert_int_equal(duty_run(&duty, &error), 0);
    assert_int_equal(store_commit(&office->store, &error), 0);
    arena_destroy(&arena);
    return office_echo(office);
}

static bool is_told(struct office *office, const struct id *alert, const char *person) {
    struct outbox_row row;
    return office_alert_row(office, alert, person, CHANNEL_SMS, &row) == 1;
}

#define ESCALATES \
    ", \"steps\": [{\"after\": 30, \"of\": \"own\", \"post\": \"deputy\"}, {\"after\": 60, \"of\": \"brigade\"," \
    " \"post\": \"duty\"}]"

/* Leader, deputy, duty; an answer; no deed within two hours: leader, deputy, ... anew, three times at most. */
static void an_answer_without_the_deed_begins_again(void **state) {
    struct office *office = *state;
    int64_t now = OFFICE_AT + 1000;
    office_people(office);
    office_rule(office, 20, "returned", 1, RETURNED LEADER ESCALATES ", \"deed_within\": 120", NULL);
    office->now = now;
    office_returned(office, 30, "haining/xucun");
    assert_int_equal(office_echo(office), 1);
    for (int round = 0; round <= 3; round++) {
        struct id alert = office_last_alert(office);
        struct notice_row notice;
        struct error error = {0};
        assert_int_equal(notices_find(&office->store.notices, &alert, &notice, &error), 1);
        assert_string_equal(notice.title.data, round == 0 ? "退回" : "已答复未办结：退回");
        assert_true(is_told(office, &alert, "P-1"));
        assert_int_equal(next_due(office), now + 30 * MINUTE);
        assert_int_equal(run_duty(office, now + 30 * MINUTE), 1);
        alert = office_last_alert(office);
        assert_true(is_told(office, &alert, "P-2") && !is_told(office, &alert, "P-1"));
        office->now = now + 40 * MINUTE;
        say(office, 40 + round, "answered", &alert, "\"P-2\"");
        say(office, 50 + round, "confirmed", &alert, "\"P-1\""); /* the first answer counts */
        if (round < 3) {
            assert_int_equal(next_due(office), now + 160 * MINUTE);
        }
        assert_int_equal(run_duty(office, now + 159 * MINUTE), 0);
        now += 160 * MINUTE;
        assert_int_equal(run_duty(office, now), round < 3);
        office_rebuild(office); /* finds it again, and tells nobody twice */
        assert_int_equal(run_duty(office, now), 0);
    }
    assert_int_equal(next_due(office), 0);
    assert_int_equal(office_count(office, "SELECT count(*) FROM notices"), 8);
    assert_int_equal(office_count(office, "SELECT count(*) FROM outbox WHERE person = 'P-4'"), 0);
}

static void the_deed_ends_it_for_good(void **state) {
    struct office *office = *state;
    office_people(office);
    office_rule(office, 20, "returned", 1, RETURNED LEADER ESCALATES ", \"deed_within\": 120", NULL);
    office->now = OFFICE_AT + 1000;
    office_returned(office, 30, "haining/xucun");
    office_echo(office);
    struct id alert = office_last_alert(office);
    say(office, 40, "confirmed", &alert, "\"P-1\"");
    office_happen(office, 31, "report.amended", "haining/xucun",
                  "\"amends\": \"hex:018bcfe5680070008000000000000063\", \"programmes\": [\"dog\"]", NULL);
    assert_int_equal(office_echo(office), 1); /* its end */
    assert_int_equal(next_due(office), 0);
    assert_int_equal(run_duty(office, OFFICE_AT + 10 * 60 * MINUTE), 0);
}

/* Another version, or none, restarts nothing. */
static void a_rule_that_is_gone_begins_nothing_again(void **state) {
    struct office *office = *state;
    office_people(office);
    office_rule(office, 20, "returned", 1, RETURNED LEADER ", \"deed_within\": 120", NULL);
    office->now = OFFICE_AT + 1000;
    office_returned(office, 30, "haining/xucun");
    office_echo(office);
    struct id alert = office_last_alert(office);
    say(office, 40, "confirmed", &alert, "\"P-1\"");
    office_rule(office, 21, "returned", 2, RETURNED LEADER ", \"off\": true", NULL);
    assert_int_equal(office_echo(office), 1);
    assert_int_equal(run_duty(office, OFFICE_AT + 10 * 60 * MINUTE), 0);
}

#define PROBLEM_OPEN "\"kind\": \"deadline\", \"deadline\": \"problem-open\", \"hours\": 4, " LEADER
#define PROBLEM_TEXT "{\"title\": \"问题\", \"text\": \"{单位}{地点}\"}"

static void taking_a_problem_on_is_an_answer(void **state) {
    struct office *office = *state;
    const char *const problem = "\"problem\": \"hex:018bcfe568007000800000000000001e\"";
    office_people(office);
    office_rule(office, 20, "open", 1, PROBLEM_OPEN ESCALATES ", \"deed_within\": 600", PROBLEM_TEXT);
    office->now = OFFICE_AT + 1000;
    office_happen(office, 30, "problem.raised", "haining/xucun", "\"kind\": \"litter\"", NULL);
    int64_t told = OFFICE_AT + 1000 + 4 * 60 * MINUTE;
    assert_int_equal(run_duty(office, told), 1);
    office->now = told + MINUTE;
    office_happen(office, 31, "problem.started", "haining/xucun", problem, NULL);
    assert_int_equal(next_due(office), told + 601 * MINUTE);
    assert_int_equal(run_duty(office, told + 600 * MINUTE), 0);
    assert_int_equal(run_duty(office, told + 601 * MINUTE), 1);
    office_happen(office, 32, "problem.resolved", "haining/xucun", problem, NULL);
    assert_int_equal(office_echo(office), 1);
    assert_int_equal(office_count(office, "SELECT ended FROM incidents"), INCIDENT_CLEARED);
}

/* As the notifier would have told it, of what the aggregator showed. */
static void raise_owed(struct office *office, int number, const char *unit) {
    struct error error = {0};
    int result =
        office_try(office, number, "service:notifier", &error,
                   "\"type\": \"alert.raised\", \"unit\": \"%s\", \"body\": {\"rule\": \"owed\", \"version\": 1,"
                   " \"subject\": \"018bcfe5-6800-7000-8000-000000000063\", \"period\": \"2026-05-06\","
                   " \"recipients\": [{\"of\": \"own\", \"post\": \"leader\"}], \"channels\": [\"sms\"]},"
                   " \"side\": {\"texts\": [{\"title\": \"漏报\", \"text\": \"请补报\"}]}",
                   unit);
    if (result < 0) {
        fail_msg("%s", error.text);
    }
}

static void the_report_that_was_owed_is_the_deed(void **state) {
    struct office *office = *state;
    office_people(office);
    office_rule(office, 20, "owed", 1,
                "\"kind\": \"deadline\", \"deadline\": \"report-due\", \"days\": 1, " LEADER ESCALATES,
                "{\"title\": \"漏报\", \"text\": \"{单位}\"}");
    raise_owed(office, 30, "haining/xucun");
    raise_owed(office, 31, "haining/xiashi");
    office_happen(office, 32, "report.submitted", "haining/xucun", "\"programmes\": [\"dog\"]", NULL);
    assert_int_equal(office_count(office, "SELECT count(*) FROM incidents WHERE ended = 2"), 0);
    office_happen(office, 33, "report.submitted", "haining/xucun",
                  "\"programmes\": [\"dog\"], \"activity\": \"hex:018bcfe5680070008000000000000063\"", NULL);
    assert_int_equal(office_count(office, "SELECT count(*) FROM incidents WHERE ended = 2"), 1);
    assert_int_equal(office_count(office, "SELECT count(*) FROM incidents WHERE ended = 2 AND unit = 'haining/xucun'"),
                     1);
}

/* It names the notice, or the alert: its unit's answer; of an alert about reports the deed. */
static void a_report_answers_what_it_names(void **state) {
    struct office *office = *state;
    office_people(office);
    office_rule(office, 20, "returned", 1, RETURNED LEADER ESCALATES ", \"deed_within\": 120", NULL);
    office_notice(office, 30, "\"haining/xucun\"", false);
    office_returned(office, 31, "haining/xucun");
    office_echo(office);
    struct id alert = office_last_alert(office);
    char body[120];
    snprintf(body, sizeof body, "\"programmes\": [\"dog\"], \"answers\": \"hex:018bcfe568007000800000000000001e\"");
    office_happen(office, 32, "report.submitted", "haining/xucun", body, NULL);
    assert_int_equal(office_count(office, "SELECT count(*) FROM readings WHERE answered_at > 0 AND confirmed_at = 0"
                                          " AND unit = 'haining/xucun' AND source = 'report'"),
                     1);
    assert_int_equal(office_count(office, "SELECT count(*) FROM matters WHERE open = 1"), 0);
    size_t used = (size_t)snprintf(body, sizeof body, "\"programmes\": [\"dog\"], \"answers\": \"hex:");
    for (int i = 0; i < ID_BYTES; i++) {
        used += (size_t)snprintf(body + used, sizeof body - used, "%02x", alert.bytes[i]);
    }
    snprintf(body + used, sizeof body - used, "\"");
    office_happen(office, 33, "report.submitted", "haining/xucun", body, NULL);
    assert_int_equal(office_echo(office), 1);
    assert_int_equal(office_count(office, "SELECT ended FROM incidents"), INCIDENT_CLEARED);
    assert_int_equal(next_due(office), 0);
}

/* A unit that read a notice is not reminded of it; another one is. What is answered is not told again. */
static void who_has_read_is_not_reminded(void **state) {
    struct office *office = *state;
    struct error error = {0};
    struct arena *arena = arena_create(SIZE_MAX);
    office_people(office);
    office_contact(office, 15, "haining/maqiao", "P-6", ", \"post\": \"leader\"", "13800138006", NULL);
    office_rule(office, 20, "unread", 1,
                "\"kind\": \"deadline\", \"deadline\": \"notice-unread\", \"hours\": 4, " LEADER,
                "{\"title\": \"未读\", \"text\": \"{单位}{小时数}\"}");
    office_notice(office, 30, "\"haining/xucun\", \"haining/maqiao\"", false);
    struct id notice = office_id(30);
    struct event read = {.type = EVENT_NOTICE_READ, .unit = text_of("haining/xucun"), .received_at = OFFICE_AT + 1000};
    struct rule_folding folding = {.store = &office->store, .event = &read, .arena = arena, .error = &error};
    assert_int_equal(fold_reading(&folding, &notice, false), 0);
    assert_int_equal(store_commit(&office->store, &error), 0);
    const struct duty duty = {
        .store = &office->store, .now = OFFICE_AT + 5 * 3600000, .expire_ms = INT64_C(259200000), .arena = arena};
    assert_int_equal(duty_run(&duty, &error), 0);
    assert_int_equal(store_commit(&office->store, &error), 0);
    assert_int_equal(office_echo(office), 1);
    assert_int_equal(office_count(office, "SELECT count(*) FROM incidents WHERE unit = 'haining/maqiao' AND ended = 0"),
                     1);
    read.unit = text_of("haining/maqiao");
    assert_int_equal(fold_reading(&folding, &notice, true), 0);
    assert_int_equal(store_commit(&office->store, &error), 0);
    assert_int_equal(office_echo(office), 1); /* its end is told */
    assert_int_equal(office_count(office, "SELECT count(*) FROM incidents WHERE ended = 2"), 1);
    arena_destroy(&arena);
}

static int find_silence(struct office *office, const char *rule, const char *unit, bool urgent, int64_t at) {
    struct error error = {0};
    int64_t until = 0;
    char name[65] = "";
    const struct silenced of = {text_of(rule), text_of(unit), urgent, OFFICE_AT + at};
    int found = silences_find(&office->store.silences, &of, &until, name, &error);
    assert_true(found >= 0 && (found == 0 || (until == OFFICE_AT + 2000 && strcmp(name, "flood") == 0)));
    return found;
}

static void silences_hold_for_their_rules_units_and_times(void **state) {
    struct office *office = *state;
    struct error error = {0};
    const char *const silence =
        "\"type\": \"silence.set\", \"unit\": \"haining\", \"body\": {\"silence\": \"flood\", \"from\":"
        " %lld, \"until\": %lld, \"rule\": \"returned\", \"units\": [\"haining/xucun\"]},"
        " \"side\": {\"reason\": \"防汛\"}";
    assert_int_equal(office_try(office, 50, "account:office", &error, silence, (long long)OFFICE_AT + 1000,
                                (long long)OFFICE_AT + 2000),
                     0);
    assert_int_equal(find_silence(office, "returned", "haining/xucun", false, 1000), 1);
    assert_int_equal(find_silence(office, "returned", "haining/xucun/t1", false, 1999), 1);
    assert_int_equal(find_silence(office, "returned", "haining/xucun", false, 999), 0);
    assert_int_equal(find_silence(office, "returned", "haining/xucun", false, 2000), 0);
    assert_int_equal(find_silence(office, "returned", "haining/xucun", true, 1500), 0); /* urgent ones go out */
    assert_int_equal(find_silence(office, "another", "haining/xucun", false, 1500), 0);
    assert_int_equal(find_silence(office, "returned", "haining/xiashi", false, 1500), 0);
    assert_int_equal(
        office_try(office, 51, "account:office", &error, silence, (long long)OFFICE_AT, (long long)OFFICE_AT + 1),
        0); /* ended early */
    assert_int_equal(find_silence(office, "returned", "haining/xucun", false, 1500), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, office_setup, office_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(what_moves_on_clears_the_alert),
        TEST(another_version_clears_what_the_one_before_fired_for),
        TEST(an_answer_ends_the_escalation),
        TEST(an_answer_without_the_deed_begins_again),
        TEST(the_deed_ends_it_for_good),
        TEST(a_rule_that_is_gone_begins_nothing_again),
        TEST(taking_a_problem_on_is_an_answer),
        TEST(the_report_that_was_owed_is_the_deed),
        TEST(a_report_answers_what_it_names),
        TEST(who_has_read_is_not_reminded),
        TEST(silences_hold_for_their_rules_units_and_times),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
