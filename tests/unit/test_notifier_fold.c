/* The fold of the notifier: whom a notice reaches, each once; the notifier's own word; erasure, searched for by bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "services/notifier/change.h"
#include "tests/unit/notifier_office.h"

#define ALL_ROWS "SELECT count(*) FROM outbox"

/* ---- fan-out ---- */

static void test_each_person_once_per_channel(void **state) {
    struct office *office = *state;
    office_contact(office, 10, "haining/xiashi", "P-1", "", "13800138001", NULL);
    office_contact(office, 11, "haining/xucun", "P-1", "", "13900139001", "p1@haining.test");
    office_contact(office, 12, "haining/xucun", "P-2", "", "13800138002", "p2@haining.test");
    office_contact(office, 13, "haining/maqiao", "P-3", "", "13800138003", NULL);
    office_notice(office, 20, "\"haining/xiashi\", \"haining/xucun\"", false);
    assert_int_equal(office->news.notices, 1);
    assert_int_equal(office->news.messages, 4);
    assert_int_equal(office_count(office, ALL_ROWS), 4);
    struct outbox_row row = office_row(office, 20, "P-1", CHANNEL_SMS);
    assert_string_equal(row.address, "13800138001");
    assert_string_equal(row.unit, "haining/xiashi");
    assert_string_equal(row.name, "王P-1");
    assert_int_equal(row.course.state, DELIVERY_PENDING);
    assert_int_equal(row.issued_at, OFFICE_AT + row.notice_seq);
    row = office_row(office, 20, "P-1", CHANNEL_EMAIL);
    assert_string_equal(row.address, "p1@haining.test");
    assert_false(office_has_row(office, 20, "P-3", CHANNEL_SMS));
    struct text units = {(const char *)office->news.units.data, (uint32_t)office->news.units.length};
    assert_true(text_equal(units, text_of("haining/xiashi haining/xucun ")));
}

/* In the order of the notice, then of the units, then of the contacts. */
static void test_order(void **state) {
    struct office *office = *state;
    static const char *const expected[] = {"P-9", "P-5", "P-3", "P-4", "P-1"};
    int64_t numbers[8];
    struct error error = {0};
    office_contact(office, 10, "haining/maqiao", "P-1", "", "13800138001", NULL);
    office_contact(office, 11, "haining/xucun", "P-4", "", "13800138004", NULL);
    office_contact(office, 12, "haining/xucun", "P-3", ", \"order\": 1", "13800138003", NULL);
    office_contact(office, 13, "haining/xiashi", "P-5", "", "13800138005", NULL);
    office_contact(office, 14, "haining/xucun/t1", "P-9", "", "13800138009", NULL);
    office_notice(office, 20, "\"haining/xucun/t1\", \"haining\"", false);
    office_notice(office, 21, "\"haining/xiashi\"", true);
    int count = outbox_due(&office->store.outbox, CHANNEL_SMS, numbers, 8, &error);
    assert_int_equal(count, 6);
    struct outbox_row row;
    assert_int_equal(outbox_get(&office->store.outbox, numbers[0], &row, &error), 1);
    assert_true(row.urgent); /* it overtakes */
    for (int i = 0; i < 5; i++) {
        assert_int_equal(outbox_get(&office->store.outbox, numbers[i + 1], &row, &error), 1);
        assert_string_equal(row.person, expected[i]);
    }
}

static void test_who_is_off_or_elsewhere_gets_nothing(void **state) {
    struct office *office = *state;
    office_contact(office, 10, "haining/xucun", "P-1", "", "13800138001", NULL);
    office_contact(office, 11, "haining/xucun", "P-1", ", \"off\": true", NULL, NULL);
    office_contact(office, 12, "haining", "P-2", "", "13800138002", NULL);
    office_contact(office, 13, "haining/xucun", "P-3", "", "13800138003", NULL);
    office_contact(office, 14, "haining/xucun", "P-3", "", "13700137003", NULL); /* a new number */
    office_notice(office, 20, "\"haining/xucun\"", false);
    assert_int_equal(office_count(office, ALL_ROWS), 1);
    assert_string_equal(office_row(office, 20, "P-3", CHANNEL_SMS).address, "13700137003");
    office_close(office);
    assert_false(office_holds(office, "13800138001"));
    office_open(office);
}

static void test_ten_thousand_at_once(void **state) {
    struct office *office = *state;
    struct error error = {0};
    assert_int_equal(store_begin(&office->store, &error), 0);
    for (int i = 0; i < 10000; i++) {
        char person[16];
        char phone[16];
        snprintf(person, sizeof person, "P-%d", i);
        snprintf(phone, sizeof phone, "138%08d", i);
        union event_body body = {.contact = {.person = text_of(person), .phone = text_of(phone)}};
        struct event event = {.unit = text_of("haining/xiashi"), .body = &body};
        assert_int_equal(contacts_set(&office->store.contacts, &event, &error), 0);
    }
    office_notice(office, 20, "\"haining\"", false);
    assert_int_equal(office->news.messages, 10000);
    assert_int_equal(office_count(office, ALL_ROWS), 10000);
}

/* ---- the notifier's own word ---- */

static void test_own_word_is_taken_where_it_is_newer(void **state) {
    struct office *office = *state;
    office_contact(office, 10, "haining/xiashi", "P-1", "", "13800138001", NULL);
    office_notice(office, 20, "\"haining/xiashi\"", false);
    office_told(office, 30, 1000, 20, "P-1", "sms", "sending", 1, NULL);
    assert_int_equal(office_row(office, 20, "P-1", CHANNEL_SMS).course.state, DELIVERY_SENDING);
    office_told(office, 31, 1500, 20, "P-1", "sms", "accepted", 1, "0: Accepted");
    struct outbox_row row = office_row(office, 20, "P-1", CHANNEL_SMS);
    assert_int_equal(row.course.state, DELIVERY_ACCEPTED);
    assert_int_equal(row.course.attempts, 1);
    assert_int_equal(row.course.since, OFFICE_AT + 1500);
    assert_string_equal(row.words, "0: Accepted");
    /* The stream brings back, late, what was told before. */
    office_told(office, 32, 1000, 20, "P-1", "sms", "sending", 1, NULL);
    office_told(office, 33, 1500, 20, "P-1", "sms", "retry", 1, NULL);
    assert_int_equal(office_row(office, 20, "P-1", CHANNEL_SMS).course.state, DELIVERY_ACCEPTED);
}

/* Its contact is unknown to the stream now: the row is made from the word alone, and can never be sent. */
static void test_own_word_of_who_is_gone(void **state) {
    struct office *office = *state;
    office_contact(office, 10, "haining/xiashi", "P-1", "", "13800138001", NULL);
    office_notice(office, 20, "\"haining/xiashi\"", false);
    office_told(office, 30, 1000, 20, "P-7", "email", "delivered", 1, NULL);
    struct outbox_row row = office_row(office, 20, "P-7", CHANNEL_EMAIL);
    assert_int_equal(row.course.state, DELIVERY_DELIVERED);
    assert_string_equal(row.address, "");
    assert_string_equal(row.unit, "haining/xiashi");
    assert_true(row.course.removed);
    office_told(office, 31, 1000, 99, "P-7", "email", "delivered", 1, NULL); /* of no notice that is here */
    assert_int_equal(office_count(office, ALL_ROWS), 2);
}

/* What changes nothing is not written; its position waits for what does. */
static void test_position_without_changes(void **state) {
    struct office *office = *state;
    struct error error = {0};
    uint64_t before = office->store.saved;
    int result = office_try(office, 40, "account:xiashi", &error,
                            "\"type\": \"report.submitted\", \"unit\": \"haining/xiashi\","
                            " \"body\": {\"programmes\": [\"dog\"]}, \"side\": {\"title\": \"文明养犬\"}");
    assert_int_equal(result, 0);
    assert_int_equal(office->store.position.seq, before + 1);
    assert_int_equal(office->store.saved, before);
    office_close(office);
    office_open(office);
    assert_int_equal(office->store.position.seq, before + 1);
}

/* ---- erasure ---- */

static void erase_with_everything_there(struct office *office) {
    struct error error = {0};
    office_contact(office, 10, "haining/xiashi", "P-1", "", "13800138001", "p1@haining.test");
    office_contact(office, 11, "haining/xucun", "P-1", "", "13800138001", NULL);
    office_contact(office, 12, "haining/xiashi", "P-2", "", "13800138002", NULL);
    office_notice(office, 20, "\"haining\"", false);
    struct outbox_row row = office_row(office, 20, "P-1", CHANNEL_SMS);
    row.course.state = DELIVERY_ACCEPTED;
    row.course.since++;
    assert_int_equal(store_begin(&office->store, &error), 0);
    assert_int_equal(change_write(&office->store, &row, text_of("给王P-1的信息"), &error), 0);
    assert_int_equal(store_commit(&office->store, &error), 0);
    assert_true(office_holds(office, "王P-1"));
    assert_true(office_holds(office, "13800138001"));
    office_erase(office, 30, "P-1");
}

static void check_erased(struct office *office) {
    assert_false(office_holds(office, "王P-1"));
    assert_false(office_holds(office, "13800138001"));
    assert_false(office_holds(office, "p1@haining.test"));
    assert_true(office_holds(office, "王P-2"));
}

static void test_erasure(void **state) {
    struct office *office = *state;
    erase_with_everything_there(office);
    check_erased(office); /* while the store is open, log and all */
    struct outbox_row row = office_row(office, 20, "P-1", CHANNEL_SMS);
    assert_int_equal(row.course.state, DELIVERY_ACCEPTED); /* what became of it stays true */
    row = office_row(office, 20, "P-1", CHANNEL_EMAIL);
    int64_t due;
    assert_true(row.course.removed);
    assert_true(course_waits(&row.course, &due));
    assert_int_equal(due, 0); /* to be cancelled */
    office_notice(office, 21, "\"haining\"", false);
    assert_int_equal(office->news.messages, 1);
    office_close(office);
    check_erased(office);
    office_open(office);
}

/* A row that was damaged before loses them too. */
static void test_erasure_of_a_damaged_row(void **state) {
    struct office *office = *state;
    struct outbox_row row;
    struct error error = {0};
    office_contact(office, 10, "haining/xiashi", "P-1", "", "13800138001", NULL);
    office_notice(office, 20, "\"haining\"", false);
    office_damage(office, "UPDATE outbox SET attempts = 3");
    assert_int_equal(outbox_get(&office->store.outbox, 1, &row, &error), 0);
    office_erase(office, 30, "P-1");
    assert_false(office_holds(office, "王P-1"));
    assert_false(office_holds(office, "13800138001"));
}

static void test_what_was_told_before_an_erasure_does_not_bring_it_back(void **state) {
    struct office *office = *state;
    erase_with_everything_there(office);
    office_told(office, 31, 90000, 20, "P-2", "sms", "delivered", 1, "王P-2");
    office_told(office, 32, 90000, 20, "P-1", "sms", "delivered", 1, NULL);
    check_erased(office);
    assert_int_equal(office_row(office, 20, "P-1", CHANNEL_SMS).course.state, DELIVERY_DELIVERED);
}

/* ---- redaction ---- */

static void test_redaction_of_a_notice(void **state) {
    struct office *office = *state;
    struct notice_row notice;
    struct error error = {0};
    office_contact(office, 10, "haining/xiashi", "P-1", "", "13800138001", NULL);
    office_notice(office, 20, "\"haining\"", false);
    office_notice(office, 21, "\"haining\"", false);
    office_redact(office, 30, 20);
    assert_false(office_holds(office, "高温20"));
    assert_true(office_holds(office, "高温21"));
    struct id id = office_id(20);
    assert_int_equal(notices_find(&office->store.notices, &id, &notice, &error), 1);
    assert_true(notice.removed);
    assert_true(office_row(office, 20, "P-1", CHANNEL_SMS).course.removed);
    assert_false(office_row(office, 21, "P-1", CHANNEL_SMS).course.removed);
    assert_string_equal(office_row(office, 20, "P-1", CHANNEL_SMS).address, "13800138001");
}

static void test_redaction_of_a_contact(void **state) {
    struct office *office = *state;
    office_contact(office, 10, "haining/xiashi", "P-1", "", "13800138001", NULL); /* a wrong number */
    office_notice(office, 20, "\"haining\"", false);
    office_contact(office, 11, "haining/xiashi", "P-1", "", "13900139001", NULL);
    office_notice(office, 21, "\"haining\"", false);
    office_redact(office, 30, 10);
    assert_false(office_holds(office, "13800138001"));
    assert_string_equal(office_row(office, 20, "P-1", CHANNEL_SMS).address, "");
    assert_string_equal(office_row(office, 21, "P-1", CHANNEL_SMS).address, "13900139001");
    office_notice(office, 22, "\"haining\"", false);
    assert_int_equal(office->news.messages, 1);
    office_redact(office, 31, 11);
    assert_false(office_holds(office, "13900139001"));
    office_notice(office, 23, "\"haining\"", false);
    assert_int_equal(office->news.messages, 0);
}

static void test_redaction_of_words(void **state) {
    struct office *office = *state;
    office_contact(office, 10, "haining/xiashi", "P-1", "", "13800138001", NULL);
    office_notice(office, 20, "\"haining\"", false);
    office_told(office, 30, 1000, 20, "P-1", "sms", "accepted", 1, "已交给李四");
    office_redact(office, 31, 30);
    assert_false(office_holds(office, "李四"));
    assert_string_equal(office_row(office, 20, "P-1", CHANNEL_SMS).address, "13800138001");
    assert_int_equal(office_row(office, 20, "P-1", CHANNEL_SMS).course.state, DELIVERY_ACCEPTED);
}

/* By which a report may name its message, as long as such reports come. */
static void a_providers_name_is_known_when_all_is_folded_again(void **state) {
    struct office *office = *state;
    struct error error = {0};
    struct id ref = {{0}};
    int32_t attempt = 0;
    office_people(office);
    office_notice(office, 30, "\"haining/xucun\"", false);
    struct outbox_row row = office_row(office, 30, "P-1", CHANNEL_SMS);
    office_must(store_begin(&office->store, &error), &error);
    row.course = (struct course){.state = DELIVERY_ACCEPTED, .attempts = 2, .since = row.course.since + 1};
    snprintf(row.handle, sizeof row.handle, "tencent:5000:1045");
    office_must(change_write(&office->store, &row, text_of("ok"), &error), &error);
    office_must(store_commit(&office->store, &error), &error);
    assert_int_equal(office_echo_deliveries(office), 1);
    office_rebuild(office);
    assert_int_equal(handles_get(&office->store.handles, "tencent:5000:1045", &ref, &attempt, &error), 1);
    assert_true(id_equal(&ref, &row.ref));
    assert_int_equal(attempt, 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, office_setup, office_teardown)

/* ---- sent again ---- */

static void send_again(struct office *office, int number, int notice, const char *more) {
    struct error error = {0};
    char id[2 * ID_BYTES + 1];
    struct id named = office_id(notice);
    for (int i = 0; i < ID_BYTES; i++) {
        snprintf(id + 2 * (size_t)i, 3, "%02x", named.bytes[i]);
    }
    int result = office_try(office, number, "account:office", &error,
                            "\"type\": \"notice.resent\", \"unit\": \"haining\", \"body\": {\"notice\": \"hex:%s\"%s}",
                            id, more);
    office_must(result, &error);
}

static enum delivery state_of(struct office *office, const char *person, enum channel channel) {
    return office_row(office, 20, person, channel).course.state;
}

/* What a person had sent again waits for its turn; a file that is lost knows of it, and of what followed. */
static void test_sent_again(void **state) {
    struct office *office = *state;
    office_contact(office, 10, "haining/xiashi", "P-1", "", "13800138001", "p1@haining.test");
    office_contact(office, 11, "haining/xucun", "P-2", "", "13800138002", NULL);
    office_contact(office, 12, "haining/xucun", "P-3", "", "13800138003", NULL);
    office_notice(office, 20, "\"haining\"", false);
    office_told(office, 30, 100, 20, "P-1", "sms", "dead", 1, "4: invalid");
    office_told(office, 31, 101, 20, "P-1", "email", "undelivered", 1, "550 no such user");
    office_told(office, 32, 102, 20, "P-2", "sms", "undelivered", 2, "-");
    office_told(office, 33, 103, 20, "P-3", "sms", "delivered", 1, "-");
    office->now = OFFICE_AT + 1000;
    send_again(office, 40, 20, ", \"person\": \"P-1\", \"channel\": \"sms\"");
    for (int round = 0; round < 2; round++) {
        struct outbox_row row = office_row(office, 20, "P-1", CHANNEL_SMS);
        assert_int_equal(row.course.state, DELIVERY_PENDING);
        assert_int_equal(row.course.attempts, 1);
        assert_int_equal(row.issued_at, OFFICE_AT + 1000); /* its age counts anew */
        assert_string_equal(row.words, "");
        assert_int_equal(state_of(office, "P-1", CHANNEL_EMAIL), DELIVERY_UNDELIVERED);
        assert_int_equal(state_of(office, "P-2", CHANNEL_SMS), DELIVERY_UNDELIVERED);
        office_rebuild(office);
    }
    office->now = OFFICE_AT + 2000;
    send_again(office, 41, 20, "");
    office_told(office, 42, 3000, 20, "P-1", "sms", "accepted", 2, "-");
    for (int round = 0; round < 2; round++) {
        assert_int_equal(state_of(office, "P-1", CHANNEL_SMS), DELIVERY_ACCEPTED);
        assert_int_equal(state_of(office, "P-1", CHANNEL_EMAIL), DELIVERY_PENDING);
        assert_int_equal(state_of(office, "P-2", CHANNEL_SMS), DELIVERY_PENDING);
        assert_int_equal(state_of(office, "P-3", CHANNEL_SMS), DELIVERY_DELIVERED);
        office_rebuild(office);
    }
}

/* Who was erased gets nothing more, whoever asks for it; nor does anybody of a notice that was redacted. */
static void test_nothing_removed_is_sent_again(void **state) {
    struct office *office = *state;
    office_contact(office, 10, "haining/xiashi", "P-1", "", "13800138001", NULL);
    office_contact(office, 11, "haining/xucun", "P-2", "", "13800138002", NULL);
    office_notice(office, 20, "\"haining\"", false);
    office_told(office, 30, 100, 20, "P-1", "sms", "dead", 1, "-");
    office_told(office, 31, 101, 20, "P-2", "sms", "dead", 1, "-");
    office_erase(office, 32, "P-1");
    send_again(office, 40, 20, ", \"person\": \"P-1\"");
    assert_int_equal(state_of(office, "P-1", CHANNEL_SMS), DELIVERY_DEAD);
    office_redact(office, 41, 20);
    send_again(office, 42, 20, "");
    assert_int_equal(state_of(office, "P-2", CHANNEL_SMS), DELIVERY_DEAD);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(test_each_person_once_per_channel),
        TEST(test_order),
        TEST(test_who_is_off_or_elsewhere_gets_nothing),
        TEST(test_ten_thousand_at_once),
        TEST(test_own_word_is_taken_where_it_is_newer),
        TEST(test_own_word_of_who_is_gone),
        TEST(test_position_without_changes),
        TEST(test_erasure),
        TEST(test_erasure_of_a_damaged_row),
        TEST(test_what_was_told_before_an_erasure_does_not_bring_it_back),
        TEST(test_redaction_of_a_notice),
        TEST(test_redaction_of_a_contact),
        TEST(test_redaction_of_words),
        TEST(a_providers_name_is_known_when_all_is_folded_again),
        TEST(test_sent_again),
        TEST(test_nothing_removed_is_sent_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
