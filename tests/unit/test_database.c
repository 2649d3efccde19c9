/* The database helper: settings that hold, transactions, versions, errors as values. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/database.h"
#include "tests/unit/fault_vfs.h"

#define SCHEMA "CREATE TABLE thing(number INTEGER PRIMARY KEY, name TEXT)"

struct place {
    char directory[64];
    char path[100];
};

static int setup(void **state) {
    static struct place place;
    snprintf(place.directory, sizeof place.directory, "/tmp/chaoxun-database-XXXXXX");
    assert_non_null(mkdtemp(place.directory));
    snprintf(place.path, sizeof place.path, "%s/state.db", place.directory);
    *state = &place;
    return 0;
}

static int teardown(void **state) {
    const struct place *place = *state;
    static const char *const endings[] = {"", "-wal", "-shm"};
    for (int i = 0; i < 3; i++) {
        char path[120];
        snprintf(path, sizeof path, "%s%s", place->path, endings[i]);
        unlink(path);
    }
    rmdir(place->directory);
    return 0;
}

static void must_open(struct database *database, const struct place *place, enum database_mode mode) {
    struct error error = {0};
    if (database_open(database, place->path, mode, SCHEMA, 3, &error) < 0) {
        fail_msg("%s", error.text);
    }
}

static int64_t ask(struct database *database, const char *sql) {
    sqlite3_stmt *statement = NULL;
    assert_int_equal(database_prepare(database, sql, &statement, NULL), 0);
    assert_int_equal(database_step(database, statement, NULL), 1);
    int64_t value = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return value;
}

static void settings_hold(void **state) {
    struct database database;
    must_open(&database, *state, DATABASE_FULL);
    assert_int_equal(ask(&database, "PRAGMA synchronous"), 2);
    assert_int_equal(ask(&database, "PRAGMA secure_delete"), 1);
    assert_int_equal(ask(&database, "SELECT journal_mode = 'wal' FROM pragma_journal_mode"), 1);
    database_close(&database);
    must_open(&database, *state, DATABASE_NORMAL);
    assert_int_equal(ask(&database, "PRAGMA synchronous"), 1);
    database_close(&database);
}

static void the_file_is_for_its_owner_alone(void **state) {
    const struct place *place = *state;
    struct database database;
    char log[120];
    struct stat status;
    must_open(&database, place, DATABASE_FULL);
    snprintf(log, sizeof log, "%s-wal", place->path);
    assert_int_equal(stat(place->path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    assert_int_equal(stat(log, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    database_close(&database);
}

static void what_is_rolled_back_is_gone(void **state) {
    struct database database;
    must_open(&database, *state, DATABASE_NORMAL);
    assert_int_equal(database_begin(&database, NULL), 0);
    assert_int_equal(database_execute(&database, "INSERT INTO thing VALUES(1, '杭州')", NULL), 0);
    assert_int_equal(database_commit(&database, NULL), 0);
    assert_int_equal(database_begin(&database, NULL), 0);
    assert_int_equal(database_execute(&database, "INSERT INTO thing VALUES(2, '海宁')", NULL), 0);
    database_rollback(&database);
    database_rollback(&database); /* without a transaction: nothing */
    assert_int_equal(ask(&database, "SELECT count(*) FROM thing"), 1);
    database_close(&database);
    must_open(&database, *state, DATABASE_READ);
    assert_int_equal(ask(&database, "SELECT name = '杭州' FROM thing"), 1);
    assert_true(database_execute(&database, "DELETE FROM thing", NULL) < 0);
    database_close(&database);
}

static void errors_are_values(void **state) {
    struct database database;
    struct error error = {0};
    must_open(&database, *state, DATABASE_NORMAL);
    assert_int_equal(database_execute(&database, "SELEKT", &error), -(int)ERR_IO);
    assert_non_null(strstr(error.text, "state.db"));
    assert_non_null(strstr(error.text, "SELEKT"));
    assert_int_equal(database_error(&database, SQLITE_FULL, &error), -(int)ERR_NO_SPACE);
    assert_int_equal(database_error(&database, SQLITE_CORRUPT, &error), -(int)ERR_CORRUPT);
    assert_int_equal(database_error(&database, SQLITE_BUSY_SNAPSHOT, &error), -(int)ERR_BUSY);
    assert_int_equal(database_error(&database, SQLITE_IOERR_FSYNC, &error), -(int)ERR_IO);
    assert_int_equal(database_error(&database, SQLITE_NOMEM, &error), -(int)ERR_NO_MEMORY);
    database_close(&database);
}

static void other_versions_and_no_databases_are_refused(void **state) {
    const struct place *place = *state;
    struct database database;
    struct error error = {0};
    assert_int_equal(database_open(&database, place->path, DATABASE_READ, NULL, 3, &error), -(int)ERR_IO);
    assert_int_equal(access(place->path, F_OK), -1);
    must_open(&database, place, DATABASE_FULL);
    database_close(&database);
    assert_int_equal(database_open(&database, place->path, DATABASE_FULL, SCHEMA, 4, &error), -(int)ERR_CORRUPT);
    assert_non_null(strstr(error.text, "version 3"));
    int descriptor = open(place->path, O_WRONLY | O_TRUNC);
    assert_int_equal(write(descriptor, "this is no database, it is a letter", 35), 35);
    close(descriptor);
    assert_int_equal(database_open(&database, place->path, DATABASE_FULL, SCHEMA, 3, &error), -(int)ERR_CORRUPT);
}

static void a_failed_schema_leaves_nothing(void **state) {
    const struct place *place = *state;
    struct database database;
    struct error error = {0};
    int result = database_open(&database, place->path, DATABASE_FULL, SCHEMA "; CREATE NONSENSE", 3, &error);
    assert_int_equal(result, -(int)ERR_IO);
    must_open(&database, place, DATABASE_FULL);
    assert_int_equal(ask(&database, "SELECT count(*) FROM thing"), 0);
    database_close(&database);
}

static void the_log_stays_short(void **state) {
    const struct place *place = *state;
    struct database database;
    struct stat status;
    char log[120];
    must_open(&database, place, DATABASE_NORMAL);
    for (int i = 0; i < 200; i++) {
        assert_int_equal(database_execute(&database, "INSERT INTO thing(name) VALUES(zeroblob(100000))", NULL), 0);
    }
    snprintf(log, sizeof log, "%s-wal", place->path);
    assert_int_equal(stat(log, &status), 0);
    assert_true(status.st_size < 5 * 1000 * 1000);
    assert_int_equal(database_truncate_log(&database, NULL), 0);
    assert_int_equal(stat(log, &status), 0);
    assert_int_equal(status.st_size, 0);
    database_close(&database);
}

/* A commit that lies in the log and was never synced. */
static void leave_unsynced(const struct place *place) {
    pid_t child = fork();
    if (child == 0) {
        struct database database;
        bool done = database_open(&database, place->path, DATABASE_NORMAL, SCHEMA, 3, NULL) == 0 &&
                    database_execute(&database, "INSERT INTO thing(name) VALUES('left')", NULL) == 0;
        _exit(done ? 0 : 1);
    }
    int status = -1;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static void what_a_killed_process_left_is_durable_before_it_is_read(void **state) {
    const struct place *place = *state;
    struct fault_plan *plan = fault_vfs_install();
    struct database database;
    leave_unsynced(place);
    plan->syncs = 0;
    plan->writes = 0;
    must_open(&database, place, DATABASE_FULL);
    assert_true(plan->syncs >= 2 && plan->writes > 0); /* the log, and what was written back into the database */
    assert_int_equal(ask(&database, "SELECT count(*) FROM thing"), 1);
    database_close(&database);

    leave_unsynced(place); /* no room to write it back: the log is synced and kept */
    *plan = (struct fault_plan){.write_result = SQLITE_FULL, .syncs_left = -1};
    must_open(&database, place, DATABASE_FULL);
    assert_true(plan->syncs >= 1);
    assert_int_equal(ask(&database, "SELECT count(*) FROM thing"), 2);
    database_close(&database);

    fault_plan_reset(plan);
    leave_unsynced(place);
    *plan = (struct fault_plan){.writes_left = -1, .sync_result = SQLITE_IOERR_FSYNC};
    struct error error = {0};
    assert_int_equal(database_open(&database, place->path, DATABASE_FULL, SCHEMA, 3, &error), -(int)ERR_IO);
    fault_plan_reset(plan);
}

/* A reader that holds its view: writing goes on up to the limit, and again when it has gone. */
static void the_log_has_a_limit_beside_a_reader(void **state) {
    enum { LIMIT = 4000000, THING = 100000 };
    const struct place *place = *state;
    struct database database;
    struct database reader;
    struct stat status;
    struct error error = {0};
    char log[120];
    must_open(&database, place, DATABASE_FULL);
    database_set_log_limit(&database, LIMIT);
    assert_int_equal(database_open(&reader, place->path, DATABASE_READ, NULL, 3, NULL), 0);
    assert_int_equal(database_execute(&reader, "BEGIN; SELECT count(*) FROM thing", NULL), 0);
    int written = 0;
    while (written < 200 && database_begin(&database, &error) == 0) {
        assert_int_equal(database_execute(&database, "INSERT INTO thing(name) VALUES(zeroblob(100000))", NULL), 0);
        assert_int_equal(database_commit(&database, NULL), 0);
        written++;
    }
    assert_int_equal(error.code, ERR_BUSY);
    assert_in_range(written, LIMIT / THING - 5, LIMIT / THING);
    snprintf(log, sizeof log, "%s-wal", place->path);
    assert_int_equal(stat(log, &status), 0);
    assert_in_range(status.st_size, LIMIT, LIMIT + 2 * THING);
    database_close(&reader);
    assert_int_equal(database_begin(&database, NULL), 0);
    database_rollback(&database);
    database_close(&database);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(settings_hold, setup, teardown),
        cmocka_unit_test_setup_teardown(the_file_is_for_its_owner_alone, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_rolled_back_is_gone, setup, teardown),
        cmocka_unit_test_setup_teardown(errors_are_values, setup, teardown),
        cmocka_unit_test_setup_teardown(other_versions_and_no_databases_are_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(a_failed_schema_leaves_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(the_log_stays_short, setup, teardown),
        cmocka_unit_test_setup_teardown(what_a_killed_process_left_is_durable_before_it_is_read, setup, teardown),
        cmocka_unit_test_setup_teardown(the_log_has_a_limit_beside_a_reader, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
