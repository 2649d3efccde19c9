/* Damage to the journal: whatever is cut, flipped or missing is noticed and named, or made again where it can be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

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

static void assert_names(const struct error *error, const char *word) {
    if (error->code != ERR_CORRUPT || !strstr(error->text, word)) {
        fail_msg("code %d: \"%s\" does not name \"%s\"", (int)error->code, error->text, word);
    }
}

static void assert_refused(const struct journal_fixture *fixture, const char *word) {
    struct journal *journal = NULL;
    struct error error = {0};
    assert_int_equal(journal_open(&journal, &fixture->options, &error), -(int)ERR_CORRUPT);
    assert_null(journal);
    assert_names(&error, word);
}

static void assert_verify_names(const struct journal_fixture *fixture, const char *word) {
    struct journal_reader *reader = fixture_reader(fixture);
    struct error error = {0};
    int64_t checked = 0;
    assert_int_equal(fixture_verify(reader, &checked, &error), -(int)ERR_CORRUPT);
    assert_names(&error, word);
    journal_reader_close(&reader);
}

static void path_of(const struct journal_fixture *fixture, const char *name, char path[400]) {
    snprintf(path, 400, "%s/%s", fixture->directory, name);
}

static void fill(const struct journal_fixture *fixture) {
    struct journal *journal = fixture_open(fixture);
    for (int i = 0; i < 5; i++) {
        fixture_append(journal, 20);
    }
    journal_close(&journal);
}

/* A child that appends and tells each durable seq, until it is killed. */
static void append_until_killed(const struct journal_fixture *fixture, int pipe_end) {
    struct journal *journal = fixture_open(fixture);
    for (int i = 0; i < 100000; i++) {
        uint64_t seq = fixture_append(journal, 3).seq;
        if (write(pipe_end, &seq, sizeof seq) != sizeof seq) {
            _exit(1);
        }
    }
    _exit(0);
}

/* Kills a writing child after `blocks` blocks; returns the last seq that it told. */
static uint64_t write_and_kill(const struct journal_fixture *fixture, int blocks) {
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        append_until_killed(fixture, ends[1]);
    }
    close(ends[1]);
    uint64_t seq = 0;
    for (int i = 0; i < blocks; i++) {
        assert_int_equal(read(ends[0], &seq, sizeof seq), sizeof seq);
    }
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    while (read(ends[0], &seq, sizeof seq) == sizeof seq) {
    }
    close(ends[0]);
    return seq;
}

static void acknowledged_blocks_survive_a_kill(void **state) {
    uint64_t told = 0;
    for (int round = 0; round < 3; round++) {
        uint64_t last = write_and_kill(*state, 20 + 7 * round);
        assert_true(last > told);
        told = last;
        struct journal *journal = fixture_open(*state);
        assert_true(journal_head(journal).seq >= told);
        journal_close(&journal);
    }
    struct journal_reader *reader = fixture_reader(*state);
    int64_t checked = 0;
    assert_int_equal(fixture_verify(reader, &checked, NULL), 0);
    assert_true(checked >= (int64_t)told * 2);
    journal_reader_close(&reader);
}

static void a_database_log_cut_short_is_refused(void **state) {
    char path[400];
    struct stat status;
    fixture_without_log(*state);
    write_and_kill(*state, 30);
    path_of(*state, "journal.db-wal", path);
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(truncate(path, status.st_size / 2), 0);
    assert_refused(*state, "lost its tail");
    assert_refused(*state, "lost its tail"); /* and stays so */
}

static void a_flipped_bit_in_the_database_log_is_refused(void **state) {
    char path[400];
    unsigned char byte = 0;
    fixture_without_log(*state);
    write_and_kill(*state, 30);
    path_of(*state, "journal.db-wal", path);
    int descriptor = open(path, O_RDWR);
    assert_int_equal(pread(descriptor, &byte, 1, 32 + 20 * (24 + 16384) + 2000), 1);
    byte ^= 1;
    assert_int_equal(pwrite(descriptor, &byte, 1, 32 + 20 * (24 + 16384) + 2000), 1);
    close(descriptor);
    assert_refused(*state, "lost its tail");
}

static void a_lost_database_is_not_replaced(void **state) {
    char path[400];
    fill(*state);
    path_of(*state, "journal.db", path);
    assert_int_equal(unlink(path), 0);
    assert_refused(*state, "it is missing");
    assert_int_equal(access(path, F_OK), -1);
}

static void a_missing_or_unreadable_witness_is_refused(void **state) {
    char path[400];
    fill(*state);
    path_of(*state, "journal.witness", path);
    assert_int_equal(truncate(path, 10), 0);
    assert_refused(*state, "journal.witness");
    assert_int_equal(unlink(path), 0);
    assert_refused(*state, "journal.witness");
}

static void the_witness_of_another_journal_is_refused(void **state) {
    char ours[400];
    char theirs[400];
    struct journal_fixture other;
    fixture_setup(&other);
    fill(&other);
    fill(*state);
    path_of(*state, "journal.witness", ours);
    path_of(&other, "journal.witness", theirs);
    assert_int_equal(rename(theirs, ours), 0);
    assert_refused(*state, "another journal");
    fixture_teardown(&other);
}

/* One torn slot: the other one, a commit older, still holds. */
static void one_torn_slot_of_the_witness_is_survived(void **state) {
    char path[400];
    fill(*state);
    path_of(*state, "journal.witness", path);
    for (off_t slot = 0; slot < 2; slot++) {
        int descriptor = open(path, O_RDWR);
        assert_int_equal(pwrite(descriptor, "torn", 4, slot * 4096 + 40), 4);
        close(descriptor);
        struct journal *journal = fixture_open(*state);
        fixture_append(journal, 1);
        fixture_append(journal, 1);
        journal_close(&journal);
    }
}

static void an_older_journal_put_back_is_refused(void **state) {
    fill(*state);
    fixture_sql(*state, "DELETE FROM head WHERE first > 60; DELETE FROM side WHERE first > 60");
    assert_refused(*state, "lost its tail");
}

static void a_rewritten_tail_is_refused(void **state) {
    fill(*state);
    fixture_sql(*state, "UPDATE head SET hash = zeroblob(32) WHERE first = 81");
    assert_refused(*state, "head row 81");
}

static void flipped_bits_are_named(void **state) {
    const struct {
        const char *table;
        const char *column;
        int offset;
        const char *named;
    } flips[] = {
        {"head", "bytes", 100, "head row 41"}, {"head", "bytes", -1, "head row 41"},
        {"head", "hash", 31, "head row 41"},   {"side", "bytes", 100, "side row 41"},
        {"side", "bytes", -1, "side row 41"},  {"side", "nonce", 0, "side row 41"},
    };
    fill(*state);
    for (size_t i = 0; i < sizeof flips / sizeof *flips; i++) {
        fixture_flip(*state, flips[i].table, flips[i].column, 41, flips[i].offset);
        assert_verify_names(*state, flips[i].named);
        fixture_flip(*state, flips[i].table, flips[i].column, 41, flips[i].offset);
    }
    struct journal_reader *reader = fixture_reader(*state);
    int64_t checked = 0;
    assert_int_equal(fixture_verify(reader, &checked, NULL), 0);
    journal_reader_close(&reader);
}

static void reading_notices_damage_too(void **state) {
    fill(*state);
    fixture_flip(*state, "head", "bytes", 41, 7);
    fixture_flip(*state, "side", "bytes", 61, 7);
    struct journal_reader *reader = fixture_reader(*state);
    struct arena *arena = arena_create(SIZE_MAX);
    struct journal_block block;
    struct error error = {0};
    assert_int_equal(journal_read(reader, 20, true, arena, &block, &error), 1);
    assert_int_equal(journal_read(reader, 40, false, arena, &block, &error), -(int)ERR_CORRUPT);
    assert_names(&error, "head row 41");
    assert_int_equal(journal_read(reader, 60, false, arena, &block, &error), 1);
    assert_int_equal(journal_read(reader, 60, true, arena, &block, &error), -(int)ERR_CORRUPT);
    assert_names(&error, "side row 61");
    arena_destroy(&arena);
    journal_reader_close(&reader);
}

static void missing_and_exchanged_rows_are_named(void **state) {
    (void)state;
    const struct {
        const char *damage;
        const char *named;
    } cases[] = {
        {"DELETE FROM side WHERE first = 41", "side row 41"},
        {"UPDATE ids SET seq = seq + 1 WHERE seq = 50", "ids row 50"},
        {"DELETE FROM ids WHERE seq = 45", "ids row 45"},
        {"DELETE FROM marks WHERE seq = 43", "marks row 43"},
        {"UPDATE side SET bytes = (SELECT bytes FROM side WHERE first = 1) WHERE first = 21", "side row 21"},
        {"DELETE FROM head WHERE first = 21", "head row 21"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct journal_fixture fixture;
        fixture_setup(&fixture);
        fill(&fixture);
        fixture_sql(&fixture, cases[i].damage);
        assert_verify_names(&fixture, cases[i].named);
        fixture_teardown(&fixture);
    }
}

static void the_wrong_side_key_is_refused(void **state) {
    struct journal_fixture *fixture = *state;
    fill(fixture);
    fixture->key[5] ^= 1;
    assert_refused(fixture, "side.key");
}

static void another_format_is_refused(void **state) {
    fill(*state);
    fixture_sql(*state, "PRAGMA user_version=9");
    assert_refused(*state, "version 9");
}

static void assert_whole(const struct journal_fixture *fixture) {
    struct journal *journal = fixture_open(fixture);
    struct journal_reader *reader = fixture_reader(fixture);
    struct error error = {0};
    int64_t checked = 0;
    if (fixture_verify(reader, &checked, &error) != 0) {
        fail_msg("%s", error.text);
    }
    assert_int_equal(checked, 5 * 2 + 200);
    journal_reader_close(&reader);
    journal_close(&journal);
}

static void derived_tables_are_made_again(void **state) {
    const char *const damages[] = {
        "DROP TABLE ids",
        "DROP TABLE marks",
        "DROP TABLE ids; DROP TABLE marks",
        "DELETE FROM ids WHERE seq > 90",
        "DELETE FROM ids; DELETE FROM marks",
        "DELETE FROM ids WHERE seq > 40; DELETE FROM marks WHERE seq > 40; INSERT INTO meta VALUES('rebuilt', 40)",
    };
    fill(*state);
    for (size_t i = 0; i < sizeof damages / sizeof *damages; i++) {
        fixture_sql(*state, damages[i]);
        assert_whole(*state);
    }
}

static void marks_that_nobody_can_derive_are_refused(void **state) {
    struct journal_fixture *fixture = *state;
    fill(fixture);
    fixture_sql(fixture, "DROP TABLE marks");
    fixture->options.derive = NULL;
    assert_refused(fixture, "marks");
    fixture->options.derive = fixture_derive;
    assert_whole(fixture);
}

static uint32_t derive_nothing(const struct event *event, char room[JOURNAL_EVENT_MARKS][JOURNAL_KEY_MAX],
                               struct text keys[JOURNAL_EVENT_MARKS]) {
    (void)event;
    (void)room;
    (void)keys;
    return 0;
}

/* A program that marks more than the one that wrote the journal finds all that it would have marked. */
static void marks_of_another_version_are_made_again(void **state) {
    struct journal_fixture *fixture = *state;
    fixture->options.derive = derive_nothing;
    fixture->options.derive_version = 1;
    fill(fixture);
    fixture_sql(fixture, "DELETE FROM marks");
    fixture->options.derive = fixture_derive;
    fixture->options.derive_version = 2;
    assert_whole(fixture);
    assert_whole(fixture);
}

static void a_journal_of_an_older_format_is_refused(void **state) {
    const struct journal_fixture *fixture = *state;
    fill(fixture);
    fixture_sql(fixture, "PRAGMA user_version=1");
    assert_refused(fixture, "its format is version 1, this program reads version ");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_journal_of_an_older_format_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(acknowledged_blocks_survive_a_kill, setup, teardown),
        cmocka_unit_test_setup_teardown(a_database_log_cut_short_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(a_flipped_bit_in_the_database_log_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(a_lost_database_is_not_replaced, setup, teardown),
        cmocka_unit_test_setup_teardown(a_missing_or_unreadable_witness_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(the_witness_of_another_journal_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(one_torn_slot_of_the_witness_is_survived, setup, teardown),
        cmocka_unit_test_setup_teardown(an_older_journal_put_back_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(a_rewritten_tail_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(flipped_bits_are_named, setup, teardown),
        cmocka_unit_test_setup_teardown(reading_notices_damage_too, setup, teardown),
        cmocka_unit_test(missing_and_exchanged_rows_are_named),
        cmocka_unit_test_setup_teardown(the_wrong_side_key_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(another_format_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(derived_tables_are_made_again, setup, teardown),
        cmocka_unit_test_setup_teardown(marks_that_nobody_can_derive_are_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(marks_of_another_version_are_made_again, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
