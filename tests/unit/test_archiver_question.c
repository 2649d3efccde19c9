/* Questions and cursors: what is wrong is named, what was forged is refused, what is too large is cut into pages. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "services/archiver/words.h"
#include "tests/unit/archiver_clerk.h"
#include "tests/unit/message.h"

#define REPORTS 40

static int make(void **state) {
    struct clerk *clerk = calloc(1, sizeof *clerk);
    struct world *world = calloc(1, sizeof *world);
    assert_non_null(clerk);
    assert_non_null(world);
    world->state = 3;
    clerk_begin(clerk);
    for (int i = 0; i < REPORTS; i++) {
        struct world_event *event = &world->events[world->count++];
        *event = (struct world_event){.act = WORLD_SUBMIT, .unit = "haining/xucun"};
        world_fill(world, &event->report, false);
        snprintf(event->report.title, WORLD_TEXT, "河西社区第%d次", i);
    }
    clerk_fold(clerk->record, world, 0, world->count, false);
    free(world);
    *state = clerk;
    return 0;
}

static int drop(void **state) {
    clerk_end(*state);
    free(*state);
    return 0;
}

/* ---- bad questions ---- */

static void what_is_wrong_is_named(void **state) {
    struct clerk *clerk = *state;
    static const struct {
        const char *json;
        enum error_code code;
        const char *named;
    } bad[] = {
        {"{\"side\": true, \"from\": \"2026-05-02\", \"to\": \"2026-05-01\"}", ERR_BAD_QUERY, "from"},
        {"{\"attendances_from\": 5, \"attendances_to\": 4}", ERR_BAD_QUERY, "attendances_from"},
        {"{\"side\": true, \"text\": \"  　 \"}", ERR_BAD_QUERY, "text"},
        {"{\"text\": \"高温\"}", ERR_NO_RIGHT, "side"},
        {"{\"side\": false, \"text\": \"高温\"}", ERR_NO_RIGHT, "side"},
        {"{\"programme\": \"cats\"}", ERR_UNKNOWN_PROGRAMME, "cats"},
        {"{\"cursor\": \"\"}", ERR_TOO_SHORT, "cursor"},
        {"{\"cursor\": \"AAAA\"}", ERR_BAD_QUERY, "cursor"},
        {"{\"cursor\": \"no cursor at all, with spaces and 中文\"}", ERR_BAD_QUERY, "cursor"},
        {"{\"limit\": 0}", ERR_TOO_SMALL, "limit"},
        {"{\"limit\": 501}", ERR_TOO_BIG, "limit"},
        {"{\"unit\": \"Haining\"}", ERR_BAD_FORMAT, "unit"},
        {"{\"colour\": 1}", ERR_UNKNOWN_FIELD, "colour"},
        {"{\"side\": 1}", ERR_WRONG_TYPE, "side"},
        {"[]", ERR_WRONG_TYPE, ""},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct error error = {0};
        buffer_clear(&clerk->payload);
        message_from_json(bad[i].json, &clerk->payload);
        struct text payload = {(const char *)clerk->payload.data, (uint32_t)clerk->payload.length};
        int result = clerk_answer(clerk, payload, CLERK_ANSWER_MAX, &error);
        assert_int_equal(-result, bad[i].code);
        assert_int_equal(error.code, bad[i].code);
        assert_non_null(strstr(error.text, bad[i].named));
        assert_true(error.text_zh[0] != '\0');
    }
}

/* ---- cursors ---- */

/* Asks for the first page of two rows; its cursor is copied into `cursor`. */
static struct wire_record_query first_page(struct clerk *clerk, char cursor[BOOKMARK_TEXT_SIZE]) {
    struct wire_record_query query = {.side = true, .limit = 2};
    struct wire_record_answer answer;
    struct error error = {0};
    wire_set(&query.present, FIELD_record_query_side);
    wire_set(&query.present, FIELD_record_query_limit);
    assert_int_equal(clerk_ask(clerk, &query, CLERK_ANSWER_MAX, &answer, &error), 0);
    assert_int_equal(answer.total, REPORTS);
    snprintf(cursor, BOOKMARK_TEXT_SIZE, "%.*s", (int)answer.cursor.length, answer.cursor.data);
    clerk_put(&query, FIELD_record_query_cursor, &query.cursor, cursor);
    return query;
}

static int follow(struct clerk *clerk, const struct wire_record_query *query) {
    struct wire_record_answer answer;
    struct error error = {0};
    return clerk_ask(clerk, query, CLERK_ANSWER_MAX, &answer, &error);
}

static void a_cursor_serves_its_question_only(void **state) {
    struct clerk *clerk = *state;
    char cursor[BOOKMARK_TEXT_SIZE];
    struct wire_record_query query = first_page(clerk, cursor);
    assert_int_equal(follow(clerk, &query), 0);
    query.limit = 7;
    clerk_put(&query, FIELD_record_query_at_least, &query.at_least, "");
    assert_int_equal(follow(clerk, &query), 0);
    struct wire_record_query other = query;
    clerk_put(&other, FIELD_record_query_within, &other.within, "haining/xiashi");
    assert_int_equal(follow(clerk, &other), -ERR_BAD_QUERY);
    other = query;
    other.side = false;
    assert_int_equal(follow(clerk, &other), -ERR_BAD_QUERY);
    other = query;
    other.attendances_from = 1;
    wire_set(&other.present, FIELD_record_query_attendances_from);
    assert_int_equal(follow(clerk, &other), -ERR_BAD_QUERY);
    bookmark_key("another secret", clerk->key);
    assert_int_equal(follow(clerk, &query), -ERR_BAD_QUERY);
}

static void a_forged_cursor_is_refused(void **state) {
    struct clerk *clerk = *state;
    char cursor[BOOKMARK_TEXT_SIZE];
    struct wire_record_query query = first_page(clerk, cursor);
    size_t length = strlen(cursor);
    for (size_t i = 0; i < length; i++) {
        char kept = cursor[i];
        cursor[i] = kept == 'A' ? 'B' : 'A';
        assert_int_equal(follow(clerk, &query), -ERR_BAD_QUERY);
        cursor[i] = kept;
    }
    query.cursor.length = (uint32_t)length - 1;
    assert_int_equal(follow(clerk, &query), -ERR_BAD_QUERY);
    query.cursor.length = (uint32_t)length;
    assert_int_equal(follow(clerk, &query), 0);
}

/* A cursor of a record that has come further waits: its position is asked for. */
static void a_cursor_asks_for_its_position(void **state) {
    struct clerk *clerk = *state;
    char cursor[BOOKMARK_TEXT_SIZE];
    struct wire_record_query query = first_page(clerk, cursor);
    struct position wanted;
    struct error error = {0};
    assert_int_equal(follow(clerk, &query), 0);
    assert_int_equal(question_position(&clerk->question, &wanted, &error), 0);
    assert_int_equal(wanted.seq, REPORTS);
    assert_int_equal(wanted.journal, 77);

    struct clerk behind;
    clerk_begin(&behind);
    assert_int_equal(follow(&behind, &query), -ERR_BEHIND);
    clerk_end(&behind);
}

static void a_page_is_cut_where_the_answer_is_full(void **state) {
    struct clerk *clerk = *state;
    struct wire_record_query query = {.side = true};
    struct wire_record_answer answer;
    struct error error = {0};
    char cursor[BOOKMARK_TEXT_SIZE];
    uint32_t told = 0;
    int pages = 0;
    wire_set(&query.present, FIELD_record_query_side);
    do {
        assert_int_equal(clerk_ask(clerk, &query, 4000, &answer, &error), 0);
        assert_true(clerk->answer.length <= 4000);
        assert_true(answer.rows.count > 0);
        assert_int_equal(answer.total, REPORTS);
        told += answer.rows.count;
        pages++;
        snprintf(cursor, sizeof cursor, "%.*s", (int)answer.cursor.length,
                 answer.cursor.data ? answer.cursor.data : "");
        clerk_put(&query, FIELD_record_query_cursor, &query.cursor, cursor);
    } while (answer.cursor.length > 0);
    assert_int_equal(told, REPORTS);
    assert_true(pages > 2);
    assert_int_equal(clerk_ask(clerk, &(struct wire_record_query){0}, 150, &answer, &error), -ERR_TOO_LARGE);
}

/* ---- words ---- */

static void words_are_folded_and_parted(void **state) {
    (void)state;
    static const uint32_t expected[] = {0x9AD8, 0x6E29, WORDS_BORDER, 'a',     'b', '1',
                                        '!',    '~',    WORDS_BORDER, 0x20BB7, 0};
    struct buffer out = {0};
    assert_int_equal(words_of_question(text_of("  高温　ＡB１！～\u00A0𠮷 "), &out), 3);
    assert_int_equal(out.length, sizeof expected);
    assert_memory_equal(out.data, expected, sizeof expected);
    buffer_clear(&out);
    assert_int_equal(words_of_question(text_of("　 "), &out), 0);
    assert_int_equal(out.length, 0);
    buffer_free(&out);
}

int main(void) {
#define TEST(function) cmocka_unit_test_setup_teardown(function, make, drop)
    const struct CMUnitTest tests[] = {
        TEST(what_is_wrong_is_named),
        TEST(a_cursor_serves_its_question_only),
        TEST(a_forged_cursor_is_refused),
        TEST(a_cursor_asks_for_its_position),
        TEST(a_page_is_cut_where_the_answer_is_full),
        cmocka_unit_test(words_are_folded_and_parted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
