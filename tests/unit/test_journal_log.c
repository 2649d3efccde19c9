/* The log in front of the journal's database: what only it holds is read like everything else, and survives a crash at
 * any point. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <unistd.h>

#include "tests/unit/fault_vfs.h"
#include "tests/unit/log_image.h"

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
    image_take(journal, &logged->fixture, &image);
    image_opens(&image, 506);
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
        image_take(journal, &logged->fixture, &image);
        image_opens(&image, seq);
        fixture_teardown(&image);
    }
    journal_close(&journal);
    image_opens(&logged->fixture, seq);
}

/* The crash image of two blocks and a third whose write had not been synced: its sectors are those of `torn`, and the
 * witness is as it was before. */
static void crash_torn(const struct journal_fixture *fixture, const struct journal_fixture *before, uint64_t last,
                       uint64_t lost, struct journal_fixture *image) {
    static const uint8_t zeros[RECORD_SECTOR];
    size_t length = 0;
    fixture_crash(fixture, image);
    long at = image_place(image, last, &length);
    for (size_t sector = 0; sector * RECORD_SECTOR < length; sector++) {
        if (lost >> sector & 1) {
            image_overwrite(image, LOG_NAME, at + (long)(sector * RECORD_SECTOR), zeros, sizeof zeros);
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
    image_place(fixture, first, &length);
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
    image_take(journal, &logged->fixture, &before);
    fixture_append(journal, 8); /* so many that a sector holds nothing but side */
    image_take(journal, &logged->fixture, &at_last);
    size_t sectors = sectors_with_bytes(&at_last, 11);
    assert_in_range(sectors, 5, 8);
    for (uint64_t lost = 0; lost < 1u << sectors; lost++) {
        struct journal_fixture image;
        struct journal_fixture witness;
        fixture_crash(&before, &witness);
        crash_torn(&at_last, &witness, 11, lost, &image);
        image_opens(&image, lost == 0 ? 18 : 10);
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
    image_take(journal, &logged->fixture, &before);
    fixture_append(journal, 40);
    struct journal_fixture whole;
    image_take(journal, &logged->fixture, &whole);
    journal_close(&journal);
    crash_torn(&whole, &before, 11, 2, &image);
    fixture_teardown(&whole);
    uint64_t seq = 10;
    for (int round = 0; round < 6; round++) {
        struct journal_fixture next;
        journal = fixture_open(&image);
        assert_int_equal(journal_head(journal).seq, seq);
        seq = fixture_append(journal, 1).seq;
        image_take(journal, &image, &next);
        journal_close(&journal);
        fixture_teardown(&image);
        image = next; /* its tail and directory go with it */
        image.options.directory = image.directory;
        image.options.side_key = image.key;
    }
    image_opens(&image, seq);
    fixture_teardown(&image);
    fixture_teardown(&before);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_block_is_one_write_and_one_sync, setup, teardown),
        cmocka_unit_test_setup_teardown(with_and_without_the_log_all_answers_are_the_same, setup, teardown),
        cmocka_unit_test_setup_teardown(a_block_that_is_too_large_goes_past_the_log, setup, teardown),
        cmocka_unit_test_setup_teardown(a_crash_at_any_moment_loses_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(a_torn_last_record_was_never_acknowledged, setup, teardown),
        cmocka_unit_test_setup_teardown(remains_of_a_torn_record_do_no_harm, setup, teardown),
    };
    return cmocka_run_group_tests(tests, install, NULL);
}
