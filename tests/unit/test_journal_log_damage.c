/* Damage to the log: whatever is cut, flipped, missing or exchanged is named; what is not the log's harms nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sodium.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/journal/repair.h"
#include "tests/unit/log_image.h"

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

/* Five blocks that only the log holds. */
static void make_pending(struct journal_fixture *fixture, struct journal_fixture *image) {
    struct journal *journal = fixture_open(fixture);
    for (int i = 0; i < 5; i++) {
        fixture_append(journal, 5);
    }
    image_take(journal, fixture, image);
    journal_close(&journal);
}

/* A bit of a record that others follow on: the record is named by its place, or the one behind the gap is. */
static void a_flipped_bit_is_named(void **state) {
    struct journal_fixture *fixture = *state;
    struct journal_fixture image;
    size_t length = 0;
    make_pending(fixture, &image);
    long at = image_place(&image, 6, &length);
    for (long byte = 0; byte < (long)length - 400; byte += byte < RECORD_HEADER_BYTES ? 3 : 61) {
        image_flip(&image, LOG_NAME, at + byte);
        image_refuses(&image, byte < RECORD_HEADER_BYTES ? "seq 6 before it is missing" : "seq 6: its checksum");
        image_refuses(&image, "journal.log");
        image_flip(&image, LOG_NAME, at + byte);
    }
    image_opens(&image, 25);
    fixture_teardown(&image);
}

/* Nothing follows on the last record: the witness knows that it was there. */
static void damage_of_the_last_record_is_told_by_the_witness(void **state) {
    struct journal_fixture *fixture = *state;
    struct journal_fixture image;
    size_t length = 0;
    char word[80];
    make_pending(fixture, &image);
    long at = image_place(&image, 21, &length);
    image_flip(&image, LOG_NAME, at + RECORD_HEADER_BYTES + 10);
    snprintf(word, sizeof word, "journal.log at byte %ld: the record of seq 21 is damaged", at);
    image_refuses(&image, word);
    image_flip(&image, LOG_NAME, at + RECORD_HEADER_BYTES + 10);
    image_flip(&image, LOG_NAME, at + 9);
    snprintf(word, sizeof word, "it ends at seq 20 (journal.log at byte %ld)", at);
    image_refuses(&image, word);
    fixture_teardown(&image);
}

static void a_damaged_head_of_the_log_is_refused(void **state) {
    struct journal_fixture *fixture = *state;
    struct journal_fixture image;
    make_pending(fixture, &image);
    for (long at = 0; at < 100; at++) {
        image_flip(&image, LOG_NAME, at);
        image_refuses(&image, "journal.log");
        image_flip(&image, LOG_NAME, at);
    }
    image_opens(&image, 25);
    fixture_teardown(&image);
}

static void a_log_that_is_cut_or_gone_is_refused(void **state) {
    struct journal_fixture *fixture = *state;
    struct journal_fixture image;
    char path[400];
    struct stat status;
    make_pending(fixture, &image);
    fixture_file(&image, LOG_NAME, path);
    assert_int_equal(stat(path, &status), 0);
    const off_t cuts[] = {status.st_size - 1, status.st_size / 2, LOG_HEAD_BYTES, 100, 0};
    for (size_t i = 0; i < sizeof cuts / sizeof *cuts; i++) {
        assert_int_equal(truncate(path, cuts[i]), 0);
        image_refuses(&image, "journal.log");
    }
    assert_int_equal(unlink(path), 0);
    image_refuses(&image, "journal.log is damaged: it is missing");
    fixture_teardown(&image);
}

/* Killed when all was moved: the witness cannot know that nothing is lost, nor that something is, behind a power cut. */
static void a_log_that_is_gone_is_told_by_the_database(void **state) {
    struct journal_fixture *fixture = *state;
    struct journal_fixture image;
    char path[400];
    struct journal *journal = fixture_open(fixture);
    fixture_append(journal, 5);
    assert_int_equal(journal_settle(journal, NULL), 0);
    image_take(journal, fixture, &image);
    journal_close(&journal);
    fixture_file(&image, LOG_NAME, path);
    assert_int_equal(unlink(path), 0);
    for (int round = 0; round < 2; round++) { /* nothing is made in its place */
        image_refuses(&image, "journal.log is damaged: it is missing");
    }
    fixture_teardown(&image);
}

/* Of a journal that was closed the database is all: the log may be gone, but the database may not be older. */
static void a_closed_journal_does_not_need_its_log(void **state) {
    struct journal_fixture *fixture = *state;
    struct journal_fixture older;
    char path[400];
    struct journal *journal = fixture_open(fixture);
    fixture_append(journal, 5);
    journal_close(&journal);
    fixture_crash(fixture, &older);
    journal = fixture_open(fixture);
    fixture_append(journal, 5);
    journal_close(&journal);
    struct journal_fixture image;
    fixture_crash(fixture, &image);
    fixture_file(&image, LOG_NAME, path);
    assert_int_equal(unlink(path), 0);
    image_opens(&image, 10);
    fixture_teardown(&image);
    char from[400];
    fixture_file(&older, "journal.db", from);
    fixture_file(fixture, "journal.db", path);
    assert_int_equal(rename(from, path), 0);
    image_refuses(fixture, "it ends at seq 5, it held all up to seq 10");
    fixture_teardown(&older);
}

static void the_log_of_another_journal_is_refused(void **state) {
    struct journal_fixture *fixture = *state;
    struct journal_fixture other;
    struct journal_fixture image;
    char ours[400];
    char theirs[400];
    fixture_setup(&other);
    struct journal *journal = fixture_open(&other);
    journal_close(&journal);
    make_pending(fixture, &image);
    fixture_file(&other, LOG_NAME, theirs);
    fixture_file(&image, LOG_NAME, ours);
    assert_int_equal(rename(theirs, ours), 0);
    image_refuses(&image, "of another journal");
    fixture_teardown(&image);
    fixture_teardown(&other);
}

/* With another side key nothing of the log can be told apart: it is refused, not taken for empty. */
static void the_wrong_side_key_does_not_empty_the_log(void **state) {
    struct journal_fixture *fixture = *state;
    struct journal_fixture image;
    make_pending(fixture, &image);
    image.key[3] ^= 1;
    image_refuses(&image, "side.key");
    image.key[3] ^= 1;
    image_opens(&image, 25);
    fixture_teardown(&image);
}

/* What a client sends may look like a record, as far as one can make it without the key: it is none. */
static void bytes_that_look_like_a_record_are_none(void **state) {
    struct journal_fixture *fixture = *state;
    struct journal_fixture image;
    struct journal *journal = fixture_open(fixture);
    struct record record = {.journal = journal_head(journal).journal, .epoch = 1, .first = 26, .count = 3};
    uint8_t header[RECORD_SECTOR] = {0};
    uint8_t key[RECORD_KEY_BYTES] = {0};
    journal_close(&journal);
    make_pending(fixture, &image);
    record_encode(&record, key, header);
    image_overwrite(&image, LOG_NAME, LOG_HEAD_BYTES + 200 * RECORD_SECTOR, header, sizeof header);
    crypto_generichash(header + RECORD_HEADER_BYTES - HASH_BYTES, HASH_BYTES, header, RECORD_HEADER_BYTES - HASH_BYTES,
                       NULL, 0);
    image_overwrite(&image, LOG_NAME, LOG_HEAD_BYTES + 201 * RECORD_SECTOR, header, sizeof header);
    image_opens(&image, 25);
    fixture_teardown(&image);
}

/* Marks can be derived only by who knows how. */
static void blocks_that_nobody_can_take_over_are_refused(void **state) {
    struct journal_fixture *fixture = *state;
    struct journal_fixture image;
    make_pending(fixture, &image);
    image.options.derive = NULL;
    image_refuses(&image, "only intake can take them over");
    image.options.derive = fixture_derive;
    image_opens(&image, 25);
    fixture_teardown(&image);
}

/* Without a tail the database is used alone: what the log held is taken over first, and nothing of it stays there. */
static void a_log_is_taken_over_by_who_does_without(void **state) {
    struct journal_fixture *fixture = *state;
    struct journal_fixture image;
    size_t length = 0;
    make_pending(fixture, &image);
    assert_true(image_place(&image, 21, &length) > 0);
    fixture_without_log(&image);
    image_opens(&image, 25);
    assert_false(fixture_file_holds(&image, LOG_NAME, "CXRECORD", 8));
    image.options.tail = journal_tail_create();
    image_opens(&image, 27);
    fixture_teardown(&image);
}

/* A repair takes what is whole, and tells of the rest. */
static void a_repair_takes_the_log_up_to_its_damage(void **state) {
    struct journal_fixture *fixture = *state;
    struct journal_fixture image;
    size_t length = 0;
    make_pending(fixture, &image);
    image_flip(&image, LOG_NAME, image_place(&image, 11, &length) + RECORD_HEADER_BYTES + 20);
    image_refuses(&image, "seq 11: its checksum");
    struct journal_damage damage = {0};
    assert_int_equal(journal_examine(&image.options, &damage, NULL), 0);
    assert_int_equal(damage.good.seq, 10);
    assert_int_equal(damage.cut.first, 11);
    assert_non_null(strstr(damage.log, "journal.log at byte"));
    fixture_teardown(&image);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_flipped_bit_is_named, setup, teardown),
        cmocka_unit_test_setup_teardown(damage_of_the_last_record_is_told_by_the_witness, setup, teardown),
        cmocka_unit_test_setup_teardown(a_repair_takes_the_log_up_to_its_damage, setup, teardown),
        cmocka_unit_test_setup_teardown(a_damaged_head_of_the_log_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(a_log_that_is_cut_or_gone_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(a_log_that_is_gone_is_told_by_the_database, setup, teardown),
        cmocka_unit_test_setup_teardown(a_closed_journal_does_not_need_its_log, setup, teardown),
        cmocka_unit_test_setup_teardown(the_log_of_another_journal_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(the_wrong_side_key_does_not_empty_the_log, setup, teardown),
        cmocka_unit_test_setup_teardown(bytes_that_look_like_a_record_are_none, setup, teardown),
        cmocka_unit_test_setup_teardown(blocks_that_nobody_can_take_over_are_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(a_log_is_taken_over_by_who_does_without, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
