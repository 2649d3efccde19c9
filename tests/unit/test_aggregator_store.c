/* The state file: whatever the moment of saving, loading and the rest of the stream give the same tally as one fold. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <unistd.h>

#include "services/aggregator/digest.h"
#include "services/aggregator/fold.h"
#include "services/aggregator/store.h"
#include "tests/unit/aggregator_world.h"

#define EVENTS 300
#define SEEDS 8

struct place {
    char directory[64];
    char path[96];
};

static int make_place(void **state) {
    struct place *place = calloc(1, sizeof *place);
    assert_non_null(place);
    snprintf(place->directory, sizeof place->directory, "%s", "/tmp/aggregator-store-XXXXXX");
    assert_non_null(mkdtemp(place->directory));
    snprintf(place->path, sizeof place->path, "%s/aggregator.db", place->directory);
    *state = place;
    return 0;
}

static void remove_files(const struct place *place) {
    static const char *const endings[] = {"", "-wal", "-shm", ".damaged", ".damaged-wal", ".damaged-shm"};
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        char path[128];
        snprintf(path, sizeof path, "%s%s", place->path, endings[i]);
        unlink(path);
    }
}

static int remove_place(void **state) {
    struct place *place = *state;
    remove_files(place);
    rmdir(place->directory);
    free(place);
    return 0;
}

static void fold_one(struct tally *tally, const struct world *world, int index) {
    struct world_room room;
    struct event event = world_event(world, index, &room);
    tally_changes_clear(tally);
    assert_int_equal(fold_event(tally, &event, NULL), 0);
    tally->position = (struct position){7, 1, (uint64_t)index + 1, 99};
    memset(tally->hash.bytes, index, HASH_BYTES);
}

static struct hash digest_of(struct tally *tally) {
    struct digest digest;
    struct hash hash;
    assert_int_equal(digest_take(tally, &digest), 0);
    digest_hash(&digest, &hash);
    digest_free(&digest);
    return hash;
}

static void assert_same(struct tally *a, struct tally *b) {
    struct hash first = digest_of(a);
    struct hash second = digest_of(b);
    assert_memory_equal(&first, &second, sizeof first);
    assert_memory_equal(&a->hash, &b->hash, sizeof a->hash);
    assert_int_equal(a->position.seq, b->position.seq);
    assert_int_equal(a->reports.live, b->reports.live);
}

static void save(struct store *store, struct tally *tally) {
    struct snapshot snapshot = {0};
    struct error error = {0};
    assert_int_equal(store_snapshot(tally, &snapshot, UINT32_MAX), 0);
    assert_int_equal(store_write(store, &snapshot, &error), 0);
    snapshot_free(&snapshot);
}

static void saved_at_any_moment_it_ends_the_same(void **state) {
    const struct place *place = *state;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct world world;
        world_make(&world, seed, EVENTS);
        struct tally *straight = tally_create();
        struct tally *tally = NULL;
        struct store store;
        struct error error = {0};
        assert_int_equal(store_open(&store, place->path, &tally, &error), 0);
        int saved = 0;
        for (int i = 0; i < world.count; i++) {
            fold_one(straight, &world, i);
            fold_one(tally, &world, i);
            uint32_t dice = world_random(&world, 12);
            if (dice == 0) {
                save(&store, tally);
                saved = i + 1;
            } else if (dice == 1) {
                /* As after kill -9: what was not saved is folded again from the position in the file. */
                store_close(&store);
                tally_destroy(&tally);
                assert_int_equal(store_open(&store, place->path, &tally, &error), 0);
                assert_int_equal(tally->position.seq, saved);
                for (int again = saved; again <= i; again++) {
                    fold_one(tally, &world, again);
                }
                assert_same(straight, tally);
            }
        }
        assert_same(straight, tally);
        store_close(&store);
        tally_destroy(&tally);
        tally_destroy(&straight);
        free(world.events);
        remove_files(place);
    }
}

/* The rest of a save, with events folded between its parts. Room for so many pages of the file only, 0: enough. The
 * write's result. */
static int save_in_parts(struct store *store, struct tally *tally, struct tally *straight, struct world *world,
                         int *next, int room) {
    char sql[64];
    struct snapshot snapshot = {0};
    struct error error = {0};
    int result = 0;
    snprintf(sql, sizeof sql, "PRAGMA max_page_count=%d", room > 0 ? room : 1000000);
    assert_int_equal(database_execute(&store->database, sql, &error), 0);
    for (int part = 0; result == 0 && !snapshot.last; part++) {
        uint32_t pages = part < 6 ? 1 + world_random(world, 2) : UINT32_MAX;
        assert_int_equal(store_snapshot(tally, &snapshot, pages), 0);
        for (uint32_t i = world_random(world, 3); i > 0 && *next < world->count; i--, (*next)++) {
            fold_one(straight, world, *next);
            fold_one(tally, world, *next);
        }
        result = store_write(store, &snapshot, &error);
    }
    if (result < 0) {
        assert_int_equal(store_give_back(tally, &snapshot), 0);
    }
    snapshot_free(&snapshot);
    return result;
}

/* A save that was cut off, by the end of the process or of the room, leaves the file as it was; what it took is in the next one. */
static void folding_goes_on_between_the_parts_of_a_save(void **state) {
    const struct place *place = *state;
    int refused = 0;
    for (uint64_t seed = 1; seed <= SEEDS / 2; seed++) {
        struct world world;
        world_make(&world, seed, EVENTS);
        struct tally *straight = tally_create();
        struct tally *tally = NULL;
        struct store store;
        struct error error = {0};
        assert_int_equal(store_open(&store, place->path, &tally, &error), 0);
        int next = 0;
        uint64_t saved = 0;
        while (next < world.count) {
            fold_one(straight, &world, next);
            fold_one(tally, &world, next++);
            uint32_t dice = world_random(&world, 12);
            if (dice > 1) {
                continue;
            }
            int result = save_in_parts(&store, tally, straight, &world, &next, dice == 1 ? 1 : 0);
            assert_true(result == 0 || result == -ERR_NO_SPACE);
            if (result < 0 && refused++ % 2 == 0) { /* else the process ends here */
                result = save_in_parts(&store, tally, straight, &world, &next, 0);
            }
            store_close(&store);
            tally_destroy(&tally);
            assert_int_equal(store_open(&store, place->path, &tally, &error), 0);
            assert_true(result == 0 ? tally->position.seq > saved : tally->position.seq == saved);
            saved = tally->position.seq;
            for (int again = (int)saved; again < next; again++) {
                fold_one(tally, &world, again);
            }
            assert_same(straight, tally);
        }
        store_close(&store);
        tally_destroy(&tally);
        tally_destroy(&straight);
        free(world.events);
        remove_files(place);
    }
    assert_true(refused > 0);
}

static void folding_again_gives_the_same(void **state) {
    (void)state;
    struct world world;
    world_make(&world, 5, EVENTS);
    struct tally *first = tally_create();
    struct tally *second = tally_create();
    for (int i = 0; i < world.count; i++) {
        fold_one(first, &world, i);
        /* Questions in between make sums of longer periods, which must not show. */
        digest_of(first);
    }
    for (int i = 0; i < world.count; i++) {
        fold_one(second, &world, i);
    }
    assert_same(first, second);
    tally_destroy(&first);
    tally_destroy(&second);
    free(world.events);
}

static void a_difference_is_named(void **state) {
    (void)state;
    struct world world;
    world_make(&world, 6, EVENTS);
    struct tally *right = tally_create();
    struct tally *wrong = tally_create();
    for (int i = 0; i < world.count; i++) {
        fold_one(right, &world, i);
        fold_one(wrong, &world, i);
    }
    struct digest expected;
    struct digest found;
    char difference[200] = "";
    assert_int_equal(digest_take(right, &expected), 0);
    assert_int_equal(digest_take(wrong, &found), 0);
    assert_true(digest_compare(&expected, &found, right, difference, sizeof difference));
    digest_free(&found);
    uint32_t unit = wrong->reports.items[world.reports[0]].unit;
    struct report spot = {.unit = unit, .day = DAY_NONE, .town = TABLE_NONE};
    uint32_t cell = wrong->calendar.atoms[calendar_touch(&wrong->calendar, &spot)].cell;
    wrong->calendar.cells.items[cell].attendances.value++;
    wrong->calendar.cells.items[cell].reports++;
    assert_int_equal(digest_take(wrong, &found), 0);
    assert_false(digest_compare(&expected, &found, right, difference, sizeof difference));
    assert_non_null(strstr(difference, "figures of haining"));
    digest_free(&expected);
    digest_free(&found);
    tally_destroy(&right);
    tally_destroy(&wrong);
    free(world.events);
}

static void make_file(const struct place *place, int events) {
    struct world world;
    world_make(&world, 3, events);
    struct store store;
    struct tally *tally = NULL;
    struct error error = {0};
    assert_int_equal(store_open(&store, place->path, &tally, &error), 0);
    for (int i = 0; i < world.count; i++) {
        fold_one(tally, &world, i);
    }
    save(&store, tally);
    store_close(&store);
    tally_destroy(&tally);
    free(world.events);
}

static void run_sql(const struct place *place, const char *sql) {
    sqlite3 *handle = NULL;
    assert_int_equal(sqlite3_open(place->path, &handle), SQLITE_OK);
    assert_int_equal(sqlite3_exec(handle, sql, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(handle), SQLITE_OK);
}

static void a_damaged_file_is_refused_and_moved_aside(void **state) {
    const struct place *place = *state;
    static const char *const damages[] = {
        "UPDATE pages SET bytes = zeroblob(length(bytes)) WHERE place = 17179869184",
        "DELETE FROM pages WHERE place = 17179869185",
        "UPDATE pages SET (bytes, checksum) = (SELECT bytes, checksum FROM pages WHERE place%2) WHERE place >> 32 = 4",
        "PRAGMA user_version = 99",
    };
    for (size_t i = 0; i < sizeof damages / sizeof *damages; i++) {
        make_file(place, EVENTS);
        run_sql(place, damages[i]);
        struct store store;
        struct tally *tally = NULL;
        struct error error = {0};
        assert_int_equal(store_open(&store, place->path, &tally, &error), -ERR_CORRUPT);
        assert_null(tally);
        assert_non_null(strstr(error.text, "aggregator.db"));
        assert_int_equal(store_move_aside(place->path, &error), 0);
        assert_int_equal(store_open(&store, place->path, &tally, &error), 0);
        assert_int_equal(tally->position.seq, 0);
        assert_int_equal(tally->reports.count, 0);
        store_close(&store);
        tally_destroy(&tally);
        remove_files(place);
    }
}

/* The number of the person in charge comes with each report of this world. */
static void nothing_personal_is_in_the_file(void **state) {
    const struct place *place = *state;
    make_file(place, EVENTS);
    char command[200];
    snprintf(command, sizeof command, "grep -q xiashi '%s'", place->path);
    assert_int_equal(system(command), 0); /* NOLINT(cert-env33-c): a path of our own */
    snprintf(command, sizeof command, "cat '%s'* | grep -q P-0471", place->path);
    assert_int_not_equal(system(command), 0); /* NOLINT(cert-env33-c) */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(saved_at_any_moment_it_ends_the_same, make_place, remove_place),
        cmocka_unit_test_setup_teardown(folding_goes_on_between_the_parts_of_a_save, make_place, remove_place),
        cmocka_unit_test(folding_again_gives_the_same),
        cmocka_unit_test(a_difference_is_named),
        cmocka_unit_test_setup_teardown(a_damaged_file_is_refused_and_moved_aside, make_place, remove_place),
        cmocka_unit_test_setup_teardown(nothing_personal_is_in_the_file, make_place, remove_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
