/* Who read, confirmed or answered a notice: separate facts, each from its first time; what a recall ends; what is erased. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "services/notifier/rules/duty.h"
#include "tests/unit/notifier_office.h"

#define LEADER "\"recipients\": [{\"of\": \"own\", \"post\": \"leader\"}]"
#define NOTICE 30

#define HEX_SIZE (2 * ID_BYTES + 1)

static const char *hex_of(struct id id, char text[HEX_SIZE]) {
    for (int i = 0; i < ID_BYTES; i++) {
        snprintf(text + 2 * i, 3, "%02x", id.bytes[i]);
    }
    return text;
}

/* `person` NULL: nobody says who it was. `answer` NULL: none. */
static void say(struct office *office, int number, const char *type, const char *person, const char *answer) {
    char text[HEX_SIZE];
    char by[60] = "";
    char side[200] = "";
    struct error error = {0};
    if (person) {
        snprintf(by, sizeof by, ", \"by\": \"%s\"", person);
    }
    if (answer) {
        snprintf(side, sizeof side, ", \"side\": {\"text\": \"%s\"}", answer);
    }
    int result = office_try(office, number, "account:lin", &error,
                            "\"type\": \"%s\", \"unit\": \"haining/xucun\", \"body\": {\"notice\": \"hex:%s\"}%s%s",
                            type, hex_of(office_id(NOTICE), text), by, side);
    if (result < 0) {
        fail_msg("%s", error.text);
    }
}

struct seen {
    struct reading readings[4];
    int count;
};

static int see(void *data, const struct reading *reading) {
    struct seen *seen = data;
    assert_true(seen->count < 4);
    seen->readings[seen->count++] = *reading;
    return 0;
}

static struct seen look(struct office *office) {
    struct error error = {0};
    struct id notice = office_id(NOTICE);
    const struct reading_mark first = {0};
    struct seen seen = {.count = 0};
    assert_int_equal(readings_each(&office->store.readings, &notice, &first, see, &seen, &error), 0);
    return seen;
}

static void each_fact_stands_from_its_first_time(void **state) {
    struct office *office = *state;
    office_people(office);
    office_notice(office, NOTICE, "\"haining/xucun\"", false);
    assert_int_equal(look(office).count, 0);
    office->now = OFFICE_AT + 1000;
    say(office, 40, "notice.read", NULL, NULL);
    office->now = OFFICE_AT + 2000;
    say(office, 41, "notice.read", NULL, NULL);
    say(office, 42, "notice.confirmed", "P-1", NULL);
    for (int again = 0; again < 2; again++) {
        struct seen seen = look(office);
        assert_int_equal(seen.count, 2);
        assert_string_equal(seen.readings[0].person, "");
        assert_string_equal(seen.readings[0].source, "account:lin");
        assert_int_equal(seen.readings[0].read_at, OFFICE_AT + 1000);
        assert_int_equal(seen.readings[0].confirmed_at, 0);
        assert_string_equal(seen.readings[1].person, "P-1");
        assert_int_equal(seen.readings[1].read_at, 0); /* confirmed is another fact */
        assert_int_equal(seen.readings[1].confirmed_at, OFFICE_AT + 2000);
        assert_int_equal(seen.readings[1].answered_at, 0);
        office_close(office);
        office_open(office);
    }
}

static void the_last_answer_is_kept_until_it_is_erased(void **state) {
    struct office *office = *state;
    office_people(office);
    office_notice(office, NOTICE, "\"haining/xucun\"", false);
    office->now = OFFICE_AT + 1000;
    say(office, 40, "notice.answered", "P-1", "去五人");
    office->now = OFFICE_AT + 2000;
    say(office, 41, "notice.answered", "P-1", "去六人");
    struct seen seen = look(office);
    assert_int_equal(seen.count, 1);
    assert_int_equal(seen.readings[0].answered_at, OFFICE_AT + 1000);
    assert_string_equal(seen.readings[0].answer, "去六人");
    office_redact(office, 42, 40); /* other words stand there by now */
    assert_string_equal(look(office).readings[0].answer, "去六人");
    office_redact(office, 43, 41);
    assert_string_equal(look(office).readings[0].answer, "");
    say(office, 44, "notice.answered", "P-1", "去七人");
    office_erase(office, 45, "P-1");
    seen = look(office);
    assert_string_equal(seen.readings[0].answer, "");
    assert_int_equal(seen.readings[0].answered_at, OFFICE_AT + 1000);
}

static void a_recall_ends_reminders_and_cancels_what_was_not_sent(void **state) {
    struct office *office = *state;
    struct error error = {0};
    struct arena *arena = arena_create(SIZE_MAX);
    office_people(office);
    office_contact(office, 15, "haining/maqiao", "P-6", ", \"post\": \"leader\"", "13800138006", NULL);
    office_rule(office, 20, "unread", 1,
                "\"kind\": \"deadline\", \"deadline\": \"notice-unread\", \"hours\": 4, " LEADER,
                "{\"title\": \"未读\", \"text\": \"{单位}{小时数}\"}");
    office_notice(office, NOTICE, "\"haining/xucun\", \"haining/maqiao\"", false);
    office_told(office, 31, 500, NOTICE, "P-6", "sms", "delivered", 1, "DELIVRD");
    const struct duty duty = {
        .store = &office->store, .now = OFFICE_AT + 5 * 3600000, .expire_ms = INT64_C(259200000), .arena = arena};
    assert_int_equal(duty_run(&duty, &error), 0);
    assert_int_equal(store_commit(&office->store, &error), 0);
    assert_int_equal(office_echo(office), 2); /* both squads are reminded */
    assert_int_equal(office_count(office, "SELECT count(*) FROM incidents WHERE ended = 0"), 2);
    say(office, 40, "notice.recalled", NULL, NULL);
    assert_int_equal(office_echo(office), 2); /* both are told to be over */
    assert_int_equal(office_count(office, "SELECT count(*) FROM incidents WHERE ended = 2"), 2);
    assert_int_equal(office_count(office, "SELECT count(*) FROM matters WHERE open = 1"), 0);
    struct outbox_row row = office_row(office, NOTICE, "P-1", CHANNEL_SMS);
    assert_true(row.course.removed); /* it waits to be cancelled */
    row = office_row(office, NOTICE, "P-6", CHANNEL_SMS);
    assert_int_equal(row.course.state, DELIVERY_DELIVERED); /* what was sent stays sent */
    struct seen seen = look(office);
    assert_int_equal(seen.count, 1);
    assert_true(seen.readings[0].recalled_at > 0 && seen.readings[0].read_at == 0);
    assert_int_equal(duty_run(&duty, &error), 0);
    assert_int_equal(store_commit(&office->store, &error), 0);
    assert_int_equal(office_waiting(office), 0); /* nobody is reminded again */
    arena_destroy(&arena);
}

/* Of two alerts one is confirmed: after half an hour the deputy is told of the other one only. */
static void a_confirmed_alert_is_told_no_further(void **state) {
    struct office *office = *state;
    struct error error = {0};
    struct arena *arena = arena_create(SIZE_MAX);
    char text[HEX_SIZE];
    char body[100];
    office_people(office);
    office_rule(office, 20, "returned", 1,
                "\"kind\": \"event\", \"event\": \"report.returned\", " LEADER
                ", \"steps\": [{\"after\": 30, \"of\": \"own\", \"post\": \"deputy\"}]",
                NULL);
    office_returned(office, 30, "haining/xucun");
    assert_int_equal(office_echo(office), 1);
    struct id alert = office_last_alert(office);
    office_returned(office, 31, "haining/xucun");
    assert_int_equal(office_echo(office), 1);
    snprintf(body, sizeof body, "\"notice\": \"hex:%s\"", hex_of(alert, text));
    office_happen(office, 41, "notice.read", "haining/xucun", body, NULL);
    assert_int_equal(office_count(office, "SELECT count(*) FROM incidents WHERE next_at > 0"), 2); /* no answer yet */
    office_happen(office, 42, "notice.confirmed", "haining/xucun", body, NULL);
    assert_int_equal(office_count(office, "SELECT count(*) FROM incidents WHERE next_at > 0"), 1);
    const struct duty duty = {
        .store = &office->store, .now = OFFICE_AT + 3600000, .expire_ms = INT64_C(259200000), .arena = arena};
    assert_int_equal(duty_run(&duty, &error), 0);
    assert_int_equal(store_commit(&office->store, &error), 0);
    assert_int_equal(office_echo(office), 1);
    assert_int_equal(office_count(office, "SELECT count(*) FROM outbox WHERE person = 'P-2'"), 1);
    arena_destroy(&arena);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, office_setup, office_teardown)

#define READERS 150
#define STEPS_MAX 300 /* of SQLite's machine; through all readings it would be some thousands */

/* What one recipient's row takes does not grow with how many have read the notice. */
static void a_row_looks_at_its_own_readings_only(void **state) {
    struct office *office = *state;
    struct error error = {0};
    struct id notice = office_id(NOTICE);
    const struct reached_by by = {.seq = NOTICE, .id = &notice};
    struct reached_times times;
    int steps = 0;
    office_people(office);
    office_notice(office, NOTICE, "\"haining/xucun\"", false);
    office->hasty = true;
    for (int i = 0; i < READERS; i++) {
        char person[20];
        snprintf(person, sizeof person, "R-%d", i);
        say(office, 100 + i, "notice.read", person, NULL);
    }
    assert_int_equal(reached_person(&office->store.reached, &by, text_of("R-70"), &times, &error), 0);
    assert_int_not_equal(times.read_at, 0);
    for (int i = 0; i < REACHED_STATEMENTS; i++) {
        steps += sqlite3_stmt_status(office->store.reached.statements[i], SQLITE_STMTSTATUS_VM_STEP, 0);
    }
    assert_in_range(steps, 1, STEPS_MAX);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(each_fact_stands_from_its_first_time),
        TEST(the_last_answer_is_kept_until_it_is_erased),
        TEST(a_recall_ends_reminders_and_cancels_what_was_not_sent),
        TEST(a_confirmed_alert_is_told_no_further),
        TEST(a_row_looks_at_its_own_readings_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
