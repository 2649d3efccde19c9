/* A log whose length is to be another: what it holds is moved, then it is made anew, whatever happens meanwhile. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include "tests/unit/fault_vfs.h"
#include "tests/unit/log_image.h"

#define OTHER_LOG_BYTES (128u << 10)

struct resized {
    struct journal_fixture image; /* killed, with blocks that only its log holds */
    uint64_t seq;
    struct fault_plan *plan;
};

static int install(void **state) {
    static struct resized resized;
    resized.plan = fault_vfs_install();
    *state = &resized;
    return 0;
}

static int setup(void **state) {
    struct resized *resized = *state;
    struct journal_fixture fixture;
    fixture_setup(&fixture);
    fault_plan_reset(resized->plan);
    struct journal *journal = fixture_open(&fixture);
    for (uint32_t i = 0; i < 5; i++) {
        fixture_append(journal, 3);
    }
    resized->seq = journal_head(journal).seq;
    image_take(journal, &fixture, &resized->image);
    journal_close(&journal);
    fixture_teardown(&fixture);
    return 0;
}

static int teardown(void **state) {
    struct resized *resized = *state;
    fault_plan_reset(resized->plan);
    fixture_teardown(&resized->image);
    return 0;
}

static int64_t log_length(const struct journal_fixture *fixture) {
    char path[400];
    struct stat status;
    fixture_file(fixture, LOG_NAME, path);
    assert_int_equal(stat(path, &status), 0);
    return status.st_size;
}

static void assert_holds_all(struct resized *resized) {
    image_opens(&resized->image, resized->seq); /* appends two more */
    resized->seq += 2;
}

/* Longer, shorter, as the default is: each time all is there, and the log has the length that was asked for. */
static void a_log_of_another_length_is_moved_and_made_anew(void **state) {
    struct resized *resized = *state;
    const uint32_t lengths[] = {OTHER_LOG_BYTES, FIXTURE_LOG_BYTES, 65536, 0, 65536};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        resized->image.options.log_bytes = lengths[i];
        assert_holds_all(resized);
        uint32_t expected = lengths[i] > 0 ? lengths[i] : JOURNAL_LOG_BYTES;
        assert_int_equal(log_length(&resized->image), LOG_HEAD_BYTES + expected);
    }
}

static void a_log_of_the_wanted_length_is_kept(void **state) {
    struct resized *resized = *state;
    fault_plan_reset(resized->plan);
    assert_holds_all(resized);
    assert_int_equal(resized->plan->log_writes, 2); /* a block, and the base at the closing */
}

/* An older database does not fit the new log. */
static void the_new_log_knows_what_the_database_held(void **state) {
    struct resized *resized = *state;
    struct journal_fixture image;
    resized->image.options.log_bytes = OTHER_LOG_BYTES;
    struct journal *journal = fixture_open(&resized->image);
    image_take(journal, &resized->image, &image);
    journal_close(&journal);
    image.options.log_bytes = OTHER_LOG_BYTES;
    fixture_sql(&image, "DELETE FROM head WHERE first > 7; DELETE FROM side WHERE first > 7");
    image_refuses(&image, "it held all up to seq 15");
    fixture_teardown(&image);
}

/* Opens while the log's writes fail from the nth on, or its syncs; gives whether it opened. */
static bool opens_in_spite(struct resized *resized, int n, bool syncs) {
    struct journal *journal = NULL;
    struct error error = {0};
    fault_plan_reset(resized->plan);
    resized->plan->log_write_errno = EIO;
    resized->plan->log_writes_left = syncs ? -1 : n;
    resized->plan->log_syncs_left = syncs ? n : -1;
    int result = journal_open(&journal, &resized->image.options, &error);
    assert_true(result == 0 || result == -(int)ERR_IO);
    fault_plan_reset(resized->plan);
    journal_close(&journal);
    return result == 0;
}

/* Whichever write or sync of a log fails: it does not open, and the next opening has everything. */
static void a_failure_while_it_is_made_loses_nothing(void **state) {
    struct resized *resized = *state;
    for (int syncs = 0; syncs < 2; syncs++) {
        int n = 0;
        bool opened = false;
        for (; n < 50 && !opened; n++) {
            bool longer = log_length(&resized->image) == LOG_HEAD_BYTES + FIXTURE_LOG_BYTES;
            resized->image.options.log_bytes = longer ? OTHER_LOG_BYTES : FIXTURE_LOG_BYTES;
            opened = opens_in_spite(resized, n, syncs);
            assert_holds_all(resized);
        }
        assert_true(opened);
        assert_true(n > (syncs ? 1 : 3));
    }
}

/* No room for the new one: the old one is used, and the next opening tries again. */
static void without_room_the_old_log_is_kept(void **state) {
    struct resized *resized = *state;
    int64_t before = log_length(&resized->image);
    resized->image.options.log_bytes = OTHER_LOG_BYTES;
    resized->plan->log_write_errno = ENOSPC;
    for (int left = 0; left < 3; left++) {
        resized->plan->log_writes_left = left;
        struct journal *journal = fixture_open(&resized->image);
        resized->plan->log_writes_left = -1;
        assert_int_equal(log_length(&resized->image), before);
        resized->seq = fixture_append(journal, 4).seq;
        journal_close(&journal);
    }
    assert_holds_all(resized);
    assert_int_equal(log_length(&resized->image), LOG_HEAD_BYTES + OTHER_LOG_BYTES);
}

/* No room for what it holds: it is not given up. */
static void what_cannot_be_moved_stays_in_the_old_log(void **state) {
    struct resized *resized = *state;
    int64_t before = log_length(&resized->image);
    resized->image.options.log_bytes = OTHER_LOG_BYTES;
    resized->plan->write_result = SQLITE_FULL;
    resized->plan->writes_left = 0;
    struct journal *journal = fixture_open(&resized->image);
    assert_int_equal(journal_head(journal).seq, resized->seq);
    journal_close(&journal);
    assert_int_equal(log_length(&resized->image), before);
    fault_plan_reset(resized->plan);
    assert_holds_all(resized);
    assert_int_equal(log_length(&resized->image), LOG_HEAD_BYTES + OTHER_LOG_BYTES);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_log_of_another_length_is_moved_and_made_anew, setup, teardown),
        cmocka_unit_test_setup_teardown(a_log_of_the_wanted_length_is_kept, setup, teardown),
        cmocka_unit_test_setup_teardown(the_new_log_knows_what_the_database_held, setup, teardown),
        cmocka_unit_test_setup_teardown(a_failure_while_it_is_made_loses_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(without_room_the_old_log_is_kept, setup, teardown),
        cmocka_unit_test_setup_teardown(what_cannot_be_moved_stays_in_the_old_log, setup, teardown),
    };
    return cmocka_run_group_tests(tests, install, NULL);
}
