/* What is kept: blocks together or not at all; on a disk that is full nothing of a block, nothing is lost, and when there
 * is room it goes on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "tests/unit/archiver_clerk.h"
#include "tests/unit/fault_vfs.h"

#define EVENTS 90
#define BLOCK 30

static struct fault_plan *plan;

static struct world *make_world(void) {
    struct world *world = calloc(1, sizeof *world);
    assert_non_null(world);
    world->state = 21;
    while (world->count < EVENTS) {
        world_step(world);
    }
    return world;
}

/* Folds a block as the service does: all of it, or nothing. */
static int try_block(struct record *record, const struct world *world, int from, int to, struct error *error) {
    struct hash hash = {{(uint8_t)to}};
    struct position after = world_position(to);
    int result = record_begin(record, error);
    for (int i = from; i < to && result == 0; i++) {
        struct world_room room;
        struct event event = world_event(world, i, false, &room);
        result = clerk_fold_event(record, &event, error);
    }
    if (result == 0) {
        record_hold(record, &after, &hash);
        result = record_commit(record, error);
    }
    if (result < 0) {
        record_rollback(record);
    }
    return result;
}

static void digest_of(struct clerk *clerk, struct hash *digest) {
    struct error error = {0};
    assert_int_equal(record_digest(clerk->reader, digest, &error), 0);
}

/* The digest of a record that never met a fault. */
static void expected_digest(const struct world *world, struct hash *digest) {
    struct clerk clerk;
    fault_plan_reset(plan);
    clerk_begin(&clerk);
    for (int from = 0; from < EVENTS; from += BLOCK) {
        clerk_fold(clerk.record, world, from, from + BLOCK, false);
    }
    digest_of(&clerk, digest);
    clerk_end(&clerk);
}

static void a_full_disk_keeps_nothing_of_a_block(void **state) {
    (void)state;
    struct world *world = make_world();
    struct hash expected;
    struct hash found;
    int refused = 0;
    expected_digest(world, &expected);
    for (int writes = 0; writes < 60; writes += 3) {
        struct clerk clerk;
        struct error error = {0};
        fault_plan_reset(plan);
        clerk_begin(&clerk);
        for (int from = 0; from < EVENTS; from += BLOCK) {
            struct record_counts before = record_counts(clerk.record);
            struct position position;
            struct hash hash;
            plan->writes_left = writes;
            plan->write_result = SQLITE_FULL;
            int result = try_block(clerk.record, world, from, from + BLOCK, &error);
            fault_plan_reset(plan);
            assert_true(result == 0 || result == -ERR_NO_SPACE);
            record_place(clerk.record, &position, &hash);
            assert_int_equal(position.seq, result == 0 ? from + BLOCK : from);
            if (result < 0) {
                refused++;
                assert_int_equal(record_counts(clerk.record).versions, before.versions);
                assert_int_equal(try_block(clerk.record, world, from, from + BLOCK, &error), 0);
            }
        }
        digest_of(&clerk, &found);
        assert_memory_equal(&found, &expected, sizeof found);
        clerk_end(&clerk);
    }
    free(world);
    assert_true(refused > 10);
}

static void a_full_disk_keeps_the_record_uncleaned(void **state) {
    (void)state;
    struct world *world = make_world();
    struct hash before;
    struct hash after;
    struct error error = {0};
    int refused = 0;
    for (int writes = 0; writes < 60; writes += 4) {
        struct clerk clerk;
        fault_plan_reset(plan);
        clerk_begin(&clerk);
        clerk_fold(clerk.record, world, 0, EVENTS, false);
        assert_true(record_is_unclean(clerk.record));
        digest_of(&clerk, &before);
        plan->writes_left = writes;
        plan->write_result = SQLITE_FULL;
        int result = record_clean_copy(clerk.record, &error);
        fault_plan_reset(plan);
        assert_true(result == 0 || result == -ERR_NO_SPACE);
        if (result < 0) {
            char copy[128];
            snprintf(copy, sizeof copy, "%s.clean", clerk.path);
            refused++;
            assert_int_equal(access(copy, F_OK), -1);
            assert_true(record_is_unclean(clerk.record));
            assert_int_equal(record_clean_copy(clerk.record, &error), 0);
        }
        record_reader_close(&clerk.reader);
        assert_int_equal(record_clean_swap(clerk.record, &error), 0);
        assert_int_equal(record_reader_open(&clerk.reader, clerk.path, &error), 0);
        digest_of(&clerk, &after);
        assert_memory_equal(&before, &after, sizeof before);
        clerk_end(&clerk);
    }
    free(world);
    assert_true(refused > 2);
}

/* ---- blocks that are held ---- */

static int64_t total(struct clerk *clerk) {
    struct wire_record_query query = {0};
    struct wire_record_answer answer;
    struct error error = {0};
    assert_int_equal(clerk_ask(clerk, &query, CLERK_ANSWER_MAX, &answer, &error), 0);
    return answer.total;
}

/* Begins and folds one more report, as a block that is held. */
static void hold_one(struct clerk *clerk, struct world *world) {
    struct world_room room;
    struct error error = {0};
    while (world_step(world)->act != WORLD_SUBMIT) {
        world->count--;
    }
    struct hash hash = {{(uint8_t)world->count}};
    struct position after = world_position(world->count);
    struct event event = world_event(world, world->count - 1, false, &room);
    assert_int_equal(record_begin(clerk->record, &error), 0);
    assert_int_equal(clerk_fold_event(clerk->record, &event, &error), 0);
    record_hold(clerk->record, &after, &hash);
}

static void blocks_that_are_held_are_kept_together_or_not_at_all(void **state) {
    (void)state;
    struct clerk clerk;
    struct world *world = calloc(1, sizeof *world);
    struct position held;
    struct position kept;
    struct hash hash;
    struct error error = {0};
    assert_non_null(world);
    clerk_begin(&clerk);
    hold_one(&clerk, world);
    hold_one(&clerk, world);
    assert_int_equal(record_held(clerk.record, &held), 2);
    assert_int_equal(held.seq, 2);
    record_place(clerk.record, &kept, &hash);
    assert_int_equal(kept.seq, 0);
    assert_int_equal(total(&clerk), 0); /* nobody sees it */
    assert_int_equal(record_commit(clerk.record, &error), 0);
    assert_int_equal(record_held(clerk.record, &held), 0);
    assert_int_equal(total(&clerk), 2);
    hold_one(&clerk, world);
    hold_one(&clerk, world);
    record_rollback(clerk.record);
    world->count = 2;
    record_place(clerk.record, &kept, &hash);
    assert_int_equal(kept.seq, 2);
    assert_int_equal(hash.bytes[0], 2);
    assert_int_equal(record_counts(clerk.record).versions, 2);
    hold_one(&clerk, world);
    record_close(&clerk.record); /* as when the process ends */
    assert_int_equal(record_open(&clerk.record, clerk.path, &error), 0);
    record_place(clerk.record, &kept, &hash);
    assert_int_equal(kept.seq, 2);
    assert_int_equal(total(&clerk), 2);
    clerk_end(&clerk);
    free(world);
}

int main(void) {
    plan = fault_vfs_install();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_that_are_held_are_kept_together_or_not_at_all),
        cmocka_unit_test(a_full_disk_keeps_nothing_of_a_block),
        cmocka_unit_test(a_full_disk_keeps_the_record_uncleaned),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
