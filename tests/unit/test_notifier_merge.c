/* What becomes of messages that go out together: the one that carries others, those that it carries, and what is answered;
 * also when everything is folded again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <sodium.h>

#include "services/notifier/change.h"
#include "services/notifier/grouping/merge.h"
#include "services/notifier/rules/values.h"
#include "tests/unit/notifier_office.h"

#define MINUTE INT64_C(60000)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

#define LEADER "\"recipients\": [{\"of\": \"own\", \"post\": \"leader\"}]"
#define RETURNED "\"kind\": \"event\", \"event\": \"report.returned\", " LEADER

static void fire(struct office *office, int number, int64_t at) {
    office->now = at;
    office_returned(office, number, "haining/xucun");
    assert_int_equal(office_echo(office), 1);
}

/* The row's message goes out at `now`, as the dispatcher has it. */
static void go(struct office *office, struct outbox_row *row, int64_t now) {
    struct error error = {0};
    const struct course_rules rules = {
        .expire_ms = 72 * HOUR, .unknown_ms = HOUR, .retry_ms = 1000, .retry_max_ms = 1000};
    const struct course_moment moment = {.rules = &rules, .now = now, .issued_at = row->issued_at};
    office_must(store_begin(&office->store, &error), &error);
    assert_true(course_proceed(&row->course, &moment));
    office_must(merge_gather(&office->store, row, now, NULL, NULL, &error), &error);
    office_must(change_write(&office->store, row, text_of(""), &error), &error);
    office_must(store_commit(&office->store, &error), &error);
}

static struct outbox_row row_at(struct office *office, int64_t number) {
    struct error error = {0};
    struct outbox_row row;
    assert_int_equal(outbox_get(&office->store.outbox, number, &row, &error), 1);
    return row;
}

static int64_t waits_until(struct office *office, int64_t number) {
    struct error error = {0};
    struct outbox_row row = row_at(office, number);
    int64_t until = 0;
    bool digest;
    int waits = merge_wait(&office->store, &row, &until, &digest, &error);
    office_must(waits, &error);
    return waits == 1 ? until : -1;
}

/* Three alerts in a group of five minutes; the first goes and takes the others along. */
static void three_go_as_one(struct office *office) {
    office_people(office);
    office->now = OFFICE_AT;
    office_rule(office, 50, "returned", 1,
                RETURNED ", \"repeat_after\": 60, \"repeats\": 3, \"group_by\": "
                         "[\"rule\"], \"group_interval\": 60",
                NULL);
    for (int i = 0; i < 3; i++) {
        fire(office, 60 + i, OFFICE_AT + (i + 1) * MINUTE);
    }
    assert_int_equal(waits_until(office, 1), OFFICE_AT + 6 * MINUTE);
    struct outbox_row row = row_at(office, 1);
    go(office, &row, OFFICE_AT + 6 * MINUTE);
}

static void expect_texts_of_three(struct office *office, const struct outbox_row *row) {
    struct error error = {0};
    struct notice_row notice;
    struct arena *arena = arena_create(SIZE_MAX);
    assert_int_equal(notices_get(&office->store.notices, row->notice_seq, &notice, &error), 1);
    office_must(merge_texts(&office->store, row, &notice, arena, &error), &error);
    assert_string_equal(notice.title.data, "退回（共3条）");
    assert_int_equal(strncmp(notice.text.data, "1. 许村志愿中队：退回提醒，", strlen("1. 许村志愿中队：退回提醒，")),
                     0);
    assert_non_null(strstr(notice.text.data, "\n3. 许村"));
    arena_destroy(&arena);
}

static void expect_three_as_one(struct office *office) {
    struct error error = {0};
    struct outbox_row row = row_at(office, 1);
    assert_int_equal(row.course.state, DELIVERY_SENDING);
    assert_int_equal(merge_carries(&office->store, &row, &error), 2);
    for (int64_t number = 2; number <= 3; number++) {
        struct group_row group;
        struct outbox_row carried = row_at(office, number);
        assert_int_equal(carried.course.state, DELIVERY_SUPERSEDED);
        assert_int_equal(groups_get(&office->store.groups, number, &group, &error), 1);
        assert_true(id_equal(&group.carrier, &row.notice));
        assert_non_null(strstr(carried.words, "已并入通知"));
    }
    expect_texts_of_three(office, &row);
}

static void a_group_goes_as_one_and_is_so_when_folded_again(void **state) {
    struct office *office = *state;
    three_go_as_one(office);
    expect_three_as_one(office);
    assert_int_equal(office_echo_deliveries(office), 3);
    office_rebuild(office);
    expect_three_as_one(office);
    fire(office, 70, OFFICE_AT + 10 * MINUTE); /* the group is open */
    assert_int_equal(waits_until(office, 4), OFFICE_AT + 66 * MINUTE);
    fire(office, 71, OFFICE_AT + 66 * MINUTE);
    assert_int_equal(waits_until(office, 5), OFFICE_AT + 71 * MINUTE);
}

/* It did not arrive: what the next channel takes on tells of all of them. */
static void the_next_channel_carries_them_too(void **state) {
    struct office *office = *state;
    struct error error = {0};
    three_go_as_one(office);
    struct outbox_row row = row_at(office, 1);
    office_must(store_begin(&office->store, &error), &error);
    row.course.state = DELIVERY_DEAD;
    office_must(change_write(&office->store, &row, text_of("550"), &error), &error);
    office_must(store_commit(&office->store, &error), &error);
    assert_int_equal(office_count(office, "SELECT count(*) FROM outbox"), 4);
    struct outbox_row next = row_at(office, 4);
    assert_int_equal(next.channel, CHANNEL_EMAIL);
    assert_string_equal(next.person, row.person);
    assert_int_equal(merge_carries(&office->store, &next, &error), 2);
    assert_true(waits_until(office, 4) <= 0); /* for nobody */
    expect_texts_of_three(office, &next);
}

/* What became of it, as a gateway would say. */
static void end(struct office *office, int64_t number, enum delivery state, const char *words) {
    struct error error = {0};
    struct outbox_row row = row_at(office, number);
    office_must(store_begin(&office->store, &error), &error);
    row.course.state = state;
    row.course.since++;
    office_must(change_write(&office->store, &row, text_of(words), &error), &error);
    office_must(store_commit(&office->store, &error), &error);
}

static void expect_carried(struct office *office, enum delivery state, const char *words) {
    for (int64_t number = 2; number <= 3; number++) {
        struct outbox_row carried = row_at(office, number);
        assert_int_equal(carried.course.state, state);
        assert_non_null(strstr(carried.words, words));
    }
}

static int64_t count_again(struct office *office, int64_t number) {
    struct error error = {0};
    struct outbox_row row = row_at(office, number);
    const struct reached_by by = {.seq = row.notice_seq, .id = &row.notice};
    struct reached_sums sums;
    office_must(reached_sums(&office->store.reached, &by, &sums, &error), &error);
    return sums.again;
}

static void resend_all_of(struct office *office, int number, int64_t row_number) {
    struct outbox_row row = row_at(office, row_number);
    char id[2 * sizeof row.notice + 1];
    char body[sizeof id + 20];
    sodium_bin2hex(id, sizeof id, row.notice.bytes, sizeof row.notice);
    snprintf(body, sizeof body, "\"notice\": \"hex:%s\"", id);
    office_happen(office, number, "notice.resent", "haining", body, NULL);
}

/* Given up on the last channel, the carrier takes the others along: they count as not reached, and back when it arrives. */
static void what_a_lost_message_carried_is_lost_too(void **state) {
    struct office *office = *state;
    three_go_as_one(office);
    end(office, 1, DELIVERY_UNDELIVERED, "no such number");
    expect_carried(office, DELIVERY_SUPERSEDED, "一并发送"); /* the e-mail may still bring them */
    end(office, 4, DELIVERY_DEAD, "550 no such mailbox");
    expect_carried(office, DELIVERY_DEAD, "没有送达：550 no such mailbox");
    assert_int_equal(count_again(office, 2), 1);
    end(office, 4, DELIVERY_DELIVERED, "250 after all");
    expect_carried(office, DELIVERY_SUPERSEDED, "一并发送");
    assert_int_equal(count_again(office, 2), 0);
    end(office, 4, DELIVERY_UNDELIVERED, "550");
    office_echo_deliveries(office);
    office_rebuild(office);
    expect_carried(office, DELIVERY_UNDELIVERED, "没有送达：550");
}

/* One that is sent again goes by itself; the others go with the carrier when that is. */
static void what_was_lost_is_sent_again(void **state) {
    struct office *office = *state;
    struct error error = {0};
    three_go_as_one(office);
    end(office, 1, DELIVERY_UNDELIVERED, "");
    end(office, 4, DELIVERY_EXPIRED, "");
    expect_carried(office, DELIVERY_EXPIRED, "没有送达");
    office_echo_deliveries(office);
    resend_all_of(office, 90, 2);
    assert_int_equal(row_at(office, 2).course.state, DELIVERY_PENDING);
    assert_int_equal(row_at(office, 3).course.state, DELIVERY_EXPIRED);
    assert_int_equal(waits_until(office, 2), -1); /* for nobody */
    resend_all_of(office, 91, 4);
    struct outbox_row row = row_at(office, 4);
    assert_int_equal(row.course.state, DELIVERY_PENDING);
    assert_int_equal(merge_carries(&office->store, &row, &error), 1);
    assert_int_equal(row_at(office, 3).course.state, DELIVERY_SUPERSEDED);
    office_rebuild(office);
    assert_int_equal(row_at(office, 2).course.state, DELIVERY_PENDING);
    assert_int_equal(row_at(office, 3).course.state, DELIVERY_SUPERSEDED);
}

static int count_answered(struct office *office) {
    return (int)office_count(office, "SELECT count(*) FROM incidents WHERE ended = 1");
}

static void one_answer_answers_what_one_message_told(void **state) {
    struct office *office = *state;
    three_go_as_one(office);
    assert_int_equal(office_echo_deliveries(office), 3);
    struct outbox_row row = row_at(office, 1);
    char id[2 * sizeof row.notice + 1];
    char body[sizeof id + 20];
    sodium_bin2hex(id, sizeof id, row.notice.bytes, sizeof row.notice);
    snprintf(body, sizeof body, "\"notice\": \"hex:%s\"", id);
    office_happen(office, 70, "notice.read", "haining/xucun", body, NULL);
    assert_int_equal(count_answered(office), 0);
    for (int again = 0; again < 2; again++) {
        struct error error = {0};
        office_must(
            office_try(office, 71 + again, "service:notifier", &error,
                       "\"type\": \"notice.confirmed\", \"unit\": \"haining/xucun\", \"by\": \"%s\", \"body\": {%s}",
                       row.person, body),
            &error);
        assert_int_equal(count_answered(office), 3);
        office_rebuild(office);
        assert_int_equal(count_answered(office), 3);
    }
}

/* The carried ones are told first: a file that is lost before the rest was told does not lose or repeat them. */
static void a_file_that_is_lost_in_between_loses_nothing(void **state) {
    struct office *office = *state;
    three_go_as_one(office);
    assert_int_equal(office_echo_some_deliveries(office, 1), 1);
    office_rebuild(office);
    assert_int_equal(row_at(office, 1).course.state, DELIVERY_PENDING);
    assert_int_equal(row_at(office, 2).course.state, DELIVERY_SUPERSEDED);
    assert_int_equal(row_at(office, 3).course.state, DELIVERY_PENDING);
    assert_int_equal(waits_until(office, 1), 0); /* it carries one already */
    struct outbox_row row = row_at(office, 1);
    go(office, &row, OFFICE_AT + 7 * MINUTE);
    expect_three_as_one(office);
}

/* The one that carries them is over before it went: the others wait by themselves again, as repeats where it may have gone. */
static void release_after(struct office *office, bool maybe) {
    struct error error = {0};
    three_go_as_one(office);
    struct outbox_row row = row_at(office, 1);
    office_must(store_begin(&office->store, &error), &error);
    office_must(merge_release(&office->store, &row, maybe, OFFICE_AT + 8 * MINUTE, &error), &error);
    office_must(store_commit(&office->store, &error), &error);
    assert_int_equal(merge_carries(&office->store, &row, &error), 0);
}

static void what_it_carried_goes_when_it_does_not(void **state) {
    struct office *office = *state;
    release_after(office, false);
    assert_int_equal(row_at(office, 2).course.state, DELIVERY_PENDING);
    struct outbox_row row = row_at(office, 2);
    go(office, &row, OFFICE_AT + 90 * MINUTE);
    assert_int_equal(row_at(office, 3).course.state, DELIVERY_SUPERSEDED);
    assert_int_equal(row_at(office, 2).course.repeats, 0);
    office_echo_deliveries(office);
    office_rebuild(office);
    struct error error = {0};
    row = row_at(office, 2);
    assert_int_equal(merge_carries(&office->store, &row, &error), 1);
}

static void what_may_have_gone_with_it_is_counted(void **state) {
    struct office *office = *state;
    release_after(office, true);
    assert_int_equal(row_at(office, 2).course.state, DELIVERY_UNKNOWN);
    struct outbox_row row = row_at(office, 2);
    go(office, &row, OFFICE_AT + 9 * MINUTE);
    assert_int_equal(row_at(office, 2).course.repeats, 1);
    assert_int_equal(row_at(office, 3).course.state, DELIVERY_UNKNOWN);
    office_echo_deliveries(office);
    office_rebuild(office);
    assert_int_equal(row_at(office, 3).course.state, DELIVERY_UNKNOWN);
    assert_int_equal(waits_until(office, 3), -1);
}

static int stay(void *data, const struct outbox_row *row, struct error *error) {
    (void)data;
    (void)error;
    return row->number == 2 ? MERGE_STAYS : MERGE_REPLACED;
}

static void what_something_else_holds_stays(void **state) {
    struct office *office = *state;
    struct error error = {0};
    office_people(office);
    office->now = OFFICE_AT;
    office_rule(office, 50, "returned", 1, RETURNED ", \"digest\": [\"08:30\"]", NULL);
    for (int i = 0; i < 3; i++) {
        fire(office, 60 + i, OFFICE_AT + (i + 1) * MINUTE);
    }
    struct outbox_row row = row_at(office, 1);
    office_must(merge_gather(&office->store, &row, OFFICE_AT + DAY, stay, NULL, &error), &error);
    office_must(store_commit(&office->store, &error), &error);
    assert_int_equal(row_at(office, 2).course.state, DELIVERY_PENDING);
    assert_int_equal(row_at(office, 3).course.state, DELIVERY_SUPERSEDED);
    assert_int_equal(office_count(office, "SELECT count(*) FROM groups"), 1);
}

/* A rule with later times of day waits for them. */
static void a_digest_leaves_out_what_is_for_a_later_one(void **state) {
    struct office *office = *state;
    struct error error = {0};
    office_people(office);
    office->now = values_time_of(20000, 0);
    office_rule(office, 50, "early", 1, RETURNED ", \"digest\": [\"08:30\"]", NULL);
    office_rule(office, 51, "late", 1, RETURNED ", \"digest\": [\"17:00\"]", NULL);
    office_returned(office, 60, "haining/xucun");
    assert_int_equal(office_echo(office), 2);
    struct outbox_row row = row_at(office, 1);
    go(office, &row, values_time_of(20000, 510));
    assert_int_equal(row_at(office, 2).course.state, DELIVERY_PENDING);
    assert_int_equal(waits_until(office, 2), values_time_of(20000, 1020));
    assert_int_equal(merge_carries(&office->store, &row, &error), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, office_setup, office_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_group_goes_as_one_and_is_so_when_folded_again),
        TEST(the_next_channel_carries_them_too),
        TEST(what_a_lost_message_carried_is_lost_too),
        TEST(what_was_lost_is_sent_again),
        TEST(one_answer_answers_what_one_message_told),
        TEST(a_file_that_is_lost_in_between_loses_nothing),
        TEST(what_it_carried_goes_when_it_does_not),
        TEST(what_may_have_gone_with_it_is_counted),
        TEST(what_something_else_holds_stays),
        TEST(a_digest_leaves_out_what_is_for_a_later_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
