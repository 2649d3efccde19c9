/* Erasure in the journal: the sides are gone from every file, everything else stays whole. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <sys/stat.h>

#include "common/database.h"
#include "common/journal/block.h"
#include "common/journal/chain.h"
#include "common/journal/schema.h"
#include "tests/unit/journal_fixture.h"

static int setup(void **state) {
    static struct journal_fixture fixture;
    fixture_setup(&fixture);
    *state = &fixture;
    return 0;
}

static int teardown(void **state) {
    fixture_teardown(*state);
    return 0;
}

/* Appends one event that forgets what is named. */
static struct position append_forgetting(struct journal *journal, const struct text *marks, uint32_t mark_count,
                                         const uint64_t *seqs, uint32_t seq_count) {
    struct built_block built;
    struct position after;
    struct error error = {0};
    built_block_make(&built, journal_head(journal).seq + 1, 1);
    built.block.forget_marks = marks;
    built.block.forget_mark_count = mark_count;
    built.block.forget_seqs = seqs;
    built.block.forget_seq_count = seq_count;
    if (journal_append(journal, &built.block, &after, &error) < 0) {
        fail_msg("%s", error.text);
    }
    built_block_free(&built);
    return after;
}

static bool has_side(struct journal_reader *reader, uint64_t seq) {
    struct arena *arena = arena_create(SIZE_MAX);
    struct event event;
    struct text salt;
    assert_int_equal(journal_event(reader, seq, true, arena, &event, &salt, NULL), 1);
    assert_int_equal(event.seq, seq);
    bool salted = salt.length == SALT_BYTES;
    assert_int_equal(event.body->contact.name.length > 0, salted);
    static const struct hash zero;
    assert_memory_not_equal(&event.side_hash, &zero, sizeof zero); /* the commitment stays */
    arena_destroy(&arena);
    return salted;
}

static void marked_events_lose_their_sides(void **state) {
    struct journal *journal = fixture_open(*state);
    struct journal_reader *reader = fixture_reader(*state);
    for (int i = 0; i < 4; i++) {
        fixture_append(journal, 25);
    }
    struct text mark = text_of("P3");
    append_forgetting(journal, &mark, 1, NULL, 0); /* is event 101: P1 */
    for (uint64_t seq = 1; seq <= 101; seq++) {
        assert_int_equal(has_side(reader, seq), seq % 10 != 3);
    }
    uint64_t seqs[16];
    assert_int_equal(journal_marked(reader, mark, 0, seqs, 16, NULL), 10); /* pseudonyms stay */
    int64_t checked = 0;
    struct error error = {0};
    if (fixture_verify(reader, &checked, &error) != 0) {
        fail_msg("%s", error.text);
    }
    assert_int_equal(checked, 5 * 2 + 101 * 2);
    journal_reader_close(&reader);
    journal_close(&journal);
    journal = fixture_open(*state);
    assert_int_equal(journal_head(journal).seq, 101);
    journal_close(&journal);
}

static void single_events_and_the_newest_block_are_erased_too(void **state) {
    struct journal *journal = fixture_open(*state);
    struct journal_reader *reader = fixture_reader(*state);
    fixture_append(journal, 20);
    const uint64_t seqs[] = {7, 1, 20, 7, 9999}; /* repeated, unsorted, and one that is not there */
    struct text mark = text_of("P1");            /* 1, 11 and the event 21 of the block itself */
    append_forgetting(journal, &mark, 1, seqs, 5);
    for (uint64_t seq = 1; seq <= 21; seq++) {
        bool erased = seq == 7 || seq == 20 || seq % 10 == 1;
        assert_int_equal(has_side(reader, seq), !erased);
    }
    append_forgetting(journal, &mark, 1, seqs, 5); /* once more changes nothing */
    assert_true(has_side(reader, 2));
    assert_false(has_side(reader, 21));
    journal_reader_close(&reader);
    journal_close(&journal);
}

/* The sealed side of the first block, as it lies in the file. */
static struct buffer sealed_side(const struct journal_fixture *fixture) {
    char path[400];
    struct database database;
    sqlite3_stmt *statement = NULL;
    struct buffer sealed = {0};
    snprintf(path, sizeof path, "%s/journal.db", fixture->directory);
    assert_int_equal(database_open(&database, path, DATABASE_READ, NULL, JOURNAL_VERSION, NULL), 0);
    assert_int_equal(database_prepare(&database, "SELECT bytes FROM side WHERE first=1", &statement, NULL), 0);
    assert_int_equal(database_step(&database, statement, NULL), 1);
    buffer_append(&sealed, sqlite3_column_blob(statement, 0), (size_t)sqlite3_column_bytes(statement, 0));
    sqlite3_finalize(statement);
    database_close(&database);
    return sealed;
}

static long long log_size(const struct journal_fixture *fixture) {
    char path[400];
    struct stat status;
    snprintf(path, sizeof path, "%s/journal.db-wal", fixture->directory);
    return stat(path, &status) == 0 ? (long long)status.st_size : -1;
}

/* Not even encrypted do the old rows stay: neither in the database nor in the log, while all goes on. */
static void no_file_holds_the_old_row(void **state, uint32_t count) {
    struct journal *journal = fixture_open(*state);
    struct journal_reader *reader = fixture_reader(*state);
    fixture_append(journal, count);
    fixture_append(journal, count);
    struct buffer old = sealed_side(*state);
    assert_true(old.length > 200);
    assert_true(fixture_holds(*state, old.data + 100, 64));
    struct text mark = text_of("P1");
    append_forgetting(journal, &mark, 1, NULL, 0);
    assert_int_equal(log_size(*state), 0);
    for (size_t at = 0; at + 64 <= old.length; at += 64) {
        assert_false(fixture_holds(*state, old.data + at, 32));
    }
    struct buffer new = sealed_side(*state);
    assert_int_equal(new.length, old.length);
    buffer_free(&old);
    buffer_free(&new);
    journal_reader_close(&reader);
    journal_close(&journal);
}

static void no_file_holds_the_old_row_of_a_small_block(void **state) {
    no_file_holds_the_old_row(state, 5);
}

static void no_file_holds_the_old_row_of_a_large_block(void **state) {
    no_file_holds_the_old_row(state, 300);
}

static void a_reader_in_the_way_only_delays_the_truncation(void **state) {
    struct journal *journal = fixture_open(*state);
    fixture_append(journal, 10);
    char path[400];
    struct database database;
    snprintf(path, sizeof path, "%s/journal.db", ((struct journal_fixture *)*state)->directory);
    assert_int_equal(database_open(&database, path, DATABASE_READ, NULL, JOURNAL_VERSION, NULL), 0);
    assert_int_equal(database_execute(&database, "BEGIN; SELECT count(*) FROM head", NULL), 0);
    struct text mark = text_of("P1");
    append_forgetting(journal, &mark, 1, NULL, 0);
    assert_true(log_size(*state) > 0);
    assert_int_equal(database_execute(&database, "COMMIT", NULL), 0);
    fixture_append(journal, 1);
    assert_int_equal(log_size(*state), 0);
    fixture_append(journal, 1);
    assert_true(log_size(*state) > 0); /* and only once */
    database_close(&database);
    journal_close(&journal);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(marked_events_lose_their_sides, setup, teardown),
        cmocka_unit_test_setup_teardown(single_events_and_the_newest_block_are_erased_too, setup, teardown),
        cmocka_unit_test_setup_teardown(no_file_holds_the_old_row_of_a_small_block, setup, teardown),
        cmocka_unit_test_setup_teardown(no_file_holds_the_old_row_of_a_large_block, setup, teardown),
        cmocka_unit_test_setup_teardown(a_reader_in_the_way_only_delays_the_truncation, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
