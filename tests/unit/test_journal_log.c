/* The log in front of the journal's database: what only it holds is read like everything else, survives a crash at any
 * point, and is never less than what was acknowledged without a word.
 *
 * A crash is a copy of the files at that moment; then sectors of it are torn, bits flipped, files cut or taken away. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/journal/writer.h"
#include "tests/unit/fault_vfs.h"
#include "tests/unit/journal_fixture.h"

#define SMALL_LOG_BYTES 32768

struct logged {
    struct journal_fixture fixture;
    struct fault_plan *plan;
};

static int install(void **state) {
    static struct logged logged;
    logged.plan = fault_vfs_install();
    *state = &logged;
    return 0;
}

static int setup(void **state) {
    struct logged *logged = *state;
    fixture_setup(&logged->fixture);
    fault_plan_reset(logged->plan);
    return 0;
}

static int teardown(void **state) {
    struct logged *logged = *state;
    fixture_teardown(&logged->fixture);
    return 0;
}

/* ---- looking at it ---- */

/* Opens what a crash left: it must end at `seq` and be whole. */
static void assert_opens(const struct journal_fixture *image, uint64_t seq) {
    struct journal *journal = fixture_open(image);
    struct journal_reader *reader = fixture_reader(image);
    struct error error = {0};
    int64_t checked = 0;
    assert_int_equal(journal_head(journal).seq, seq);
    if (fixture_verify(reader, &checked, &error) != 0) {
        fail_msg("%s", error.text);
    }
    assert_true(checked >= (int64_t)seq * 2);
    fixture_append(journal, 2);
    journal_reader_close(&reader);
    journal_close(&journal);
}

static void assert_refuses(const struct journal_fixture *image, const char *word) {
    struct journal *journal = NULL;
    struct error error = {0};
    assert_int_equal(journal_open(&journal, &image->options, &error), -(int)ERR_CORRUPT);
    if (!strstr(error.text, word)) {
        fail_msg("\"%s\" does not name \"%s\"", error.text, word);
    }
}

/* Where the record of the block that begins with `first` lies in the log; `*length` gets its bytes. */
static long place_of(const struct journal_fixture *fixture, uint64_t first, size_t *length) {
    char path[400];
    uint8_t header[RECORD_HEADER_BYTES];
    struct side_cipher cipher = {0};
    uint8_t key[RECORD_KEY_BYTES];
    struct record record;
    memcpy(cipher.key, fixture->key, sizeof cipher.key);
    record_key(&cipher, key);
    fixture_file(fixture, LOG_NAME, path);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    long found = -1;
    for (long at = LOG_HEAD_BYTES; found < 0 && fseek(file, at, SEEK_SET) == 0; at += RECORD_SECTOR) {
        if (fread(header, 1, sizeof header, file) != sizeof header) {
            break;
        }
        if (record_decode(header, key, &record) && record.first == first) {
            found = at;
            *length = record_bytes(&record);
        }
    }
    fclose(file);
    assert_true(found > 0);
    return found;
}

static void overwrite(const struct journal_fixture *fixture, const char *name, long at, const void *bytes,
                      size_t length) {
    char path[400];
    fixture_file(fixture, name, path);
    FILE *file = fopen(path, "rb+");
    assert_non_null(file);
    assert_int_equal(fseek(file, at, SEEK_SET), 0);
    assert_int_equal(fwrite(bytes, 1, length, file), length);
    fclose(file);
}

static void flip(const struct journal_fixture *fixture, const char *name, long at) {
    char path[400];
    fixture_file(fixture, name, path);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    assert_int_equal(fseek(file, at, SEEK_SET), 0);
    uint8_t byte = (uint8_t)fgetc(file);
    fclose(file);
    byte ^= 4;
    overwrite(fixture, name, at, &byte, 1);
}

/* What a crash at this moment leaves: the mover does not write while the files are copied. */
static void crash(struct journal *journal, const struct journal_fixture *fixture, struct journal_fixture *image) {
    pthread_mutex_lock(&journal->mover.database_lock);
    fixture_crash(fixture, image);
    pthread_mutex_unlock(&journal->mover.database_lock);
}

/* ---- one write, one sync ---- */

static void a_block_is_one_write_and_one_sync(void **state) {
    struct logged *logged = *state;
    struct journal *journal = fixture_open(&logged->fixture);
    fault_plan_reset(logged->plan);
    for (uint32_t i = 0; i < 10; i++) {
        fixture_append(journal, 1 + i);
        assert_int_equal(logged->plan->log_writes, i + 1);
        assert_int_equal(logged->plan->log_syncs, i + 1);
    }
    assert_int_equal(journal_settle(journal, NULL), 0);
    assert_true(logged->plan->syncs > 0 && logged->plan->syncs <= 2); /* the mover's own tick may have been first */
    assert_int_equal(logged->plan->log_syncs, 10);
    journal_close(&journal);
}

/* ---- readers ---- */

static void append_both(struct journal *one, struct journal *other, uint32_t count) {
    struct built_block built;
    struct position after;
    built_block_make(&built, journal_head(one).seq + 1, count);
    assert_int_equal(journal_append(one, &built.block, &after, NULL), 0);
    assert_int_equal(journal_append(other, &built.block, &after, NULL), 0);
    built_block_free(&built);
}

static void assert_same_block(struct journal_reader *one, struct journal_reader *other, uint64_t after) {
    struct arena *arena = arena_create(SIZE_MAX);
    struct journal_block left;
    struct journal_block right;
    assert_int_equal(journal_read(one, after, true, arena, &left, NULL), 1);
    assert_int_equal(journal_read(other, after, true, arena, &right, NULL), 1);
    assert_int_equal(left.first, right.first);
    assert_int_equal(left.count, right.count);
    assert_int_equal(left.epoch, right.epoch);
    assert_true(text_equal(left.head, right.head));
    assert_true(text_equal(left.side, right.side));
    arena_destroy(&arena);
}

static void assert_same_lookups(struct journal_reader *one, struct journal_reader *other, uint64_t seqs) {
    struct id left[300];
    struct id right[300];
    uint64_t left_seqs[50];
    uint64_t right_seqs[50];
    for (uint64_t seq = 0; seq <= seqs + 1; seq++) {
        struct id id = fixture_id(seq);
        uint64_t found = 0;
        assert_int_equal(journal_find(one, &id, &found, NULL), seq >= 1 && seq <= seqs);
        assert_int_equal(journal_find(other, &id, &found, NULL), seq >= 1 && seq <= seqs);
        assert_int_equal(found, seq >= 1 && seq <= seqs ? seq : 0);
        uint32_t max = (uint32_t)(1 + seq % 50);
        int count = journal_marked(one, text_of("P7"), seq, left_seqs, max, NULL);
        assert_int_equal(journal_marked(other, text_of("P7"), seq, right_seqs, max, NULL), count);
        assert_memory_equal(left_seqs, right_seqs, (size_t)count * sizeof *left_seqs);
        count = journal_ids_from(one, &id, left, max * 6, NULL);
        assert_int_equal(journal_ids_from(other, &id, right, max * 6, NULL), count);
        assert_memory_equal(left, right, (size_t)count * sizeof *left);
    }
    struct position head;
    assert_int_equal(journal_reader_head(one, &head, NULL), 0);
    assert_int_equal(head.seq, seqs);
}

/* The same blocks through the log and without it: whatever is asked, whether all, some or nothing was moved, the
 * answers are the same. */
static void with_and_without_the_log_all_answers_are_the_same(void **state) {
    struct logged *logged = *state;
    struct journal_fixture plain;
    fixture_setup(&plain);
    fixture_without_log(&plain);
    struct journal *one = fixture_open(&logged->fixture);
    struct journal *other = fixture_open(&plain);
    struct journal_reader *one_reader = fixture_reader(&logged->fixture);
    struct journal_reader *other_reader = fixture_reader(&plain);
    for (uint32_t round = 0; round < 4; round++) {
        for (uint32_t i = 0; i < 10; i++) {
            append_both(one, other, 1 + (i * 7 + round) % 13);
        }
        uint64_t head = journal_head(one).seq;
        for (uint64_t after = 0; after < head; after++) {
            assert_same_block(one_reader, other_reader, after);
        }
        assert_same_lookups(one_reader, other_reader, head);
        if (round % 2 == 1) {
            assert_int_equal(journal_settle(one, NULL), 0);
            assert_same_lookups(one_reader, other_reader, head);
        }
    }
    journal_reader_close(&one_reader);
    journal_reader_close(&other_reader);
    journal_close(&one);
    journal_close(&other);
    fixture_teardown(&plain);
}

static void a_block_that_is_too_large_goes_past_the_log(void **state) {
    struct logged *logged = *state;
    logged->fixture.options.log_bytes = SMALL_LOG_BYTES;
    struct journal *journal = fixture_open(&logged->fixture);
    fixture_append(journal, 3);
    fixture_append(journal, 500);
    fixture_append(journal, 3);
    struct journal_fixture image;
    crash(journal, &logged->fixture, &image);
    assert_opens(&image, 506);
    fixture_teardown(&image);
    journal_close(&journal);
}

/* ---- crashes ---- */

/* A log so small that it is begun again every few blocks: whatever it holds of earlier turns, a crash at any moment
 * leaves what was acknowledged. */
static void a_crash_at_any_moment_loses_nothing(void **state) {
    struct logged *logged = *state;
    logged->fixture.options.log_bytes = SMALL_LOG_BYTES;
    struct journal *journal = fixture_open(&logged->fixture);
    uint64_t seq = 0;
    for (uint32_t i = 0; i < 60; i++) {
        seq = fixture_append(journal, 1 + i % 17).seq;
        if (i % 2 == 0) {
            continue;
        }
        if (i % 9 == 0) {
            assert_int_equal(journal_settle(journal, NULL), 0);
        }
        struct journal_fixture image;
        crash(journal, &logged->fixture, &image);
        assert_opens(&image, seq);
        fixture_teardown(&image);
    }
    journal_close(&journal);
    assert_opens(&logged->fixture, seq);
}

/* The crash image of two blocks and a third whose write had not been synced: its sectors are those of `torn`, and the
 * witness is as it was before. */
static void crash_torn(const struct journal_fixture *fixture, const struct journal_fixture *before, uint64_t last,
                       uint64_t lost, struct journal_fixture *image) {
    static const uint8_t zeros[RECORD_SECTOR];
    size_t length = 0;
    fixture_crash(fixture, image);
    long at = place_of(image, last, &length);
    for (size_t sector = 0; sector * RECORD_SECTOR < length; sector++) {
        if (lost >> sector & 1) {
            overwrite(image, LOG_NAME, at + (long)(sector * RECORD_SECTOR), zeros, sizeof zeros);
        }
    }
    char from[400];
    char to[400];
    fixture_file(before, "journal.witness", from);
    fixture_file(image, "journal.witness", to);
    assert_int_equal(rename(from, to), 0);
}

static size_t sectors_with_bytes(const struct journal_fixture *fixture, uint64_t first) {
    size_t length = 0;
    place_of(fixture, first, &length);
    return length / RECORD_SECTOR;
}

/* Every subset of the sectors of the last record is lost: it is there only when all of them are. */
static void a_torn_last_record_was_never_acknowledged(void **state) {
    struct logged *logged = *state;
    struct journal *journal = fixture_open(&logged->fixture);
    fixture_append(journal, 5);
    fixture_append(journal, 5);
    struct journal_fixture at_last;
    struct journal_fixture before;
    crash(journal, &logged->fixture, &before);
    fixture_append(journal, 5);
    crash(journal, &logged->fixture, &at_last);
    size_t sectors = sectors_with_bytes(&at_last, 11);
    assert_in_range(sectors, 3, 8);
    for (uint64_t lost = 0; lost < 1u << sectors; lost++) {
        struct journal_fixture image;
        struct journal_fixture witness;
        fixture_crash(&before, &witness);
        crash_torn(&at_last, &witness, 11, lost, &image);
        assert_opens(&image, lost == 0 ? 15 : 10);
        fixture_teardown(&image);
        fixture_teardown(&witness);
    }
    fixture_teardown(&before);
    fixture_teardown(&at_last);
    journal_close(&journal);
}

/* What is left of a torn record must not stand in the way later, nor come back. */
static void remains_of_a_torn_record_do_no_harm(void **state) {
    struct logged *logged = *state;
    struct journal *journal = fixture_open(&logged->fixture);
    struct journal_fixture before;
    struct journal_fixture image;
    fixture_append(journal, 5);
    fixture_append(journal, 5);
    crash(journal, &logged->fixture, &before);
    fixture_append(journal, 40);
    struct journal_fixture whole;
    crash(journal, &logged->fixture, &whole);
    journal_close(&journal);
    crash_torn(&whole, &before, 11, 2, &image);
    fixture_teardown(&whole);
    uint64_t seq = 10;
    for (int round = 0; round < 6; round++) {
        struct journal_fixture next;
        journal = fixture_open(&image);
        assert_int_equal(journal_head(journal).seq, seq);
        seq = fixture_append(journal, 1).seq;
        crash(journal, &image, &next);
        journal_close(&journal);
        fixture_teardown(&image);
        image = next; /* its tail and directory go with it */
        image.options.directory = image.directory;
        image.options.side_key = image.key;
    }
    assert_opens(&image, seq);
    fixture_teardown(&image);
    fixture_teardown(&before);
}

/* ---- damage ---- */

/* Five blocks that only the log holds. */
static void make_pending(struct logged *logged, struct journal_fixture *image) {
    struct journal *journal = fixture_open(&logged->fixture);
    for (int i = 0; i < 5; i++) {
        fixture_append(journal, 5);
    }
    crash(journal, &logged->fixture, image);
    journal_close(&journal);
}

/* A bit of a record that others follow on: the record is named by its place, or the one behind the gap is. */
static void a_flipped_bit_is_named(void **state) {
    struct logged *logged = *state;
    struct journal_fixture image;
    size_t length = 0;
    make_pending(logged, &image);
    long at = place_of(&image, 6, &length);
    for (long byte = 0; byte < (long)length - 400; byte += byte < RECORD_HEADER_BYTES ? 3 : 61) {
        flip(&image, LOG_NAME, at + byte);
        assert_refuses(&image, byte < RECORD_HEADER_BYTES ? "seq 6 before it is missing" : "seq 6: its checksum");
        assert_refuses(&image, "journal.log");
        flip(&image, LOG_NAME, at + byte);
    }
    assert_opens(&image, 25);
    fixture_teardown(&image);
}

/* Nothing follows on the last record: the witness knows that it was there. */
static void damage_of_the_last_record_is_told_by_the_witness(void **state) {
    struct logged *logged = *state;
    struct journal_fixture image;
    size_t length = 0;
    char word[80];
    make_pending(logged, &image);
    long at = place_of(&image, 21, &length);
    flip(&image, LOG_NAME, at + RECORD_HEADER_BYTES + 10);
    snprintf(word, sizeof word, "journal.log at byte %ld: the record of seq 21 is damaged", at);
    assert_refuses(&image, word);
    flip(&image, LOG_NAME, at + RECORD_HEADER_BYTES + 10);
    flip(&image, LOG_NAME, at + 9);
    snprintf(word, sizeof word, "it ends at seq 20 (journal.log at byte %ld)", at);
    assert_refuses(&image, word);
    fixture_teardown(&image);
}

static void a_damaged_head_of_the_log_is_refused(void **state) {
    struct logged *logged = *state;
    struct journal_fixture image;
    make_pending(logged, &image);
    for (long at = 0; at < 100; at++) {
        flip(&image, LOG_NAME, at);
        assert_refuses(&image, "journal.log");
        flip(&image, LOG_NAME, at);
    }
    assert_opens(&image, 25);
    fixture_teardown(&image);
}

static void a_log_that_is_cut_or_gone_is_refused(void **state) {
    struct logged *logged = *state;
    struct journal_fixture image;
    char path[400];
    struct stat status;
    make_pending(logged, &image);
    fixture_file(&image, LOG_NAME, path);
    assert_int_equal(stat(path, &status), 0);
    const off_t cuts[] = {status.st_size - 1, status.st_size / 2, LOG_HEAD_BYTES, 100, 0};
    for (size_t i = 0; i < sizeof cuts / sizeof *cuts; i++) {
        assert_int_equal(truncate(path, cuts[i]), 0);
        assert_refuses(&image, "journal.log");
    }
    assert_int_equal(unlink(path), 0);
    assert_refuses(&image, "lost its tail");
    fixture_teardown(&image);
}

/* Of a journal that was closed the database is all: the log may be gone, but the database may not be older. */
static void a_closed_journal_does_not_need_its_log(void **state) {
    struct logged *logged = *state;
    struct journal_fixture older;
    char path[400];
    struct journal *journal = fixture_open(&logged->fixture);
    fixture_append(journal, 5);
    journal_close(&journal);
    fixture_crash(&logged->fixture, &older);
    journal = fixture_open(&logged->fixture);
    fixture_append(journal, 5);
    journal_close(&journal);
    struct journal_fixture image;
    fixture_crash(&logged->fixture, &image);
    fixture_file(&image, LOG_NAME, path);
    assert_int_equal(unlink(path), 0);
    assert_opens(&image, 10);
    fixture_teardown(&image);
    char from[400];
    fixture_file(&older, "journal.db", from);
    fixture_file(&logged->fixture, "journal.db", path);
    assert_int_equal(rename(from, path), 0);
    assert_refuses(&logged->fixture, "it ends at seq 5, it held all up to seq 10");
    fixture_teardown(&older);
}

static void the_log_of_another_journal_is_refused(void **state) {
    struct logged *logged = *state;
    struct journal_fixture other;
    struct journal_fixture image;
    char ours[400];
    char theirs[400];
    fixture_setup(&other);
    struct journal *journal = fixture_open(&other);
    journal_close(&journal);
    make_pending(logged, &image);
    fixture_file(&other, LOG_NAME, theirs);
    fixture_file(&image, LOG_NAME, ours);
    assert_int_equal(rename(theirs, ours), 0);
    assert_refuses(&image, "of another journal");
    fixture_teardown(&image);
    fixture_teardown(&other);
}

/* With another side key nothing of the log can be told apart: it is refused, not taken for empty. */
static void the_wrong_side_key_does_not_empty_the_log(void **state) {
    struct logged *logged = *state;
    struct journal_fixture image;
    make_pending(logged, &image);
    image.key[3] ^= 1;
    assert_refuses(&image, "side.key");
    image.key[3] ^= 1;
    assert_opens(&image, 25);
    fixture_teardown(&image);
}

/* What a client sends may look like a record, as far as one can make it without the key: it is none. */
static void bytes_that_look_like_a_record_are_none(void **state) {
    struct logged *logged = *state;
    struct journal_fixture image;
    struct journal *journal = fixture_open(&logged->fixture);
    struct record record = {.journal = journal_head(journal).journal, .epoch = 1, .first = 26, .count = 3};
    uint8_t header[RECORD_SECTOR] = {0};
    uint8_t key[RECORD_KEY_BYTES] = {0};
    journal_close(&journal);
    make_pending(logged, &image);
    record_encode(&record, key, header);
    overwrite(&image, LOG_NAME, LOG_HEAD_BYTES + 200 * RECORD_SECTOR, header, sizeof header);
    crypto_generichash(header + RECORD_HEADER_BYTES - HASH_BYTES, HASH_BYTES, header, RECORD_HEADER_BYTES - HASH_BYTES,
                       NULL, 0);
    overwrite(&image, LOG_NAME, LOG_HEAD_BYTES + 201 * RECORD_SECTOR, header, sizeof header);
    assert_opens(&image, 25);
    fixture_teardown(&image);
}

/* Marks can be derived only by who knows how. */
static void blocks_that_nobody_can_take_over_are_refused(void **state) {
    struct logged *logged = *state;
    struct journal_fixture image;
    make_pending(logged, &image);
    image.options.derive = NULL;
    assert_refuses(&image, "only intake can take them over");
    image.options.derive = fixture_derive;
    assert_opens(&image, 25);
    fixture_teardown(&image);
}

/* Without a tail the database is used alone: what the log held is taken over first, and nothing of it stays there. */
static void a_log_is_taken_over_by_who_does_without(void **state) {
    struct logged *logged = *state;
    struct journal_fixture image;
    size_t length = 0;
    make_pending(logged, &image);
    assert_true(place_of(&image, 21, &length) > 0);
    fixture_without_log(&image);
    assert_opens(&image, 25);
    assert_false(fixture_file_holds(&image, LOG_NAME, "CXRECORD", 8));
    image.options.tail = journal_tail_create();
    assert_opens(&image, 27);
    fixture_teardown(&image);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_block_is_one_write_and_one_sync, setup, teardown),
        cmocka_unit_test_setup_teardown(with_and_without_the_log_all_answers_are_the_same, setup, teardown),
        cmocka_unit_test_setup_teardown(a_block_that_is_too_large_goes_past_the_log, setup, teardown),
        cmocka_unit_test_setup_teardown(a_crash_at_any_moment_loses_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(a_torn_last_record_was_never_acknowledged, setup, teardown),
        cmocka_unit_test_setup_teardown(remains_of_a_torn_record_do_no_harm, setup, teardown),
        cmocka_unit_test_setup_teardown(a_flipped_bit_is_named, setup, teardown),
        cmocka_unit_test_setup_teardown(damage_of_the_last_record_is_told_by_the_witness, setup, teardown),
        cmocka_unit_test_setup_teardown(a_damaged_head_of_the_log_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(a_log_that_is_cut_or_gone_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(a_closed_journal_does_not_need_its_log, setup, teardown),
        cmocka_unit_test_setup_teardown(the_log_of_another_journal_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(the_wrong_side_key_does_not_empty_the_log, setup, teardown),
        cmocka_unit_test_setup_teardown(bytes_that_look_like_a_record_are_none, setup, teardown),
        cmocka_unit_test_setup_teardown(blocks_that_nobody_can_take_over_are_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(a_log_is_taken_over_by_who_does_without, setup, teardown),
    };
    return cmocka_run_group_tests(tests, install, NULL);
}
