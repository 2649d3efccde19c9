/* Faults of the disk under the journal's database: a full one is survived, a failed sync is never taken for success.
 *
 * Every block goes straight into the database here, as those do that erase; test_journal_mover.c has the log in front. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/journal/writer.h"
#include "tests/unit/fault_vfs.h"
#include "tests/unit/journal_fixture.h"

#define RESERVE_BYTES 65536

struct faulty {
    struct journal_fixture fixture;
    struct fault_plan *plan;
};

static int install(void **state) {
    static struct faulty faulty;
    faulty.plan = fault_vfs_install();
    *state = &faulty;
    return 0;
}

static int setup(void **state) {
    struct faulty *faulty = *state;
    fixture_setup(&faulty->fixture);
    fixture_without_log(&faulty->fixture);
    fault_plan_reset(faulty->plan);
    return 0;
}

static int teardown(void **state) {
    struct faulty *faulty = *state;
    fault_plan_reset(faulty->plan);
    fixture_teardown(&faulty->fixture);
    return 0;
}

static void one_commit_is_one_sync(void **state) {
    struct faulty *faulty = *state;
    struct journal *journal = fixture_open(&faulty->fixture);
    fixture_append(journal, 1);
    fault_plan_reset(faulty->plan);
    for (int i = 0; i < 10; i++) {
        fixture_append(journal, 1);
    }
    assert_int_equal(faulty->plan->syncs, 10);
    journal_close(&journal);
}

/* Whichever write of a commit finds no room: nothing of the block stays, and the journal goes on by itself. */
static void a_full_disk_is_survived_at_every_write(void **state) {
    struct faulty *faulty = *state;
    struct journal *journal = fixture_open(&faulty->fixture);
    fixture_append(journal, 50);
    uint64_t seq = 50;
    bool succeeded = false;
    int failures = 0;
    for (int n = 0; n < 200 && !succeeded; n++) {
        struct error error = {0};
        fault_plan_reset(faulty->plan);
        faulty->plan->writes_left = n;
        faulty->plan->write_result = SQLITE_FULL;
        int result = fixture_try_append(journal, 50, &error);
        succeeded = result == 0;
        failures += !succeeded;
        seq += succeeded ? 50 : 0;
        if (!succeeded && result != -(int)ERR_NO_SPACE) {
            fail_msg("after %d writes: %s", n, error.text);
        }
        assert_int_equal(journal_head(journal).seq, seq);
        fault_plan_reset(faulty->plan);
        fixture_assert_whole(&faulty->fixture, seq);
        seq = fixture_append(journal, 3).seq;
    }
    assert_true(succeeded);
    assert_true(failures > 5);
    fixture_assert_whole(&faulty->fixture, seq);
    journal_close(&journal);
    journal = fixture_open(&faulty->fixture);
    assert_int_equal(journal_head(journal).seq, seq);
    journal_close(&journal);
}

static void a_full_disk_gives_up_the_reserve_and_makes_it_again(void **state) {
    struct faulty *faulty = *state;
    char path[400];
    struct stat status;
    struct error error = {0};
    faulty->fixture.options.reserve_bytes = RESERVE_BYTES;
    struct journal *journal = fixture_open(&faulty->fixture);
    snprintf(path, sizeof path, "%s/journal.reserve", faulty->fixture.directory);
    assert_int_equal(stat(path, &status), 0);
    assert_true(status.st_blocks * 512 >= RESERVE_BYTES);
    fixture_append(journal, 10);
    faulty->plan->writes_left = 0;
    faulty->plan->write_result = SQLITE_FULL;
    assert_int_equal(fixture_try_append(journal, 10, &error), -(int)ERR_NO_SPACE);
    assert_int_equal(stat(path, &status), -1); /* even the log could not be written back */
    fault_plan_reset(faulty->plan);
    assert_int_equal(fixture_try_append(journal, 10, &error), 0);
    assert_int_equal(stat(path, &status), 0);
    fixture_assert_whole(&faulty->fixture, 20);
    journal_close(&journal);
}

static void without_room_for_the_reserve_nothing_is_taken(void **state) {
    struct faulty *faulty = *state;
    struct error error = {0};
    faulty->fixture.options.reserve_bytes = INT64_C(1) << 60;
    struct journal *journal = fixture_open(&faulty->fixture);
    assert_int_equal(fixture_try_append(journal, 10, &error), -(int)ERR_NO_SPACE);
    assert_int_equal(fixture_try_append(journal, 10, &error), -(int)ERR_NO_SPACE);
    assert_non_null(strstr(error.text, "2305843009213693952 are needed, 2 times reserve-bytes"));
    assert_int_equal(journal_room(journal, &error), -(int)ERR_NO_SPACE);
    journal_close(&journal);
    faulty->fixture.options.reserve_bytes = 0;
    journal = fixture_open(&faulty->fixture);
    assert_int_equal(journal_room(journal, &error), 0);
    assert_int_equal(fixture_try_append(journal, 10, &error), 0);
    journal_close(&journal);
}

/* A failed sync, also that of a checkpoint: never success, never "try again". What is there, the next start tells. */
static void a_failed_sync_is_never_success(void **state) {
    struct faulty *faulty = *state;
    for (int syncs = 0; syncs < 40; syncs++) {
        struct journal *journal = fixture_open(&faulty->fixture);
        uint64_t acknowledged = journal_head(journal).seq;
        struct error error = {0};
        int result = 0;
        fault_plan_reset(faulty->plan);
        faulty->plan->syncs_left = syncs;
        faulty->plan->sync_result = SQLITE_IOERR_FSYNC;
        for (int i = 0; i < 60 && result == 0; i++) {
            result = fixture_try_append(journal, 512, &error);
            acknowledged += result == 0 ? 512 : 0;
        }
        if (result != -(int)ERR_IO) {
            fail_msg("sync %d: %d %s", syncs, result, error.text);
        }
        fault_plan_reset(faulty->plan);
        journal_close(&journal);
        journal = fixture_open(&faulty->fixture);
        assert_true(journal_head(journal).seq >= acknowledged);
        assert_true(journal_head(journal).seq <= acknowledged + 512);
        journal_close(&journal);
        fixture_teardown(&faulty->fixture);
        fixture_setup(&faulty->fixture);
        fixture_without_log(&faulty->fixture);
    }
}

static void a_failed_write_is_no_full_disk(void **state) {
    struct faulty *faulty = *state;
    struct error error = {0};
    struct journal *journal = fixture_open(&faulty->fixture);
    fixture_append(journal, 10);
    faulty->plan->writes_left = 1;
    faulty->plan->write_result = SQLITE_IOERR_WRITE;
    assert_int_equal(fixture_try_append(journal, 10, &error), -(int)ERR_IO);
    fault_plan_reset(faulty->plan);
    journal_close(&journal);
    journal = fixture_open(&faulty->fixture);
    journal_close(&journal);
    fixture_assert_whole(&faulty->fixture, 10);
}

/* The commit that erases stands; only the emptying of the log has to wait for room. */
static void erasure_on_a_full_disk_is_finished_later(void **state) {
    struct faulty *faulty = *state;
    struct journal *journal = fixture_open(&faulty->fixture);
    struct error error = {0};
    struct text mark = text_of("P1");
    fixture_append(journal, 10);
    int writes = faulty->plan->writes;
    fixture_append(journal, 10);
    writes = faulty->plan->writes - writes;
    struct built_block built;
    struct position after;
    built_block_make(&built, 21, 1);
    built.block.forget_marks = &mark;
    built.block.forget_mark_count = 1;
    int result = -1;
    for (int n = 0; n < 4 * writes && result < 0; n++) {
        fault_plan_reset(faulty->plan);
        faulty->plan->writes_left = n;
        faulty->plan->write_result = SQLITE_FULL;
        result = journal_append(journal, &built.block, &after, &error);
    }
    built_block_free(&built);
    assert_int_equal(result, 0);
    assert_int_equal(faulty->plan->writes_left, 0); /* the checkpoint did fail */
    fault_plan_reset(faulty->plan);
    fixture_append(journal, 1);
    char path[400];
    struct stat status;
    snprintf(path, sizeof path, "%s/journal.db-wal", faulty->fixture.directory);
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_size, 0);
    fixture_assert_whole(&faulty->fixture, 22);
    journal_close(&journal);
}

/* The block is durable by then: "no space" would say that it was rolled back. */
static void a_witness_that_cannot_be_written_is_no_full_disk(void **state) {
    struct faulty *faulty = *state;
    struct journal *journal = fixture_open(&faulty->fixture);
    struct error error = {0};
    fixture_append(journal, 3);
    int full = open("/dev/full", O_RDWR | O_CLOEXEC);
    assert_true(full >= 0);
    assert_true(dup2(full, journal->witness.descriptor) >= 0);
    close(full);
    assert_int_equal(fixture_try_append(journal, 2, &error), -ERR_IO);
    journal_close(&journal);
    fixture_assert_whole(&faulty->fixture, 5); /* it is there all the same */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(one_commit_is_one_sync, setup, teardown),
        cmocka_unit_test_setup_teardown(a_full_disk_is_survived_at_every_write, setup, teardown),
        cmocka_unit_test_setup_teardown(a_full_disk_gives_up_the_reserve_and_makes_it_again, setup, teardown),
        cmocka_unit_test_setup_teardown(without_room_for_the_reserve_nothing_is_taken, setup, teardown),
        cmocka_unit_test_setup_teardown(a_failed_sync_is_never_success, setup, teardown),
        cmocka_unit_test_setup_teardown(a_failed_write_is_no_full_disk, setup, teardown),
        cmocka_unit_test_setup_teardown(erasure_on_a_full_disk_is_finished_later, setup, teardown),
        cmocka_unit_test_setup_teardown(a_witness_that_cannot_be_written_is_no_full_disk, setup, teardown),
    };
    return cmocka_run_group_tests(tests, install, NULL);
}
