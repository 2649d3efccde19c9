/* Repair of the journal: what is found, what is kept, and that nothing else happens. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/journal/repair.h"
#include "tests/unit/journal_fixture.h"

#define BLOCKS 5
#define EVENTS 20 /* of a block */

struct clinic {
    struct journal_fixture fixture;
    struct journal_damage damage;
    char aside[100];
};

static int setup_with_log(void **state) {
    struct clinic *clinic = calloc(1, sizeof *clinic);
    assert_non_null(clinic);
    fixture_setup(&clinic->fixture);
    struct journal *journal = fixture_open(&clinic->fixture);
    for (int i = 0; i < BLOCKS; i++) {
        fixture_append(journal, EVENTS);
    }
    journal_close(&journal);
    snprintf(clinic->aside, sizeof clinic->aside, "%s.aside", clinic->fixture.directory);
    assert_int_equal(mkdir(clinic->aside, 0700), 0);
    *state = clinic;
    return 0;
}

/* What the database loses, the log would still have: most of these tests look at the database alone. */
static int setup(void **state) {
    char path[400];
    setup_with_log(state);
    fixture_file(&((struct clinic *)*state)->fixture, "journal.log", path);
    return unlink(path);
}

static void path_in(const char *folder, const char *name, char path[400]) {
    snprintf(path, 400, "%s/%s", folder, name);
}

static int teardown(void **state) {
    static const char *const names[] = {"journal.db", "journal.db-wal", "journal.db-shm", "journal.witness",
                                        "journal.log"};
    struct clinic *clinic = *state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char path[400];
        path_in(clinic->aside, names[i], path);
        unlink(path);
    }
    assert_int_equal(rmdir(clinic->aside), 0);
    fixture_teardown(&clinic->fixture);
    free(clinic);
    return 0;
}

static void examine(struct clinic *clinic) {
    struct error error = {0};
    clinic->damage = (struct journal_damage){0};
    if (journal_examine(&clinic->fixture.options, &clinic->damage, &error) < 0) {
        fail_msg("journal_examine: %s", error.text);
    }
}

static void mend(struct clinic *clinic) {
    struct error error = {0};
    if (journal_mend(&clinic->fixture.options, &clinic->damage, clinic->aside, &error) < 0) {
        fail_msg("journal_mend: %s", error.text);
    }
}

/* It opens, verifies and goes on; returns where it stood. */
static struct position opened(struct clinic *clinic) {
    struct journal *journal = fixture_open(&clinic->fixture);
    struct position head = journal_head(journal);
    struct journal_reader *reader = fixture_reader(&clinic->fixture);
    int64_t checked = 0;
    assert_int_equal(fixture_append(journal, 3).seq, head.seq + 3);
    assert_int_equal(fixture_verify(reader, &checked, NULL), 0);
    journal_reader_close(&reader);
    journal_close(&journal);
    return head;
}

static bool is_aside(const struct clinic *clinic, const char *name) {
    char path[400];
    path_in(clinic->aside, name, path);
    return access(path, F_OK) == 0;
}

static void what_is_whole_is_left_alone(void **state) {
    struct clinic *clinic = *state;
    examine(clinic);
    assert_true(journal_is_whole(&clinic->damage));
    assert_int_equal(clinic->damage.good.seq, BLOCKS * EVENTS);
    assert_int_equal(clinic->damage.blocks_with_side, BLOCKS);
}

static void from_the_first_bad_block_on_is_cut(void **state) {
    struct clinic *clinic = *state;
    fixture_flip(&clinic->fixture, "head", "bytes", 2 * EVENTS + 1, -1);
    examine(clinic);
    const struct journal_loss *cut = &clinic->damage.cut;
    assert_int_equal(cut->first, 2 * EVENTS + 1);
    assert_int_equal(cut->last, BLOCKS * EVENTS);
    assert_int_equal(cut->events, 3 * EVENTS);
    assert_true(cut->readable >= 2 * EVENTS && cut->types[EVENT_CONTACT_SET] == cut->readable);
    assert_non_null(strstr(cut->why, "head row 41"));
    assert_int_equal(journal_may_mend(&clinic->damage, NULL), 0);
    mend(clinic);
    assert_true(is_aside(clinic, "journal.db") && is_aside(clinic, "journal.witness"));
    struct position head = opened(clinic);
    assert_int_equal(head.seq, 2 * EVENTS);
    assert_int_equal(head.epoch, 2);
}

static void a_side_that_is_lost_costs_only_itself(void **state) {
    struct clinic *clinic = *state;
    fixture_flip(&clinic->fixture, "side", "bytes", EVENTS + 1, 30);
    examine(clinic);
    assert_int_equal(clinic->damage.cut.first, 0);
    assert_int_equal(clinic->damage.sides.first, EVENTS + 1);
    assert_int_equal(clinic->damage.sides.events, EVENTS);
    assert_int_equal(clinic->damage.blocks_without_side, 1);
    mend(clinic);
    assert_int_equal(opened(clinic).seq, BLOCKS * EVENTS);
    struct journal_reader *reader = fixture_reader(&clinic->fixture);
    struct arena *arena = arena_create(SIZE_MAX);
    struct journal_block block;
    assert_int_equal(journal_read(reader, EVENTS, true, arena, &block, NULL), 1);
    assert_int_equal(block.side.length, 0);
    assert_int_equal(journal_read(reader, 0, true, arena, &block, NULL), 1);
    assert_true(block.side.length > 0);
    arena_destroy(&arena);
    journal_reader_close(&reader);
}

static void the_log_gives_back_what_it_still_has(void **state) {
    struct clinic *clinic = *state;
    fixture_flip(&clinic->fixture, "head", "bytes", 2 * EVENTS + 1, -1);
    examine(clinic);
    assert_false(journal_is_whole(&clinic->damage));
    assert_int_equal(clinic->damage.cut.first, 0);
    assert_int_equal(clinic->damage.kept.seq, 2 * EVENTS);
    assert_int_equal(clinic->damage.good.seq, BLOCKS * EVENTS);
    assert_non_null(strstr(clinic->damage.derived, "head row 41"));
    mend(clinic);
    assert_true(is_aside(clinic, "journal.log"));
    assert_int_equal(opened(clinic).seq, BLOCKS * EVENTS);
}

/* An older database is put back: it does not open, but the log has what it lost. */
static void a_database_that_lost_its_end_is_no_whole_one(void **state) {
    struct clinic *clinic = *state;
    struct journal *journal = NULL;
    fixture_sql(&clinic->fixture, "DELETE FROM head WHERE first > 41; DELETE FROM side WHERE first > 41");
    assert_int_equal(journal_open(&journal, &clinic->fixture.options, NULL), -ERR_CORRUPT);
    examine(clinic);
    assert_false(journal_is_whole(&clinic->damage));
    assert_int_equal(clinic->damage.cut.first, 0);
    assert_non_null(strstr(clinic->damage.derived, "it held all up to seq 100"));
    mend(clinic);
    assert_int_equal(opened(clinic).seq, BLOCKS * EVENTS);
}

/* The record of the third block, by its bytes: none but it begins where that block's does. */
static void damage_record(struct clinic *clinic, size_t number) {
    char path[400];
    fixture_file(&clinic->fixture, "journal.log", path);
    FILE *file = fopen(path, "r+");
    assert_non_null(file);
    uint8_t sector[512];
    size_t records = 0;
    long at = 4096;
    static const uint8_t zeros[64];
    uint8_t magic[8] = {0};
    while (records <= number) {
        assert_int_equal(fseek(file, at, SEEK_SET), 0);
        assert_int_equal(fread(sector, 1, sizeof sector, file), sizeof sector);
        memcpy(magic, at == 4096 ? sector : magic, sizeof magic);
        assert_memory_not_equal(at == 4096 ? sector : magic, zeros, sizeof magic);
        records += memcmp(sector, magic, sizeof magic) == 0;
        at += 512;
    }
    assert_int_equal(fseek(file, at - 512 + 400, SEEK_SET), 0);
    assert_int_equal(fputc(sector[400] ^ 1, file), sector[400] ^ 1);
    fclose(file);
}

static void a_damaged_record_of_the_log_ends_what_it_gives(void **state) {
    struct clinic *clinic = *state;
    fixture_flip(&clinic->fixture, "head", "bytes", EVENTS + 1, -1);
    damage_record(clinic, 2);
    examine(clinic);
    assert_int_equal(clinic->damage.good.seq, BLOCKS * EVENTS); /* the database has the third block */
    fixture_flip(&clinic->fixture, "head", "bytes", 2 * EVENTS + 1, -1);
    examine(clinic);
    assert_int_equal(clinic->damage.kept.seq, EVENTS);
    assert_int_equal(clinic->damage.good.seq, 2 * EVENTS);
    assert_int_equal(clinic->damage.cut.first, 2 * EVENTS + 1);
    assert_int_equal(clinic->damage.cut.last, BLOCKS * EVENTS);
    assert_non_null(strstr(clinic->damage.log, "journal.log at byte"));
    mend(clinic);
    assert_int_equal(opened(clinic).seq, 2 * EVENTS);
}

/* Killed before anything was moved: the log alone has it. */
static void what_only_the_log_holds_is_good(void **state) {
    struct clinic *clinic = *state;
    struct journal_fixture image;
    struct journal *journal = fixture_open(&clinic->fixture);
    fixture_append(journal, EVENTS);
    fixture_crash(&clinic->fixture, &image);
    journal_close(&journal);
    struct journal_damage damage = {0};
    assert_int_equal(journal_examine(&image.options, &damage, NULL), 0);
    assert_true(journal_is_whole(&damage));
    assert_int_equal(damage.good.seq, (BLOCKS + 1) * EVENTS);
    assert_true(damage.kept.seq <= damage.good.seq);
    fixture_teardown(&image);
}

static void a_damaged_head_of_the_log_is_named(void **state) {
    struct clinic *clinic = *state;
    char path[400];
    fixture_file(&clinic->fixture, "journal.log", path);
    FILE *file = fopen(path, "r+");
    assert_non_null(file);
    assert_int_equal(fseek(file, 20, SEEK_SET), 0);
    assert_int_equal(fputc(0x5A, file), 0x5A);
    fclose(file);
    examine(clinic);
    assert_false(journal_is_whole(&clinic->damage));
    assert_int_equal(clinic->damage.cut.first, 0);
    assert_non_null(strstr(clinic->damage.log, "journal.log"));
    mend(clinic);
    assert_int_equal(opened(clinic).seq, BLOCKS * EVENTS);
}

/* Killed with all in the database, which says that there was a log: what that held is accepted as lost. */
static void a_missing_log_is_named(void **state) {
    struct clinic *clinic = *state;
    struct journal_fixture image;
    char path[400];
    struct journal *journal = fixture_open(&clinic->fixture);
    assert_int_equal(journal_settle(journal, NULL), 0);
    fixture_crash(&clinic->fixture, &image);
    journal_close(&journal);
    fixture_file(&image, "journal.log", path);
    assert_int_equal(unlink(path), 0);
    struct journal_damage damage = {0};
    assert_int_equal(journal_examine(&image.options, &damage, NULL), 0);
    assert_string_equal(damage.log, "journal.log is missing");
    assert_false(journal_is_whole(&damage));
    assert_int_equal(damage.cut.first, 0);
    assert_int_equal(damage.good.seq, BLOCKS * EVENTS);
    assert_int_equal(journal_mend(&image.options, &damage, clinic->aside, NULL), 0);
    journal = fixture_open(&image);
    assert_int_equal(journal_head(journal).seq, BLOCKS * EVENTS);
    assert_int_equal(journal_head(journal).epoch, damage.epoch + 1);
    journal_close(&journal);
    fixture_teardown(&image);
}

static void with_another_key_nothing_is_dropped(void **state) {
    struct clinic *clinic = *state;
    clinic->fixture.key[0] ^= 1;
    examine(clinic);
    assert_int_equal(clinic->damage.blocks_without_side, BLOCKS);
    assert_int_equal(journal_may_mend(&clinic->damage, NULL), -ERR_CORRUPT);
    clinic->fixture.key[0] ^= 1;
}

static void without_a_first_block_nothing_is_dropped(void **state) {
    struct clinic *clinic = *state;
    fixture_flip(&clinic->fixture, "head", "bytes", 1, 3);
    examine(clinic);
    assert_int_equal(clinic->damage.cut.first, 1);
    assert_int_equal(journal_may_mend(&clinic->damage, NULL), -ERR_CORRUPT);
}

static void meta_and_witness_stand_for_each_other(void **state) {
    struct clinic *clinic = *state;
    fixture_sql(&clinic->fixture, "UPDATE meta SET value = value + 1 WHERE name = 'journal'");
    examine(clinic);
    assert_non_null(strstr(clinic->damage.derived, "the journal's id"));
    mend(clinic);
    assert_int_equal(opened(clinic).seq, BLOCKS * EVENTS);
    char path[400];
    path_in(clinic->fixture.directory, "journal.witness", path);
    assert_int_equal(unlink(path), 0);
    examine(clinic);
    assert_non_null(strstr(clinic->damage.witness, "missing"));
    mend(clinic);
    assert_int_equal(opened(clinic).epoch, 3);
}

static void an_epoch_that_only_one_of_them_knows_is_refused(void **state) {
    struct clinic *clinic = *state;
    struct journal *journal = NULL;
    struct error error = {0};
    fixture_sql(&clinic->fixture, "UPDATE meta SET value = 3 WHERE name = 'epoch'");
    assert_int_equal(journal_open(&journal, &clinic->fixture.options, &error), -ERR_CORRUPT);
    assert_non_null(strstr(error.text, "another epoch"));
    examine(clinic);
    assert_false(journal_is_whole(&clinic->damage));
}

static void positions_are_looked_up(void **state) {
    struct clinic *clinic = *state;
    examine(clinic);
    struct position good = clinic->damage.good;
    struct position other = good;
    other.hash ^= 1;
    struct journal_damage again = {.asked = {{.position = good}, {.position = other}, {.position = {0}}},
                                   .asked_count = 3};
    assert_int_equal(journal_examine(&clinic->fixture.options, &again, NULL), 0);
    assert_true(again.asked[0].holds);
    assert_false(again.asked[1].holds);
    assert_true(again.asked[2].holds);
}

/* Complete, but not in its place: the journal does not open, and the next repair goes on. */
static void a_repair_is_finished(void **state) {
    struct clinic *clinic = *state;
    char from[400];
    char to[400];
    struct journal *journal = NULL;
    path_in(clinic->fixture.directory, "journal.db", from);
    path_in(clinic->fixture.directory, "journal.mended", to);
    assert_int_equal(rename(from, to), 0);
    assert_int_equal(journal_open(&journal, &clinic->fixture.options, NULL), -ERR_CORRUPT);
    examine(clinic);
    assert_true(clinic->damage.interrupted);
    assert_int_equal(clinic->damage.cut.first, 0);
    mend(clinic);
    assert_int_equal(opened(clinic).seq, BLOCKS * EVENTS);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
#define TEST_WITH_LOG(name) cmocka_unit_test_setup_teardown(name, setup_with_log, teardown)
    const struct CMUnitTest tests[] = {
        TEST(what_is_whole_is_left_alone),
        TEST(from_the_first_bad_block_on_is_cut),
        TEST(a_side_that_is_lost_costs_only_itself),
        TEST(with_another_key_nothing_is_dropped),
        TEST(without_a_first_block_nothing_is_dropped),
        TEST(meta_and_witness_stand_for_each_other),
        TEST(an_epoch_that_only_one_of_them_knows_is_refused),
        TEST(positions_are_looked_up),
        TEST(a_repair_is_finished),
        TEST_WITH_LOG(the_log_gives_back_what_it_still_has),
        TEST_WITH_LOG(a_database_that_lost_its_end_is_no_whole_one),
        TEST_WITH_LOG(a_damaged_record_of_the_log_ends_what_it_gives),
        TEST_WITH_LOG(what_only_the_log_holds_is_good),
        TEST_WITH_LOG(a_damaged_head_of_the_log_is_named),
        TEST_WITH_LOG(a_missing_log_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
