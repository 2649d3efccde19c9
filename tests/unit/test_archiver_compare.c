/* Comparing two records: the first row that differs is named, of every table and of the search index. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "tests/unit/archiver_clerk.h"

/* Runs `sql` on one of two equal records, and tells what their comparison says. */
static void compare_after(const char *sql, const char *expected) {
    struct clerk clerks[2];
    char difference[RECORD_DIFFERENCE_MAX] = "";
    struct error error = {0};
    int64_t checked = 0;
    struct world *world = calloc(1, sizeof *world);
    sqlite3 *handle = NULL;
    assert_non_null(world);
    world->state = 11;
    for (int i = 0; i < 60; i++) {
        world_step(world);
    }
    for (int i = 0; i < 2; i++) {
        clerk_begin(&clerks[i]);
        clerk_fold(clerks[i].record, world, 0, world->count, true);
    }
    assert_int_equal(sqlite3_open(clerks[1].path, &handle), SQLITE_OK);
    assert_int_equal(sqlite3_exec(handle, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(handle);
    assert_int_equal(record_compare(clerks[0].reader, clerks[1].reader, difference, &checked, &error), 0);
    assert_non_null(strstr(difference, expected));
    clerk_end(&clerks[0]);
    clerk_end(&clerks[1]);
    free(world);
}

static void a_comparison_names_the_first_row_that_differs(void **state) {
    (void)state;
    compare_after("UPDATE units SET name = '别名' WHERE path = (SELECT min(path) FROM units)", "unit haining");
    compare_after("UPDATE versions SET attendances = 7777 WHERE seq = (SELECT min(seq) FROM versions)",
                  "version at seq 1");
    compare_after("DELETE FROM versions WHERE seq = (SELECT max(seq) FROM versions)", "version at seq");
    compare_after("UPDATE events SET side = x'80' WHERE seq = (SELECT min(seq) FROM events)", "event at seq 1");
    /* 犬 stands in the name of a programme */
    compare_after("DELETE FROM postings WHERE id = (1 << 21) + 0x72ac", "search index, character 72ac of the segment");
    compare_after("UPDATE postings SET places = places || x'05' WHERE id = (1 << 21) + 0x72ac",
                  "search index, character 72ac of the segment at seq 1:");
    compare_after("INSERT INTO postings VALUES ((1 << 21) + 0x10FFFF, x'05')", "search index, character 10ffff");
    compare_after("INSERT INTO postings VALUES (9 << 21, x'05')", "search index, a row outside");
    compare_after("UPDATE segments SET documents = substr(documents, 4) WHERE segment = 1", "search index, document");
    compare_after("DELETE FROM segments WHERE segment = 1", "search index, document");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_comparison_names_the_first_row_that_differs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
