/* Searching: whatever is asked, whenever, page by page and with writes between the pages, the answer is that of a plain
 * scan over the same texts; and the record made again from what the journal still has is the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "tests/unit/archiver_clerk.h"

#define SEEDS 12
#define EVENTS 220
#define QUESTIONS_PER_BLOCK 12

struct tally {
    int questions;
    int with_words;
    int found;
    int pages;
    int careless; /* questions to which a scan across the borders of fields would have given more */
};

/* A block that is begun and comes to nothing. */
static void begin_in_vain(struct clerk *clerk, const struct world *world, int from) {
    struct error error = {0};
    assert_int_equal(record_begin(clerk->record, &error), 0);
    for (int i = from; i < world->count; i++) {
        struct world_room room;
        struct event event = world_event(world, i, false, &room);
        assert_int_equal(clerk_fold_event(clerk->record, &event, &error), 0);
    }
    record_rollback(clerk->record);
}

/* As after a restart. */
static void open_again(struct clerk *clerk) {
    struct error error = {0};
    record_close(&clerk->record);
    assert_int_equal(record_open(&clerk->record, clerk->path, &error), 0);
    assert_int_equal(search_set_documents(clerk->record, CLERK_DOCUMENTS, &error), 0);
}

/* Folds the next events, some at a time. */
static void go_on(struct clerk *clerk, struct world *world, int events) {
    int from = world->count;
    for (int i = 0; i < events && world->count < WORLD_EVENTS; i++) {
        world_step(world);
    }
    if (world_random(world, 3) == 0) {
        begin_in_vain(clerk, world, from);
    }
    if (world_random(world, 3) == 0) {
        open_again(clerk);
    }
    clerk_fold(clerk->record, world, from, world->count, false);
}

static void check_row(const struct world *world, int expected, const struct wire_record_entry *row) {
    const struct world_event *event = &world->events[expected];
    int report = event->act == WORLD_SUBMIT ? expected : event->ref;
    struct id id = world_id(report);
    assert_int_equal(row->seq, expected + 1);
    assert_memory_equal(&row->id, &id, sizeof id);
    assert_int_equal(row->submitted_at, 1700000001000 + report);
    assert_int_equal(row->received_at, 1700000001000 + expected);
    assert_int_equal(row->withdrawn, event->act == WORLD_WITHDRAW);
}

/* A word that would be found only if fields touched: the scan finds it in none, a joined text has it. */
static bool is_careless(const struct world *world, const struct scan_query *query) {
    char joined[8 * WORLD_TEXT];
    char folded[8 * WORLD_TEXT];
    char words[4 * WORLD_TEXT];
    scan_fold(query->words, words);
    words[strcspn(words, " ")] = '\0';
    for (int i = 0; i < world->count && words[0] != '\0'; i++) {
        const struct world_event *event = &world->events[i];
        snprintf(joined, sizeof joined, "%s%s%s", event->report.title, event->report.place, event->report.narrative);
        scan_fold(joined, folded);
        if (world_has_report(event) && !event->forgotten && strstr(folded, words) && !scan_word(event, words)) {
            return true;
        }
    }
    return false;
}

/* One question, over all pages; between two of them the record grows. What is erased meanwhile is gone at once, so that
 * only questions without words are followed then. */
static void ask(struct clerk *clerk, struct world *world, struct tally *tally) {
    struct scan_query plain;
    int expected[WORLD_EVENTS];
    struct id activity;
    struct error error = {0};
    struct wire_record_answer answer;
    char cursor[BOOKMARK_TEXT_SIZE];
    char blank[4 * WORLD_TEXT];
    scan_question(world, &plain);
    scan_fold(plain.words, blank);
    if (blank[strspn(blank, " ")] == '\0') {
        plain.words[0] = '\0';
    }
    int count = scan(world, world->count, &plain, expected);
    struct wire_record_query query = clerk_query(&plain, &activity);
    query.limit = 1 + world_random(world, 30);
    wire_set(&query.present, FIELD_record_query_limit);
    int told = 0;
    bool more = true;
    while (more) {
        assert_int_equal(clerk_ask(clerk, &query, CLERK_ANSWER_MAX, &answer, &error), 0);
        assert_int_equal(answer.total, count);
        const struct wire_record_entry *rows = answer.rows.items;
        for (uint32_t i = 0; i < answer.rows.count; i++) {
            assert_true(told < count);
            check_row(world, expected[told++], &rows[i]);
        }
        more = wire_has(answer.present, FIELD_record_answer_cursor);
        snprintf(cursor, sizeof cursor, "%.*s", (int)answer.cursor.length, more ? answer.cursor.data : "");
        clerk_put(&query, FIELD_record_query_cursor, &query.cursor, cursor);
        tally->pages++;
        if (more && plain.words[0] == '\0' && world_random(world, 3) == 0) {
            go_on(clerk, world, 2);
        }
    }
    assert_int_equal(told, count);
    tally->questions++;
    tally->with_words += plain.words[0] != '\0';
    tally->found += count;
    tally->careless += is_careless(world, &plain);
}

/* The record folded again, from what the journal has after all erasures. */
static void equals_a_rebuild(struct clerk *clerk, const struct world *world) {
    struct clerk again;
    struct hash digests[2];
    struct error error = {0};
    char difference[RECORD_DIFFERENCE_MAX] = "";
    int64_t checked = 0;
    clerk_begin(&again);
    for (int from = 0; from < world->count; from += 7) {
        clerk_fold(again.record, world, from, from + 7 < world->count ? from + 7 : world->count, true);
    }
    struct hash hash = {{(uint8_t)world->count}};
    struct position after = world_position(world->count);
    assert_int_equal(record_begin(clerk->record, &error), 0);
    record_hold(clerk->record, &after, &hash);
    assert_int_equal(record_commit(clerk->record, &error), 0);
    int same = record_compare(again.reader, clerk->reader, difference, &checked, &error);
    assert_string_equal(difference, "");
    assert_int_equal(same, 1);
    assert_true(checked > world->count);
    assert_int_equal(record_digest(again.reader, &digests[0], &error), 0);
    assert_int_equal(record_digest(clerk->reader, &digests[1], &error), 0);
    assert_memory_equal(&digests[0], &digests[1], sizeof digests[0]);
    clerk_end(&again);
}

static void equals_a_plain_scan(void **state) {
    (void)state;
    struct tally tally = {0};
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct clerk clerk;
        struct world *world = calloc(1, sizeof *world);
        assert_non_null(world);
        world->state = seed * 7919;
        clerk_begin(&clerk);
        while (world->count < EVENTS) {
            go_on(&clerk, world, 1 + (int)world_random(world, 30));
            for (int i = 0; i < QUESTIONS_PER_BLOCK; i++) {
                ask(&clerk, world, &tally);
            }
        }
        equals_a_rebuild(&clerk, world);
        clerk_end(&clerk);
        free(world);
    }
    print_message("%d questions (%d with words), %d rows on %d pages; %d would have been found across fields\n",
                  tally.questions, tally.with_words, tally.found, tally.pages, tally.careless);
    assert_true(tally.with_words > 500 && tally.found > 5000 && tally.careless > 5);
}

/* Another byte somewhere in one row of the index. */
static void damage_a_row(const struct clerk *clerk, struct world *world, const char *table, const char *column) {
    char sql[200];
    sqlite3 *handle = NULL;
    sqlite3_stmt *statement = NULL;
    snprintf(sql, sizeof sql, "SELECT rowid FROM %s LIMIT 1 OFFSET abs(random()) %% (SELECT count(*) FROM %s)", table,
             table);
    assert_int_equal(sqlite3_open(clerk->path, &handle), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(handle, sql, -1, &statement, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    sqlite3_int64 row = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    sqlite3_blob *blob = NULL;
    assert_int_equal(sqlite3_blob_open(handle, "main", table, column, row, 1, &blob), SQLITE_OK);
    uint8_t byte = (uint8_t)world_random(world, 256);
    int at = (int)world_random(world, (uint32_t)sqlite3_blob_bytes(blob));
    assert_int_equal(sqlite3_blob_write(blob, &byte, 1, at), SQLITE_OK);
    sqlite3_blob_close(blob);
    sqlite3_close(handle);
}

/* What cannot be read is told, whatever else is answered; and nothing reads beyond a row. */
static void damaged_rows_do_no_harm(void **state) {
    (void)state;
    int told = 0;
    int answered = 0;
    for (uint64_t seed = 1; seed <= 200; seed++) {
        struct clerk clerk;
        struct error error = {0};
        struct id activity;
        struct wire_record_answer answer;
        struct scan_query plain = {.programme = WORLD_NONE,
                                   .from = WORLD_NONE,
                                   .to = WORLD_NONE,
                                   .activity = WORLD_NONE,
                                   .attendances_from = WORLD_NONE,
                                   .attendances_to = WORLD_NONE,
                                   .words = "文明 犬"};
        struct world *world = calloc(1, sizeof *world);
        assert_non_null(world);
        world->state = seed;
        clerk_begin(&clerk);
        for (int i = 0; i < 3; i++) {
            go_on(&clerk, world, 60);
        }
        damage_a_row(&clerk, world, seed % 2 ? "postings" : "segments", seed % 2 ? "places" : "documents");
        struct wire_record_query query = clerk_query(&plain, &activity);
        int result = clerk_ask(&clerk, &query, CLERK_ANSWER_MAX, &answer, &error);
        assert_true(result == 0 || result == -ERR_CORRUPT);
        told += result < 0;
        answered += result == 0;
        clerk_end(&clerk);
        free(world);
    }
    print_message("%d told, %d answered\n", told, answered);
    assert_true(told > 5 && answered > 5);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equals_a_plain_scan),
        cmocka_unit_test(damaged_rows_do_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
