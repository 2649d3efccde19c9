/* The outbox in its file: keys, order and times, checksums that name damage, what is to be told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "services/notifier/change.h"
#include "tests/unit/notifier_office.h"

static void begin(struct office *office) {
    struct error error = {0};
    assert_int_equal(store_begin(&office->store, &error), 0);
}

static void commit(struct office *office) {
    struct error error = {0};
    assert_int_equal(store_commit(&office->store, &error), 0);
}

/* Three contacts of xiashi with a telephone, and a notice (20) to them. */
static void issue(struct office *office) {
    office_contact(office, 10, "haining/xiashi", "P-1", "", "13800138001", NULL);
    office_contact(office, 11, "haining/xiashi", "P-2", "", "13800138002", NULL);
    office_contact(office, 12, "haining/xiashi", "P-3", "", "13800138003", NULL);
    office_notice(office, 20, "\"haining/xiashi\"", false);
}

static void put(struct office *office, struct outbox_row *row) {
    struct error error = {0};
    begin(office);
    assert_int_equal(outbox_put(&office->store.outbox, row, &error), 0);
    commit(office);
}

/* ---- rows ---- */

static void test_one_row_of_a_key(void **state) {
    struct office *office = *state;
    struct error error = {0};
    issue(office);
    struct outbox_row row = office_row(office, 20, "P-1", CHANNEL_SMS);
    begin(office);
    assert_int_equal(outbox_add(&office->store.outbox, &row, &error), 0);
    row.channel = CHANNEL_EMAIL;
    assert_int_equal(outbox_add(&office->store.outbox, &row, &error), 1);
    row.step = 1; /* another step of escalation is another message */
    assert_int_equal(outbox_add(&office->store.outbox, &row, &error), 1);
    row.revision = 1;
    assert_int_equal(outbox_add(&office->store.outbox, &row, &error), 1);
    commit(office);
    assert_int_equal(office_count(office, "SELECT count(*) FROM outbox"), 6);
    assert_int_equal(office_count(office, "SELECT count(DISTINCT number) FROM outbox"), 6);
}

static void test_everything_is_read_back(void **state) {
    struct office *office = *state;
    issue(office);
    struct outbox_row row = office_row(office, 20, "P-2", CHANNEL_SMS);
    row.course = (struct course){.state = DELIVERY_UNKNOWN,
                                 .attempts = 7,
                                 .repeats = 3,
                                 .since = OFFICE_AT + 5,
                                 .next_at = OFFICE_AT + 9,
                                 .removed = true};
    row.told = office_id(77);
    snprintf(row.words, sizeof row.words, "网关说：稍后");
    put(office, &row);
    office_close(office);
    office_open(office);
    struct outbox_row found = office_row(office, 20, "P-2", CHANNEL_SMS);
    assert_int_equal(found.number, row.number);
    assert_int_equal(found.course.state, DELIVERY_UNKNOWN);
    assert_int_equal(found.course.attempts, 7);
    assert_int_equal(found.course.repeats, 3);
    assert_int_equal(found.course.since, OFFICE_AT + 5);
    assert_int_equal(found.course.next_at, OFFICE_AT + 9);
    assert_true(found.course.removed);
    assert_string_equal(found.words, "网关说：稍后");
    assert_true(id_equal(&found.told, &row.told));
    struct id contact = office_id(11);
    assert_true(id_equal(&found.contact, &contact));
}

/* ---- when ---- */

static void test_due(void **state) {
    struct office *office = *state;
    struct error error = {0};
    int64_t numbers[8];
    int64_t due;
    issue(office);
    struct outbox *outbox = &office->store.outbox;
    struct outbox_row row = office_row(office, 20, "P-1", CHANNEL_SMS);
    row.course.state = DELIVERY_RETRY;
    row.course.next_at = OFFICE_AT + 500;
    put(office, &row);
    assert_int_equal(outbox_is_late(outbox, CHANNEL_SMS, OFFICE_AT + 499, &error), 0);
    assert_int_equal(outbox_due(outbox, CHANNEL_SMS, numbers, 8, &error), 2);
    assert_int_equal(outbox_due(outbox, CHANNEL_EMAIL, numbers, 8, &error), 0);
    assert_int_equal(outbox_is_late(outbox, CHANNEL_SMS, OFFICE_AT + 500, &error), 1);
    assert_int_equal(outbox_ready(outbox, CHANNEL_SMS, OFFICE_AT + 500, &error), 0);
    assert_int_equal(outbox_is_late(outbox, CHANNEL_SMS, OFFICE_AT + 500, &error), 0);
    assert_int_equal(outbox_due(outbox, CHANNEL_SMS, numbers, 8, &error), 3);
    assert_int_equal(numbers[0], row.number); /* its place comes first, though it waited */
    assert_int_equal(outbox_due(outbox, CHANNEL_SMS, numbers, 2, &error), 2);
    assert_int_equal(outbox_check(outbox, row.number, &error), 1); /* that it is ready is none of its row's facts */
    assert_int_equal(outbox_next_due(outbox, CHANNEL_SMS, &due, &error), 1);
    assert_int_equal(due, 0);
    put(office, &row); /* written again, it waits for its time again */
    static const char *const others[] = {"P-2", "P-3"};
    for (int i = 0; i < 2; i++) {
        struct outbox_row other = office_row(office, 20, others[i], CHANNEL_SMS);
        other.course.state = i == 0 ? DELIVERY_SENDING : DELIVERY_ACCEPTED;
        put(office, &other);
    }
    assert_int_equal(outbox_next_due(outbox, CHANNEL_SMS, &due, &error), 1);
    assert_int_equal(due, OFFICE_AT + 500);
    assert_int_equal(outbox_next_due(outbox, CHANNEL_EMAIL, &due, &error), 0);
}

static void test_counts(void **state) {
    struct office *office = *state;
    struct error error = {0};
    int64_t counts[CHANNEL_COUNT][DELIVERY_COUNT];
    int64_t count;
    int64_t oldest;
    issue(office);
    office_contact(office, 13, "haining/xucun", "P-4", "", "13800138004", "p4@haining.test");
    office_notice(office, 21, "\"haining\"", false);
    struct outbox_row row = office_row(office, 21, "P-4", CHANNEL_EMAIL);
    row.course.state = DELIVERY_DELIVERED;
    put(office, &row);
    struct outbox *outbox = &office->store.outbox;
    assert_int_equal(outbox_count(outbox, row.notice_seq, text_of(""), counts, &error), 0);
    assert_int_equal(counts[CHANNEL_SMS][DELIVERY_PENDING], 4);
    assert_int_equal(counts[CHANNEL_EMAIL][DELIVERY_DELIVERED], 1);
    assert_int_equal(outbox_count(outbox, row.notice_seq, text_of("haining/xucun"), counts, &error), 0);
    assert_int_equal(counts[CHANNEL_SMS][DELIVERY_PENDING], 1);
    assert_int_equal(outbox_count(outbox, row.notice_seq, text_of("haining/xu"), counts, &error), 0);
    assert_int_equal(counts[CHANNEL_SMS][DELIVERY_PENDING], 0);
    assert_int_equal(outbox_total(outbox, DELIVERY_PENDING, 0, &count, &oldest, &error), 0);
    assert_int_equal(count, 7);
    assert_int_equal(outbox_total(outbox, DELIVERY_PENDING, row.issued_at, &count, &oldest, &error), 0);
    assert_int_equal(count, 4);
    assert_int_equal(oldest, row.issued_at);
}

/* ---- damage ---- */

static int take_nothing(void *data, const struct outbox_row *row) {
    (void)row;
    (*(int *)data)++;
    return 0;
}

/* Any column that is changed behind the store's back. */
static void test_every_column_is_covered(void **state) {
    struct office *office = *state;
    struct error error = {0};
    static const char *const changes[] = {
        "ref = x'00112233445566778899aabbccddeeff'",
        "notice = x'00112233445566778899aabbccddeeff'",
        "notice_seq = 99",
        "issued_at = issued_at + 1",
        "urgent = 1",
        "revision = 1",
        "step = 1",
        "person = 'P-2'",
        "channel = 'email'",
        "unit = 'haining'",
        "place = 7",
        "contact = x'00112233445566778899aabbccddeeff'",
        "name = ''",
        "address = '13800138009'",
        "state = 'delivered'",
        "state = 'no such state'",
        "attempts = 1",
        "attempts = 99999999999",
        "repeats = 1",
        "since = since + 1",
        "next_at = 1",
        "removed = 1",
        "removed = 2",
        "words = 'x'",
        "told = x'00112233445566778899aabbccddeeff'",
        "told = x'00'",
        "checksum = x'00112233445566778899aabbccddeeff'",
        "checksum = x''",
        "number = 900000",
        "address = zeroblob(300)",
    };
    issue(office);
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        char sql[300];
        struct outbox_row row;
        office_notice(office, 100 + (int)i, "\"haining/xiashi\"", false);
        int64_t number = office_row(office, 100 + (int)i, "P-1", CHANNEL_SMS).number;
        int64_t damaged = strncmp(changes[i], "number", 6) == 0 ? 900000 : number;
        snprintf(sql, sizeof sql, "UPDATE outbox SET %s WHERE number = %lld", changes[i], (long long)number);
        office_damage(office, sql);
        assert_int_equal(outbox_check(&office->store.outbox, damaged, &error), 0);
        assert_int_equal(outbox_get(&office->store.outbox, damaged, &row, &error), 0);
        assert_int_equal(outbox_check(&office->store.outbox, damaged, &error), 0); /* set aside, and still named */
    }
}

static void test_a_damaged_row_is_told_once_and_not_given_out(void **state) {
    struct office *office = *state;
    struct error error = {0};
    struct outbox_row row;
    int64_t numbers[8];
    int taken = 0;
    issue(office);
    row = office_row(office, 20, "P-2", CHANNEL_SMS);
    office_damage(office, "UPDATE outbox SET address = '13900139009' WHERE person = 'P-2'");
    assert_false(office_holds(office, "does not fit its checksum"));
    struct outbox *outbox = &office->store.outbox;
    const struct outbox_page page = {.notice_seq = row.notice_seq, .place = -1, .max = 100};
    assert_int_equal(outbox_each(outbox, &page, take_nothing, &taken, &error), 0);
    assert_int_equal(taken, 2);
    assert_true(office_holds(office, "does not fit its checksum"));
    assert_int_equal(outbox_due(outbox, CHANNEL_SMS, numbers, 8, &error), 2);
    assert_int_equal(outbox_choose(outbox, OUTBOX_ALL, (struct outbox_value){0}, 0, numbers, 8, &error), 3);
}

static void test_a_damaged_notice(void **state) {
    struct office *office = *state;
    struct error error = {0};
    struct notice_row notice;
    struct id id = office_id(20);
    int64_t seq = 0;
    issue(office);
    office_notice(office, 21, "\"haining/xiashi\"", false);
    office_damage(office, "UPDATE notices SET text = '点此链接' WHERE title = '高温20'");
    struct notices *notices = &office->store.notices;
    assert_int_equal(notices_find(notices, &id, &notice, &error), 0);
    assert_int_equal(notices_check(notices, &seq, &error), 0);
    assert_int_equal(notices_check(notices, &seq, &error), 1);
    assert_int_equal(notices_check(notices, &seq, &error), -ERR_NOT_FOUND);
    assert_int_equal(notices_before(notices, INT64_MAX, text_of(""), &notice, &error), 1);
    assert_true(text_equal(notice.title, text_of("高温21")));
    assert_int_equal(notices_before(notices, notice.seq, text_of(""), &notice, &error), 0);
}

/* ---- what is to be told ---- */

struct taken {
    struct office *office;
    struct telling telling; /* the last one; its bytes are in the office's arena */
};

static int take_telling(void *data, const struct telling *telling) {
    struct taken *taken = data;
    taken->telling = *telling;
    taken->telling.event.data = arena_copy(taken->office->building, telling->event.data, telling->event.length);
    return 0;
}

static struct telling last_telling(struct office *office) {
    struct taken taken = {.office = office};
    struct error error = {0};
    assert_int_equal(tellings_each(&office->store.tellings, 0, take_telling, &taken, &error), 0);
    return taken.telling;
}

static void read_telling(struct office *office, const struct telling *telling, struct event *event) {
    struct faults faults = {0};
    assert_int_equal(codec_decode_event(telling->event, office->building, event, &faults), 0);
}

static struct outbox_row change(struct office *office, const char *person, enum delivery state, const char *words) {
    struct error error = {0};
    struct outbox_row row = office_row(office, 20, person, CHANNEL_SMS);
    row.course.state = state;
    row.course.attempts = 1;
    row.course.since += 100;
    begin(office);
    assert_int_equal(change_write(&office->store, &row, text_of(words), &error), 0);
    commit(office);
    return row;
}

static void test_a_change_is_told(void **state) {
    struct office *office = *state;
    struct event event;
    issue(office);
    struct outbox_row row = change(office, "P-1", DELIVERY_ACCEPTED, "0: 已接收");
    struct telling telling = last_telling(office);
    assert_int_equal(telling.row, row.number);
    assert_false(telling.sending);
    read_telling(office, &telling, &event);
    assert_true(id_equal(&event.id, &row.told));
    assert_true(id_equal(&event.cause, &row.notice));
    assert_true(text_equal(event.unit, text_of("haining/xiashi")));
    assert_int_equal(event.at, row.course.since);
    assert_true(text_equal(event.body->delivery.person, text_of("P-1")));
    assert_int_equal(event.body->delivery.state, DELIVERY_ACCEPTED);
    assert_true(text_equal(event.body->delivery.words, text_of("0: 已接收")));
}

static void test_sending_is_told_without_words(void **state) {
    struct office *office = *state;
    struct error error = {0};
    issue(office);
    struct outbox_row row = change(office, "P-1", DELIVERY_SENDING, "x");
    assert_string_equal(row.words, "");
    assert_int_equal(tellings_has_sending(&office->store.tellings, row.number, 1, &error), 1);
    assert_int_equal(tellings_has_sending(&office->store.tellings, row.number, 2, &error), 0);
    begin(office);
    assert_int_equal(tellings_remove(&office->store.tellings, office->store.tellings.last, &error), 0);
    commit(office);
    assert_int_equal(tellings_has_sending(&office->store.tellings, row.number, 1, &error), 0);
}

/* Words that were to be told of a person go with the person; that there was a change is told. */
static void test_an_erased_person_is_told_without_words(void **state) {
    struct office *office = *state;
    struct error error = {0};
    struct event event;
    issue(office);
    change(office, "P-1", DELIVERY_UNDELIVERED, "王某拒收");
    change(office, "P-2", DELIVERY_UNDELIVERED, "李某拒收");
    office_erase(office, 30, "P-1");
    assert_false(office_holds(office, "王某拒收"));
    assert_true(office_holds(office, "李某拒收"));
    int64_t number = 0;
    assert_int_equal(tellings_check(&office->store.tellings, &number, &error), 1);
    begin(office);
    assert_int_equal(tellings_remove(&office->store.tellings, number + 1, &error), 0);
    commit(office);
    struct telling telling = last_telling(office);
    read_telling(office, &telling, &event);
    assert_true(text_equal(event.body->delivery.person, text_of("P-1")));
    assert_int_equal(event.body->delivery.words.length, 0);
}

static void test_a_damaged_telling_is_passed_over(void **state) {
    struct office *office = *state;
    struct error error = {0};
    int64_t number = 0;
    issue(office);
    change(office, "P-1", DELIVERY_ACCEPTED, "");
    struct outbox_row row = change(office, "P-2", DELIVERY_ACCEPTED, "");
    office_damage(office, "UPDATE tellings SET attempt = 9 WHERE number = 1");
    assert_int_equal(tellings_check(&office->store.tellings, &number, &error), 0);
    assert_int_equal(tellings_check(&office->store.tellings, &number, &error), 1);
    assert_int_equal(last_telling(office).row, row.number);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, office_setup, office_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(test_one_row_of_a_key),
        TEST(test_everything_is_read_back),
        TEST(test_due),
        TEST(test_counts),
        TEST(test_every_column_is_covered),
        TEST(test_a_damaged_row_is_told_once_and_not_given_out),
        TEST(test_a_damaged_notice),
        TEST(test_a_change_is_told),
        TEST(test_sending_is_told_without_words),
        TEST(test_an_erased_person_is_told_without_words),
        TEST(test_a_damaged_telling_is_passed_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
