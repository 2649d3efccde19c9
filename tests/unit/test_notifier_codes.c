/* Codes of SMS that want an answer: one for a person and a matter, different among what a person has, the same after a rebuild,
 * open until it is answered, recalled, over or too late; forgotten with the person. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <sodium.h>

#include "services/notifier/replies.h"
#include "tests/unit/notifier_office.h"

#define NOTICES 300
#define MINUTE INT64_C(60000)

static void issue(struct office *office, int number, int64_t confirm_by) {
    struct error error = {0};
    int result =
        office_try(office, number, "account:office", &error,
                   "\"type\": \"notice.issued\", \"unit\": \"haining\", \"body\": {\"units\": [\"haining/xucun\"],"
                   " \"confirm_by\": %lld}, \"side\": {\"title\": \"集中清理\", \"text\": \"周六九点\"}",
                   (long long)confirm_by);
    if (result < 0) {
        fail_msg("%s", error.text);
    }
}

static struct code code_of(struct office *office, const char *person, const struct id *matter) {
    struct code code = {0};
    struct error error = {0};
    assert_int_equal(codes_get(&office->store.codes, person, matter, &code, &error), 1);
    return code;
}

static void words_are(struct office *office, int notice, const char *person, const char *expected) {
    char words[REPLIES_WORDS_SIZE];
    struct error error = {0};
    struct outbox_row row = office_row(office, notice, person, CHANNEL_SMS);
    assert_int_equal(replies_words(&office->store, &row, words, &error), 0);
    assert_string_equal(words, expected);
}

static void no_two_of_a_person_are_the_same(void **state) {
    struct office *office = *state;
    static int64_t given[2][NOTICES];
    static const char *const persons[] = {"P-1", "P-2"};
    bool seen[2][10000] = {0};
    int shared = 0;
    office_people(office);
    for (int i = 0; i < NOTICES; i++) {
        issue(office, 1000 + i, OFFICE_AT + 60 * MINUTE);
        for (int person = 0; person < 2; person++) {
            struct id notice = office_id(1000 + i);
            struct code code = code_of(office, persons[person], &notice);
            assert_in_range(code.number, 1000, 9999);
            assert_false(code.number >= 1900 && code.number <= 2099);
            assert_false(seen[person][code.number]);
            seen[person][code.number] = true;
            given[person][i] = code.number;
        }
        shared += given[0][i] == given[1][i];
    }
    assert_true(shared < NOTICES / 10); /* else who sees one knows the others' */
    office_rebuild(office);
    for (int i = 0; i < NOTICES; i++) {
        struct id notice = office_id(1000 + i);
        assert_int_equal(code_of(office, "P-1", &notice).number, given[0][i]);
        assert_int_equal(code_of(office, "P-2", &notice).number, given[1][i]);
    }
}

/* Whoever has thousands of open matters gets no code rather than somebody else's. */
static void who_has_too_many_gets_none(void **state) {
    struct office *office = *state;
    struct error error = {0};
    struct outbox_row row = {.channel = CHANNEL_SMS, .issued_at = OFFICE_AT};
    snprintf(row.person, sizeof row.person, "P-1");
    assert_int_equal(store_begin(&office->store, &error), 0);
    for (int i = 0; i < 9000; i++) {
        struct id matter = office_id(i + 1);
        row.notice = matter;
        assert_int_equal(codes_give(&office->store.codes, &row, &matter, OFFICE_AT + MINUTE, &error), 0);
    }
    int64_t count = office_count(office, "SELECT count(*) FROM codes");
    assert_true(count > 8000 && count <= 8800);
    assert_int_equal(office_count(office, "SELECT count(DISTINCT number) FROM codes"), count);
    /* what ended a month ago makes room */
    struct id matter = office_id(20000);
    row.notice = matter;
    row.issued_at = OFFICE_AT + 31 * 24 * 60 * MINUTE;
    assert_int_equal(codes_give(&office->store.codes, &row, &matter, row.issued_at + MINUTE, &error), 0);
    assert_int_equal(office_count(office, "SELECT count(*) FROM codes"), 1);
    assert_int_equal(store_commit(&office->store, &error), 0);
}

static int count_open(struct office *office, const char *person, int64_t now) {
    struct code found[4];
    struct error error = {0};
    return codes_each(&office->store.codes, person, CODE_OPEN, now, found, 4, &error);
}

static void a_code_is_open_until_its_matter_ends(void **state) {
    struct office *office = *state;
    char body[120] = "\"notice\": \"hex:018bcfe568007000800000000000001e\"";
    office_people(office);
    office_notice(office, 29, "\"haining/xucun\"", false);
    words_are(office, 29, "P-1", ""); /* nobody asks for an answer */
    issue(office, 30, OFFICE_AT + 60 * MINUTE);
    issue(office, 31, OFFICE_AT + 60 * MINUTE);
    struct id notice = office_id(30);
    char expected[REPLIES_WORDS_SIZE];
    snprintf(expected, sizeof expected, "回复 %lld 确认", (long long)code_of(office, "P-1", &notice).number);
    words_are(office, 30, "P-1", expected);
    assert_int_equal(count_open(office, "P-1", OFFICE_AT), 2);
    assert_int_equal(count_open(office, "P-1", OFFICE_AT + 61 * MINUTE), 0); /* too late */
    struct error error = {0};
    assert_int_equal(
        office_try(office, 40, "service:notifier", &error,
                   "\"type\": \"notice.confirmed\", \"unit\": \"haining/xucun\", \"by\": \"P-1\", \"body\":"
                   " {%s, \"channel\": \"sms\"}",
                   body),
        0);
    assert_int_equal(count_open(office, "P-1", OFFICE_AT), 1);
    assert_int_equal(count_open(office, "P-2", OFFICE_AT), 2); /* another one still owes it */
    assert_int_equal(code_of(office, "P-1", &notice).state, CODE_ANSWERED);
    office_happen(office, 41, "notice.recalled", "haining", body, NULL);
    assert_int_equal(count_open(office, "P-2", OFFICE_AT), 1);
    assert_int_equal(code_of(office, "P-1", &notice).state, CODE_RECALLED);
    office_erase(office, 42, "P-2");
    assert_int_equal(count_open(office, "P-2", OFFICE_AT), 0);
    assert_int_equal(office_count(office, "SELECT count(*) FROM codes WHERE person = 'P-2'"), 0);
}

/* Who is no recipient speaks for those of the unit; a report does; a recipient speaks for nobody else. */
static void a_code_is_closed_by_who_speaks_for_the_unit(void **state) {
    struct office *office = *state;
    const struct id notices[] = {office_id(30), office_id(31)};
    office_people(office);
    issue(office, 30, OFFICE_AT + 60 * MINUTE);
    issue(office, 31, OFFICE_AT + 60 * MINUTE);
    office_happen(office, 40, "notice.confirmed", "haining/xiashi",
                  "\"notice\": \"hex:018bcfe568007000800000000000001e\"", NULL);
    assert_int_equal(code_of(office, "P-1", &notices[0]).state, CODE_OPEN); /* of another unit */
    office_happen(office, 41, "notice.answered", "haining/xucun",
                  "\"notice\": \"hex:018bcfe568007000800000000000001e\"", "\"text\": \"x\"");
    assert_int_equal(code_of(office, "P-1", &notices[0]).state, CODE_ELSEWHERE);
    assert_int_equal(code_of(office, "P-1", &notices[1]).state, CODE_OPEN);
    office_happen(office, 42, "notice.recalled", "haining", "\"notice\": \"hex:018bcfe568007000800000000000001e\"",
                  NULL);
    assert_int_equal(code_of(office, "P-1", &notices[0]).state, CODE_RECALLED);
}

/* One that an answer changes has a code, until it is over; another one has none. */
static void an_alert_that_an_answer_changes_has_a_code(void **state) {
    struct office *office = *state;
    const char *const returned =
        "\"kind\": \"event\", \"event\": \"report.returned\", \"recipients\": [{\"of\": \"own\","
        " \"post\": \"leader\"}]";
    char escalates[400];
    office_people(office);
    office_rule(office, 20, "plain", 1, returned, NULL);
    office_returned(office, 30, "haining/xucun");
    office_echo(office);
    assert_int_equal(office_count(office, "SELECT count(*) FROM codes"), 0);
    snprintf(escalates, sizeof escalates, "%s, \"steps\": [{\"after\": 30, \"of\": \"own\", \"post\": \"deputy\"}]",
             returned);
    office_rule(office, 21, "plain", 2, escalates, NULL);
    office_echo(office);
    office_returned(office, 31, "haining/xucun");
    office_echo(office);
    struct id alert = office_last_alert(office);
    struct code code = code_of(office, "P-1", &alert);
    assert_true(id_equal(&code.matter, &code.notice) && id_equal(&code.matter, &alert));
    assert_int_equal(count_open(office, "P-1", OFFICE_AT), 1);
    char id[2 * sizeof alert + 1];
    char body[sizeof id + 20];
    sodium_bin2hex(id, sizeof id, alert.bytes, sizeof alert);
    snprintf(body, sizeof body, "\"notice\": \"hex:%s\"", id);
    office_happen(office, 33, "notice.confirmed", "haining", body, NULL); /* the office takes it on */
    assert_int_equal(code_of(office, "P-1", &alert).state, CODE_ELSEWHERE);
    office_happen(office, 32, "report.amended", "haining/xucun",
                  "\"amends\": \"hex:018bcfe5680070008000000000000063\", \"programmes\": [\"dog\"]", NULL);
    office_echo(office);
    assert_int_equal(code_of(office, "P-1", &alert).state, CODE_OVER);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, office_setup, office_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(no_two_of_a_person_are_the_same),
        TEST(who_has_too_many_gets_none),
        TEST(a_code_is_open_until_its_matter_ends),
        TEST(a_code_is_closed_by_who_speaks_for_the_unit),
        TEST(an_alert_that_an_answer_changes_has_a_code),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
