/* Ledgers and ids: versions hold from their event to the next, rows move and stay, ids keep their numbers and occur once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/error.h"
#include "services/aggregator/ids.h"

#define ROWS 300

struct row {
    struct version version;
    uint64_t value;
};

static void versions_hold_until_the_next(void **state) {
    struct ledger ledger;
    struct row row = {.version = {.since = 5}, .value = 1};
    (void)state;
    ledger_start(&ledger, sizeof row);
    assert_int_equal(ledger_add(&ledger, &row), 0);
    row.value = 2;
    assert_int_equal(ledger_replace(&ledger, 0, &row, 9), 1);
    assert_int_equal(ledger_end(&ledger, 1, 12), 0);
    static const struct {
        uint64_t at;
        bool first;
        bool second;
    } cases[] = {{4, false, false}, {5, true, false},  {8, true, false},
                 {9, false, true},  {11, false, true}, {12, false, false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct row *rows = ledger_row(&ledger, 0);
        assert_int_equal(version_stands(&rows[0].version, cases[i].at), cases[i].first);
        assert_int_equal(version_stands(&rows[1].version, cases[i].at), cases[i].second);
    }
    assert_false(version_stands(&((struct row *)ledger_row(&ledger, 1))->version, AT_HEAD));
    ledger_free(&ledger);
}

static void changes_are_marked_by_page(void **state) {
    struct ledger ledger;
    struct row row = {.version = {.since = 1}};
    (void)state;
    ledger_start(&ledger, sizeof row);
    for (uint64_t i = 0; i < ROWS; i++) {
        row.value = i;
        assert_int_equal(ledger_add(&ledger, &row), i);
    }
    assert_int_equal(ledger.dirty.count, (ROWS + PAGE_ROWS - 1) / PAGE_ROWS);
    dirty_clear(&ledger.dirty);
    assert_int_equal(ledger_changed(&ledger, 70), 0);
    assert_int_equal(ledger_changed(&ledger, 71), 0);
    assert_int_equal(ledger_end(&ledger, 200, 9), 0);
    assert_int_equal(ledger.dirty.count, 2);
    assert_int_equal(ledger.dirty.pages[0], 70 / PAGE_ROWS);
    assert_int_equal(ledger.dirty.pages[1], 200 / PAGE_ROWS);
    for (uint32_t i = 0; i < ROWS; i++) {
        assert_int_equal(((struct row *)ledger_row(&ledger, i))->value, i);
    }
    ledger_free(&ledger);
}

static struct id id_of(uint32_t number) {
    struct id id = {{1}};
    memcpy(id.bytes + 4, &number, sizeof number);
    return id;
}

static void ids_keep_their_numbers(void **state) {
    struct ids ids;
    struct ids read;
    (void)state;
    ids_start(&ids);
    ids_start(&read);
    for (uint32_t i = 0; i < ROWS; i++) {
        struct id id = id_of(i * 7);
        assert_int_equal(ids_find(&ids, &id), IDS_NONE);
        assert_int_equal(ids_number(&ids, &id), i);
        assert_int_equal(ids_number(&ids, &id), i);
    }
    for (uint32_t i = 0; i < ROWS; i++) {
        assert_int_not_equal(ledger_add(&read.ledger, ids_at(&ids, i)), LEDGER_NONE);
    }
    assert_int_equal(ids_complete(&read), 0);
    for (uint32_t i = 0; i < ROWS; i++) {
        struct id id = id_of(i * 7);
        assert_int_equal(ids_find(&read, &id), i);
    }
    ids_free(&ids);
    ids_free(&read);
}

static void an_id_that_is_read_twice_is_damage(void **state) {
    struct ids ids;
    struct id id = id_of(3);
    (void)state;
    ids_start(&ids);
    ledger_add(&ids.ledger, &id);
    ledger_add(&ids.ledger, &id);
    assert_int_equal(ids_complete(&ids), -ERR_CORRUPT);
    ids_free(&ids);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(versions_hold_until_the_next),
        cmocka_unit_test(changes_are_marked_by_page),
        cmocka_unit_test(ids_keep_their_numbers),
        cmocka_unit_test(an_id_that_is_read_twice_is_damage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
