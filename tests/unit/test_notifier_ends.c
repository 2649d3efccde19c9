/* What ends an alert: what it fired for moves on, the rule changes, somebody answers or has read; and silences. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "services/notifier/rules/duty.h"
#include "services/notifier/rules/fold_rules.h"
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
    assert_int_equal(store_begin(&office->store, &error), 0);
    assert_int_equal(incidents_answer(&office->store.incidents, &alert, &error), 1);
    assert_int_equal(incidents_answer(&office->store.incidents, &alert, &error), 0);
    assert_int_equal(store_commit(&office->store, &error), 0);
    assert_int_equal(incidents_next_due(&office->store.incidents, &due, &error), 0);
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
        TEST(who_has_read_is_not_reminded),
        TEST(silences_hold_for_their_rules_units_and_times),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
