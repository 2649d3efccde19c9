/* What notifier.db keeps of things that are over: it goes after its time, and only then; folding anew keeps the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/unit/notifier_office.h"

#define MS_PER_DAY INT64_C(86400000)
#define LEADER "\"recipients\": [{\"of\": \"own\", \"post\": \"leader\"}]"
#define RETURNED "\"kind\": \"event\", \"event\": \"report.returned\", "
#define PROBLEM "\"problem\": \"hex:018bcfe5680070008000000000000032\""

/* The first day at or behind so many days on which there is pruning: those since 1970 that 28 divides. */
static void open_day(struct office *office, int number, int days) {
    char date[DATE_TEXT_SIZE];
    char body[60];
    int32_t day = (int32_t)(OFFICE_AT / MS_PER_DAY) + days;
    day += (28 - day % 28) % 28;
    office->now = day * MS_PER_DAY;
    day_format(day, date);
    snprintf(body, sizeof body, "\"day\": \"%s\"", date);
    office_happen(office, number, "clock.day", "haining", body, NULL);
}

static int64_t kept(struct office *office) {
    return office_count(office, "SELECT (SELECT count(*) FROM incidents) + 100 * (SELECT count(*) FROM alerts)"
                                " + 10000 * (SELECT count(*) FROM matters)");
}

static int64_t recorded(struct office *office) {
    return office_count(office, "SELECT (SELECT count(*) FROM notices) + 100 * (SELECT count(*) FROM outbox)");
}

/* A returned report that was amended, one that never was; a problem that was dealt with; a notice that nobody read. */
static void fill(struct office *office) {
    office_people(office);
    office_rule(office, 20, "returned", 1, RETURNED LEADER, NULL);
    office_returned(office, 30, "haining/xucun");
    office_echo(office);
    office_happen(office, 31, "report.amended", "haining/xucun",
                  "\"amends\": \"hex:018bcfe5680070008000000000000063\", \"programmes\": [\"dog\"]", NULL);
    office_echo(office);
    office_happen(office, 32, "report.returned", "haining/xucun",
                  "\"report\": \"hex:018bcfe5680070008000000000000064\"", "\"reason\": \"x\"");
    office_echo(office);
    office_happen(office, 50, "problem.raised", "haining/xucun", "\"kind\": \"litter\", \"town\": \"许村镇\"", NULL);
    office_happen(office, 51, "problem.resolved", "haining/xucun", PROBLEM, NULL);
    office_notice(office, 60, "\"haining/xucun\"", false);
}

static void what_is_over_goes_after_its_time(void **state) {
    struct office *office = *state;
    fill(office);
    int64_t record = recorded(office);
    assert_int_equal(office_count(office, "SELECT count(*) FROM incidents WHERE ended = 2"), 1);
    assert_int_equal(kept(office), 2 + 100 * 2 + 10000 * 2);
    open_day(office, 70, 330);
    assert_int_equal(kept(office), 2 + 100 * 2 + 10000 * 2); /* a message of it may still be unsent */
    open_day(office, 71, 400);
    assert_int_equal(kept(office), 1 + 100 * 1 + 10000 * 1);
    assert_int_equal(office_count(office, "SELECT count(*) FROM incidents WHERE ended = 2"), 0);
    open_day(office, 72, 760);
    assert_int_equal(kept(office), 1 + 100 * 1 + 10000 * 1); /* what never ended may still be looked at */
    open_day(office, 73, 830);
    assert_int_equal(kept(office), 0);
    assert_int_equal(recorded(office), record); /* it stays */
}

static void on_other_days_nothing_goes(void **state) {
    struct office *office = *state;
    fill(office);
    open_day(office, 70, 330);
    office->now += 500 * MS_PER_DAY + MS_PER_DAY;
    char date[DATE_TEXT_SIZE];
    char body[60];
    day_format((int32_t)(office->now / MS_PER_DAY), date);
    snprintf(body, sizeof body, "\"day\": \"%s\"", date);
    assert_int_not_equal((office->now / MS_PER_DAY) % 28, 0);
    office_happen(office, 71, "clock.day", "haining", body, NULL);
    assert_int_equal(kept(office), 2 + 100 * 2 + 10000 * 2);
}

/* Live and folded anew the same is left; what was pruned and fires again is nobody's new alert. */
static void folding_anew_keeps_the_same(void **state) {
    struct office *office = *state;
    fill(office);
    open_day(office, 71, 400);
    int64_t before = kept(office);
    office_rebuild(office);
    office_echo(office);
    assert_int_equal(kept(office), before);
}

static void a_problem_that_is_opened_again_is_a_matter_anew(void **state) {
    struct office *office = *state;
    fill(office);
    open_day(office, 71, 400);
    assert_int_equal(office_count(office, "SELECT count(*) FROM matters WHERE kind = 0"), 0);
    office_happen(office, 72, "problem.reopened", "haining/xucun", PROBLEM, NULL);
    assert_int_equal(office_count(office, "SELECT count(*) FROM matters WHERE kind = 0 AND open = 1"), 1);
    office_happen(office, 73, "problem.reopened", "haining/xucun", PROBLEM, NULL);
    assert_int_equal(office_count(office, "SELECT count(*) FROM matters WHERE kind = 0 AND open = 1"), 1);
    office_happen(office, 74, "problem.resolved", "haining/xucun", PROBLEM, NULL);
    assert_int_equal(office_count(office, "SELECT count(*) FROM matters WHERE kind = 0 AND open = 1"), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_over_goes_after_its_time, office_setup, office_teardown),
        cmocka_unit_test_setup_teardown(on_other_days_nothing_goes, office_setup, office_teardown),
        cmocka_unit_test_setup_teardown(folding_anew_keeps_the_same, office_setup, office_teardown),
        cmocka_unit_test_setup_teardown(a_problem_that_is_opened_again_is_a_matter_anew, office_setup, office_teardown),
    };
    return cmocka_run_group_tests_name("notifier prune", tests, NULL, NULL);
}
