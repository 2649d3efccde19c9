/* Faults behind the receipts and in the log itself: a full disk is survived and goes on by itself, any other error ends
 * it, and what was acknowledged is there afterwards. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/journal/writer.h"
#include "tests/unit/fault_vfs.h"
#include "tests/unit/journal_fixture.h"

#define SMALL_LOG_BYTES 32768
#define RESERVE_BYTES 65536

struct moved {
    struct journal_fixture fixture;
    struct fault_plan *plan;
};

static int install(void **state) {
    static struct moved moved;
    moved.plan = fault_vfs_install();
    *state = &moved;
    return 0;
}

static int setup(void **state) {
    struct moved *moved = *state;
    fixture_setup(&moved->fixture);
    moved->fixture.options.log_bytes = SMALL_LOG_BYTES;
    fault_plan_reset(moved->plan);
    return 0;
}

static int teardown(void **state) {
    struct moved *moved = *state;
    fault_plan_reset(moved->plan);
    fixture_teardown(&moved->fixture);
    return 0;
}

static int append_erasing(struct journal *journal, struct error *error) {
    struct built_block built;
    struct position after;
    struct text mark = text_of("P1");
    built_block_make(&built, journal_head(journal).seq + 1, 1);
    built.block.forget_marks = &mark;
    built.block.forget_mark_count = 1;
    int result = journal_append(journal, &built.block, &after, error);
    built_block_free(&built);
    return result;
}

static void assert_reopens(const struct moved *moved, uint64_t seq) {
    struct journal *journal = fixture_open(&moved->fixture);
    assert_int_equal(journal_head(journal).seq, seq);
    fixture_assert_whole(&moved->fixture, seq);
    fixture_append(journal, 1);
    journal_close(&journal);
    fixture_assert_whole(&moved->fixture, seq + 1);
}

/* Appends until the log takes no more; returns the last seq that it took. */
static uint64_t fill(struct journal *journal) {
    struct error error = {0};
    int result = 0;
    for (int i = 0; i < 1000 && result == 0; i++) {
        result = fixture_try_append(journal, 5, &error);
    }
    assert_int_equal(result, -(int)ERR_NO_SPACE);
    assert_int_equal(fixture_try_append(journal, 5, &error), -(int)ERR_NO_SPACE);
    return journal_head(journal).seq;
}

/* ---- no room ---- */

static void a_full_disk_fills_the_log_and_goes_on_by_itself(void **state) {
    struct moved *moved = *state;
    struct journal *journal = fixture_open(&moved->fixture);
    fixture_append(journal, 5);
    for (int round = 0; round < 3; round++) {
        moved->plan->write_result = SQLITE_FULL;
        moved->plan->writes_left = 0;
        uint64_t seq = fill(journal);
        fixture_assert_whole(&moved->fixture, seq);
        moved->plan->writes_left = -1;
        assert_int_equal(fixture_append(journal, 5).seq, seq + 5);
        fixture_assert_whole(&moved->fixture, seq + 5);
    }
    uint64_t last = journal_head(journal).seq;
    journal_close(&journal);
    assert_reopens(moved, last);
}

/* Whichever write of a move finds no room. */
static void a_move_may_find_no_room_at_any_write(void **state) {
    struct moved *moved = *state;
    moved->fixture.options.log_bytes = FIXTURE_LOG_BYTES; /* never half full: only the tests move */
    struct journal *journal = fixture_open(&moved->fixture);
    bool moves = false;
    int failures = 0;
    for (int n = 0; n < 200 && !moves; n++) {
        struct error error = {0};
        fixture_append(journal, 20);
        uint64_t seq = journal_head(journal).seq;
        fault_plan_reset(moved->plan);
        moved->plan->write_result = SQLITE_FULL;
        moved->plan->writes_left = n;
        int result = journal_settle(journal, &error);
        moves = result == 0;
        failures += !moves;
        assert_true(moves || result == -(int)ERR_NO_SPACE);
        fixture_assert_whole(&moved->fixture, seq);
        fault_plan_reset(moved->plan);
        assert_int_equal(fixture_append(journal, 1).seq, seq + 1);
    }
    assert_true(moves);
    assert_true(failures > 5);
    fixture_assert_whole(&moved->fixture, journal_head(journal).seq);
    journal_close(&journal);
}

static void the_reserve_is_given_up_and_made_again(void **state) {
    struct moved *moved = *state;
    char path[400];
    struct stat status;
    moved->fixture.options.reserve_bytes = RESERVE_BYTES;
    fixture_file(&moved->fixture, "journal.reserve", path);
    struct journal *journal = fixture_open(&moved->fixture);
    fixture_append(journal, 10);
    assert_int_equal(journal_settle(journal, NULL), 0);
    moved->plan->write_result = SQLITE_FULL;
    moved->plan->writes_left = 0;
    fixture_append(journal, 10);
    assert_int_equal(journal_settle(journal, NULL), -(int)ERR_NO_SPACE);
    assert_int_equal(stat(path, &status), -1);
    fault_plan_reset(moved->plan);
    fixture_append(journal, 10);
    assert_int_equal(stat(path, &status), 0);
    fixture_assert_whole(&moved->fixture, 30);
    journal_close(&journal);
}

/* Closed and started again while the disk is full: all is there and can be read, nothing is taken until there is room. */
static void a_start_on_a_full_disk_keeps_what_the_log_holds(void **state) {
    struct moved *moved = *state;
    struct error error = {0};
    struct journal *journal = fixture_open(&moved->fixture);
    fixture_append(journal, 10);
    moved->plan->write_result = SQLITE_FULL;
    moved->plan->writes_left = 0;
    uint64_t seq = fill(journal);
    for (int round = 0; round < 3; round++) {
        journal_close(&journal);
        journal = fixture_open(&moved->fixture);
        assert_int_equal(journal_head(journal).seq, seq);
        fixture_assert_whole(&moved->fixture, seq);
        assert_int_equal(fixture_try_append(journal, 1, &error), -(int)ERR_NO_SPACE);
    }
    moved->plan->writes_left = -1;
    fixture_append(journal, 1);
    fixture_assert_whole(&moved->fixture, seq + 1);
    journal_close(&journal);
    assert_reopens(moved, seq + 1);
}

static void an_erasure_waits_for_room(void **state) {
    struct moved *moved = *state;
    struct error error = {0};
    struct journal *journal = fixture_open(&moved->fixture);
    fixture_append(journal, 20);
    moved->plan->write_result = SQLITE_FULL;
    moved->plan->writes_left = 0;
    assert_int_equal(append_erasing(journal, &error), -(int)ERR_NO_SPACE);
    fixture_assert_whole(&moved->fixture, 20);
    moved->plan->writes_left = -1;
    assert_int_equal(append_erasing(journal, &error), 0);
    fixture_assert_whole(&moved->fixture, 21);
    assert_false(fixture_file_holds(&moved->fixture, LOG_NAME, "CXRECORD", 8));
    journal_close(&journal);
}

/* Without room for the log itself there is none: blocks go straight into the database. */
static void without_room_for_a_log_there_is_none(void **state) {
    struct moved *moved = *state;
    char path[400];
    struct stat status;
    moved->plan->log_write_errno = ENOSPC;
    fixture_file(&moved->fixture, LOG_NAME, path);
    moved->fixture.options.log_bytes = 1u << 20;
    moved->plan->log_writes_left = 3;
    struct journal *journal = fixture_open(&moved->fixture);
    assert_int_equal(stat(path, &status), -1);
    fixture_append(journal, 10);
    journal_close(&journal);
    fault_plan_reset(moved->plan);
    assert_reopens(moved, 10);
    assert_int_equal(stat(path, &status), 0);
}

/* A file system that gives a file new blocks at each write: nothing of the block is stored, the next one is. */
static void a_log_write_without_room_is_no_failure(void **state) {
    struct moved *moved = *state;
    struct error error = {0};
    struct journal *journal = fixture_open(&moved->fixture);
    fixture_append(journal, 10);
    moved->plan->log_write_errno = ENOSPC;
    moved->plan->log_writes_left = 0;
    assert_int_equal(fixture_try_append(journal, 10, &error), -(int)ERR_NO_SPACE);
    fixture_assert_whole(&moved->fixture, 10);
    moved->plan->log_writes_left = -1;
    fixture_append(journal, 3);
    fixture_assert_whole(&moved->fixture, 13);
    journal_close(&journal);
    assert_reopens(moved, 13);
}

/* Who has no tail has no mover either: what the log holds waits for room, then the database is used alone. */
static void without_a_tail_the_log_is_emptied_and_left_alone(void **state) {
    struct moved *moved = *state;
    struct error error = {0};
    struct journal *journal = fixture_open(&moved->fixture);
    fixture_append(journal, 10);
    moved->plan->write_result = SQLITE_FULL;
    moved->plan->writes_left = 0;
    uint64_t seq = fill(journal);
    journal_close(&journal);
    fixture_without_log(&moved->fixture);
    journal = fixture_open(&moved->fixture);
    assert_int_equal(fixture_try_append(journal, 1, &error), -(int)ERR_NO_SPACE);
    moved->plan->writes_left = -1;
    for (int i = 0; i < 30; i++) {
        seq = fixture_append(journal, 20).seq;
        fixture_assert_whole(&moved->fixture, seq);
    }
    assert_int_equal(append_erasing(journal, &error), 0);
    assert_false(fixture_file_holds(&moved->fixture, LOG_NAME, "CXRECORD", 8));
    journal_close(&journal);
    assert_reopens(moved, seq + 1);
}

/* ---- errors that end it ---- */

static void count_call(void *data) {
    ++*(int *)data;
}

/* A failed write or sync of the log: not acknowledged, and nothing after it is. */
static void a_failed_log_ends_it(void **state) {
    struct moved *moved = *state;
    for (int sync = 0; sync < 2; sync++) {
        struct error error = {0};
        int told = 0;
        struct journal *journal = fixture_open(&moved->fixture);
        uint64_t seq = fixture_append(journal, 10).seq;
        journal_tell_failure(journal, count_call, &told);
        moved->plan->log_write_errno = EIO;
        *(sync ? &moved->plan->log_syncs_left : &moved->plan->log_writes_left) = 0;
        assert_int_equal(fixture_try_append(journal, 10, &error), -(int)ERR_IO);
        fault_plan_reset(moved->plan);
        assert_int_equal(fixture_try_append(journal, 10, &error), -(int)ERR_IO);
        assert_int_equal(journal_failure(journal, &error), -(int)ERR_IO);
        assert_int_equal(told, 1);
        journal_close(&journal);
        journal = fixture_open(&moved->fixture);
        assert_true(journal_head(journal).seq == seq || (sync && journal_head(journal).seq == seq + 10));
        fixture_assert_whole(&moved->fixture, journal_head(journal).seq);
        journal_close(&journal);
    }
}

/* Whichever sync behind the receipts fails: it is told, nothing is appended any more, what was acknowledged is there. */
static void a_failed_move_ends_it(void **state) {
    struct moved *moved = *state;
    for (int syncs = 0; syncs < 12; syncs++) {
        struct error error = {0};
        int told = 0;
        int result = 0;
        struct journal *journal = fixture_open(&moved->fixture);
        journal_tell_failure(journal, count_call, &told);
        fault_plan_reset(moved->plan);
        moved->plan->sync_result = SQLITE_IOERR_FSYNC;
        moved->plan->syncs_left = syncs;
        uint64_t acknowledged = journal_head(journal).seq;
        for (int i = 0; i < 2000 && result == 0; i++) {
            result = fixture_try_append(journal, 30, &error);
            acknowledged += result == 0 ? 30 : 0;
        }
        assert_int_equal(result, -(int)ERR_IO);
        assert_int_equal(told, 1);
        assert_int_equal(journal_settle(journal, &error), -(int)ERR_IO);
        fault_plan_reset(moved->plan);
        assert_int_equal(fixture_try_append(journal, 1, &error), -(int)ERR_IO);
        journal_close(&journal);
        journal = fixture_open(&moved->fixture);
        assert_int_equal(journal_head(journal).seq, acknowledged);
        fixture_assert_whole(&moved->fixture, acknowledged);
        journal_close(&journal);
    }
}

/* ---- by itself ---- */

static void wait_settled(struct journal *journal, uint64_t seq) {
    for (int i = 0; i < 6000 && journal_is_settled(journal, seq) == 0; i++) {
        usleep(10000);
    }
    assert_int_equal(journal_is_settled(journal, seq), 1);
}

static void what_was_appended_is_moved_after_a_while(void **state) {
    struct moved *moved = *state;
    struct journal *journal = fixture_open(&moved->fixture);
    for (int round = 0; round < 2; round++) {
        wait_settled(journal, fixture_append(journal, 3).seq);
        fixture_assert_whole(&moved->fixture, 3 * (uint64_t)(round + 1));
    }
    journal_close(&journal);
}

/* Readers go on in their own thread while blocks are appended, moved and erased: each sees all that was told before. */
static void *read_along(void *data) {
    const struct moved *moved = data;
    struct journal_reader *reader = fixture_reader(&moved->fixture);
    uint64_t seq = 0;
    while (seq < 3000) {
        struct position head;
        uint64_t found = 0;
        assert_int_equal(journal_reader_head(reader, &head, NULL), 0);
        for (; seq < head.seq; seq++) {
            struct id id = fixture_id(seq + 1);
            struct arena *arena = arena_create(SIZE_MAX);
            struct journal_block block;
            assert_int_equal(journal_find(reader, &id, &found, NULL), 1);
            assert_int_equal(found, seq + 1);
            assert_int_equal(journal_read(reader, seq, true, arena, &block, NULL), 1);
            assert_true(block.first <= seq + 1 && seq + 1 < block.first + block.count);
            uint64_t marked = 0;
            char person[16];
            snprintf(person, sizeof person, "P%d", (int)((seq + 1) % 10));
            assert_int_equal(journal_marked(reader, text_of(person), seq, &marked, 1, NULL), 1);
            assert_int_equal(marked, seq + 1);
            arena_destroy(&arena);
        }
    }
    journal_reader_close(&reader);
    return NULL;
}

static void readers_miss_nothing_while_blocks_are_moved(void **state) {
    struct moved *moved = *state;
    struct journal *journal = fixture_open(&moved->fixture);
    struct error error = {0};
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, read_along, moved), 0);
    for (uint32_t i = 0; journal_head(journal).seq < 3000; i++) {
        assert_int_equal(
            i % 97 == 50 ? append_erasing(journal, &error) : fixture_try_append(journal, 1 + i % 9, &error), 0);
    }
    assert_int_equal(pthread_join(thread, NULL), 0);
    journal_close(&journal);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_full_disk_fills_the_log_and_goes_on_by_itself, setup, teardown),
        cmocka_unit_test_setup_teardown(a_move_may_find_no_room_at_any_write, setup, teardown),
        cmocka_unit_test_setup_teardown(the_reserve_is_given_up_and_made_again, setup, teardown),
        cmocka_unit_test_setup_teardown(a_start_on_a_full_disk_keeps_what_the_log_holds, setup, teardown),
        cmocka_unit_test_setup_teardown(an_erasure_waits_for_room, setup, teardown),
        cmocka_unit_test_setup_teardown(without_room_for_a_log_there_is_none, setup, teardown),
        cmocka_unit_test_setup_teardown(a_log_write_without_room_is_no_failure, setup, teardown),
        cmocka_unit_test_setup_teardown(without_a_tail_the_log_is_emptied_and_left_alone, setup, teardown),
        cmocka_unit_test_setup_teardown(a_failed_log_ends_it, setup, teardown),
        cmocka_unit_test_setup_teardown(a_failed_move_ends_it, setup, teardown),
        cmocka_unit_test_setup_teardown(what_was_appended_is_moved_after_a_while, setup, teardown),
        cmocka_unit_test_setup_teardown(readers_miss_nothing_while_blocks_are_moved, setup, teardown),
    };
    return cmocka_run_group_tests(tests, install, NULL);
}
