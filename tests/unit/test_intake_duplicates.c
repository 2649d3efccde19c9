/* Duplicates: whatever comes in which order, an id that is taken is never called new. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "services/intake/duplicates.h"
#include "tests/unit/intake_fixture.h"

#define WINDOW 32
#define NAIVE_MAX 20000

/* The naive model: all ids in a list. */
struct naive {
    struct id ids[NAIVE_MAX];
    uint64_t seqs[NAIVE_MAX];
    bool pending[NAIVE_MAX];
    uint32_t count;
};

struct run {
    struct duplicates duplicates;
    struct naive naive;
    uint64_t random;
    int64_t now;
    uint64_t seq;
    int news;
    int lookups; /* fresh ids about which the journal had to be asked */
};

static uint32_t draw(struct run *run, uint32_t below) {
    run->random = run->random * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(run->random >> 33) % below;
}

static int64_t naive_find(const struct naive *naive, const struct id *id) {
    for (uint32_t i = 0; i < naive->count; i++) {
        if (id_equal(&naive->ids[i], id)) {
            return i;
        }
    }
    return -1;
}

/* Mostly fresh; also old, of other clocks, of another version, and such that came before. */
static struct id draw_id(struct run *run) {
    switch (draw(run, 20)) {
    case 0:
        return built_id(run->now - draw(run, 1000000), draw(run, 50));
    case 1:
        return built_id(run->now + draw(run, 100000), draw(run, 50));
    case 2: {
        struct id id = built_id(INT64_C(0x123456780000) + draw(run, 1000), draw(run, 1000));
        id.bytes[6] = 0x40;
        return id;
    }
    case 3:
    case 4:
        if (run->naive.count > 0) {
            return run->naive.ids[draw(run, run->naive.count)];
        }
        break;
    default:
        break;
    }
    return built_id(run->now - draw(run, 5), draw(run, 1000000));
}

static void offer(struct run *run) {
    struct id id = draw_id(run);
    int64_t index = naive_find(&run->naive, &id);
    uint64_t seq = 0;
    uint64_t hash = duplicates_hash(&run->duplicates, &id);
    enum duplicate_answer answer = duplicates_look(&run->duplicates, &id, hash, &seq);
    if (index >= 0) {
        assert_int_not_equal(answer, ID_IS_NEW);
        assert_int_equal(answer == ID_IS_PENDING, run->naive.pending[index]);
        if (answer == ID_IS_PENDING) {
            assert_int_equal(seq, run->naive.seqs[index]);
        }
        return;
    }
    assert_int_not_equal(answer, ID_IS_PENDING);
    run->news++;
    run->lookups += answer == ID_ASK_JOURNAL;
    assert_int_equal(duplicates_reserve(&run->duplicates), 0);
    duplicates_admit(&run->duplicates, &id, hash, ++run->seq);
    struct naive *naive = &run->naive;
    assert_true(naive->count < NAIVE_MAX);
    naive->ids[naive->count] = id;
    naive->seqs[naive->count] = run->seq;
    naive->pending[naive->count++] = true;
}

static void commit_all(struct run *run) {
    for (uint32_t i = 0; i < run->naive.count; i++) {
        if (run->naive.pending[i]) {
            duplicates_commit(&run->duplicates, &run->naive.ids[i], 1, run->now);
            run->naive.pending[i] = false;
        }
    }
}

static void give_up_all(struct run *run) {
    duplicates_drop_pending(&run->duplicates);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < run->naive.count; i++) {
        if (!run->naive.pending[i]) {
            run->naive.ids[kept] = run->naive.ids[i];
            run->naive.seqs[kept] = run->naive.seqs[i];
            run->naive.pending[kept++] = false;
        }
    }
    run->naive.count = kept;
}

static int compare_ids(const void *a, const void *b) {
    return memcmp(a, b, sizeof(struct id));
}

/* As after a restart: the ids from the last event's time on are read again, perhaps not all of them. */
static void restart(struct run *run) {
    give_up_all(run);
    duplicates_free(&run->duplicates);
    duplicates_begin(&run->duplicates, WINDOW, run->now);
    struct id *ids = calloc(NAIVE_MAX, sizeof *ids);
    uint32_t count = 0;
    struct id from = id_first_of(run->now);
    for (uint32_t i = 0; i < run->naive.count; i++) {
        if (compare_ids(&run->naive.ids[i], &from) >= 0) {
            ids[count++] = run->naive.ids[i];
        }
    }
    if (count > 0) {
        qsort(ids, count, sizeof *ids, compare_ids);
    }
    uint32_t told = count > 20 ? 20 : count;
    duplicates_learn(&run->duplicates, ids, told, told == count);
    free(ids);
}

static void a_taken_id_is_never_new(void **state) {
    (void)state;
    struct run *run = calloc(1, sizeof *run);
    for (uint64_t seed = 1; seed <= 20; seed++) {
        *run = (struct run){.random = seed, .now = BUILT_AT};
        duplicates_begin(&run->duplicates, WINDOW, 0);
        for (int step = 0; step < 1500; step++) {
            uint32_t what = draw(run, 100);
            if (what < 80) {
                offer(run);
            } else if (what < 95) {
                commit_all(run);
            } else if (what < 98) {
                give_up_all(run);
            } else if (draw(run, 10) == 0) {
                restart(run);
            }
            run->now += draw(run, 3);
        }
        assert_true(run->news > 200);
        duplicates_free(&run->duplicates);
    }
    free(run);
}

static uint32_t count_lookups(struct duplicates *duplicates, int64_t *now, uint32_t events, bool wrong_clock) {
    uint32_t lookups = 0;
    for (uint32_t i = 1; i <= events; i++) {
        uint64_t seq;
        int64_t at = wrong_clock && i % 10 == 0 ? *now + 86400000 : *now;
        struct id id = built_id(at, i);
        uint64_t hash = duplicates_hash(duplicates, &id);
        enum duplicate_answer answer = duplicates_look(duplicates, &id, hash, &seq);
        assert_int_not_equal(answer, ID_IS_PENDING);
        lookups += answer == ID_ASK_JOURNAL;
        duplicates_reserve(duplicates);
        duplicates_admit(duplicates, &id, hash, i);
        duplicates_commit(duplicates, &id, 1, *now);
        *now += i % 4 == 0;
    }
    return lookups;
}

static void fresh_ids_need_no_lookup(void **state) {
    (void)state;
    struct duplicates duplicates;
    int64_t now = BUILT_AT;
    duplicates_begin(&duplicates, 1000, BUILT_AT);
    assert_int_equal(count_lookups(&duplicates, &now, 20000, false), 0);
    duplicates_free(&duplicates);
}

static void one_clock_a_day_ahead_costs_little(void **state) {
    (void)state;
    struct duplicates duplicates;
    int64_t now = BUILT_AT;
    duplicates_begin(&duplicates, 1000, BUILT_AT);
    uint32_t lookups = count_lookups(&duplicates, &now, 4000, true);
    assert_true(lookups < 400);
    duplicates_free(&duplicates);
}

static enum duplicate_answer look(const struct duplicates *duplicates, const struct id *id) {
    uint64_t seq;
    return duplicates_look(duplicates, id, duplicates_hash(duplicates, id), &seq);
}

static void after_a_restart_ids_that_were_not_told_are_asked_for(void **state) {
    (void)state;
    struct duplicates duplicates;
    struct id told = built_id(BUILT_AT + 5, 1);
    struct id beyond = built_id(BUILT_AT + 6, 1);
    struct id between = built_id(BUILT_AT + 4, 1);
    struct id before = built_id(BUILT_AT - 1, 1);
    duplicates_begin(&duplicates, 1000, BUILT_AT);
    duplicates_learn(&duplicates, &told, 1, false);
    assert_int_equal(look(&duplicates, &told), ID_ASK_JOURNAL);
    assert_int_equal(look(&duplicates, &beyond), ID_ASK_JOURNAL);
    assert_int_equal(look(&duplicates, &before), ID_ASK_JOURNAL);
    assert_int_equal(look(&duplicates, &between), ID_IS_NEW);
    duplicates_free(&duplicates);
}

static void the_table_forgets_what_is_removed(void **state) {
    (void)state;
    struct id_table table = {0};
    struct run *run = calloc(1, sizeof *run);
    bool there[200] = {false};
    run->random = 5;
    for (int step = 0; step < 20000; step++) {
        uint32_t number = draw(run, 200);
        struct id id = built_id(BUILT_AT, number);
        assert_int_equal(id_table_get(&table, &id), there[number] ? number + 1 : 0);
        if (draw(run, 2) == 0) {
            assert_int_equal(id_table_put(&table, &id, number + 1), 0);
            there[number] = true;
        } else {
            id_table_remove(&table, &id);
            there[number] = false;
        }
    }
    uint32_t count = 0;
    for (size_t i = 0; i < sizeof there / sizeof *there; i++) {
        count += there[i];
    }
    assert_int_equal(table.count, count);
    id_table_free(&table);
    free(run);
}

/* Far more ids than the set had room for at first. */
static void a_set_holds_all_that_was_added(void **state) {
    (void)state;
    static const uint8_t key[ID_HASH_KEY_BYTES] = {7};
    struct id_set set = {0};
    uint32_t wrongly = 0;
    for (int round = 0; round < 2; round++) {
        for (uint32_t i = 0; i < 5000; i++) {
            struct id id = built_id(BUILT_AT, i);
            wrongly += id_set_may_hold(&set, id_hash(key, &id));
            assert_int_equal(id_set_add(&set, &id, id_hash(key, &id)), 0);
        }
        for (uint32_t i = 0; i < 5000; i++) {
            struct id id = built_id(BUILT_AT, i);
            assert_true(id_set_may_hold(&set, id_hash(key, &id)));
            assert_true(id_equal(&set.ids[i], &id));
        }
        assert_int_equal(set.count, 5000);
        id_set_clear(&set);
    }
    assert_int_equal(wrongly, 0);
    id_set_free(&set);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_taken_id_is_never_new),
        cmocka_unit_test(fresh_ids_need_no_lookup),
        cmocka_unit_test(one_clock_a_day_ahead_costs_little),
        cmocka_unit_test(after_a_restart_ids_that_were_not_told_are_asked_for),
        cmocka_unit_test(the_table_forgets_what_is_removed),
        cmocka_unit_test(a_set_holds_all_that_was_added),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
