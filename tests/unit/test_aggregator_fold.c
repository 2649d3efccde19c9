/* The fold against a slow recount from the list of events: every subset of dimensions, random ranges and filters. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <time.h>

#include "services/aggregator/answer.h"
#include "services/aggregator/drill.h"
#include "services/aggregator/fold.h"
#include "tests/unit/aggregator_recount.h"
#include "tests/unit/aggregator_rest.h"

#define SEEDS 6
#define EVENTS 220
#define QUESTIONS 1 /* at the end, for each choice of dimensions */

/* ---- comparing ---- */

static void compare_sums(const struct list *got, const struct naive_sum *expected) {
    assert_int_equal(got->count, 1);
    const struct wire_sum *sum = got->items;
    assert_int_equal(sum->value, expected->value);
    assert_int_equal(sum->exact, expected->counts[APPROX_EXACT]);
    assert_int_equal(sum->at_least, expected->counts[APPROX_AT_LEAST]);
    assert_int_equal(sum->below, expected->counts[APPROX_BELOW]);
    assert_int_equal(sum->about, expected->counts[APPROX_ABOUT]);
}

static void compare_row(const struct wire_totals_row *got, const struct naive_row *expected) {
    assert_int_equal(got->reports, expected->reports);
    assert_int_equal(got->activities, expected->activities);
    assert_int_equal(got->undated, expected->undated);
    assert_int_equal(got->demo, expected->demo);
    compare_sums(&got->attendances, &expected->attendances);
    compare_sums(&got->minutes, &expected->minutes);
    assert_int_equal(got->measures.count, expected->measure_count);
    const struct wire_measure_sum *measures = got->measures.items;
    for (uint32_t i = 0; i < got->measures.count; i++) {
        int found = 0;
        while (found < expected->measure_count &&
               (!text_equal(measures[i].name, text_of(expected->measures[found].name)) ||
                !text_equal(measures[i].unit, text_of(expected->measures[found].unit)))) {
            found++;
        }
        assert_true(found < expected->measure_count);
        compare_sums(&measures[i].sum, &expected->measures[found]);
    }
}

static void copy_text(char *out, size_t size, struct text text) {
    snprintf(out, size, "%.*s", (int)text.length, text.data ? text.data : "");
}

struct asking {
    struct wire_totals_query query;
    struct text by[8];
    struct text units[2];
    struct text programmes[5];
    struct text towns[WORLD_TOWNS];
};

static void put_question(const struct naive_question *asked, struct asking *asking) {
    static const char *const words[] = {"squad", "programme", "day", "month", "year", "town", "week", "quarter"};
    struct wire_totals_query *query = &asking->query;
    *asking = (struct asking){0};
    query->by.items = asking->by;
    query->units.items = asking->units;
    query->programmes.items = asking->programmes;
    query->towns.items = asking->towns;
    for (int i = 0; i < 8; i++) {
        if (asked->by >> i & 1) {
            asking->by[query->by.count++] = text_of(words[i]);
        }
    }
    query->from = asked->from;
    query->to = asked->to;
    query->undated = asked->undated;
    query->present |= (uint64_t)(asked->from != INT32_MIN) << FIELD_totals_query_from;
    query->present |= (uint64_t)(asked->to != INT32_MAX) << FIELD_totals_query_to;
    if (asked->unit != WORLD_NONE) {
        asking->units[query->units.count++] = text_of(world_paths[asked->unit]);
    }
    if (asked->other != WORLD_NONE) {
        asking->units[query->units.count++] = text_of(world_paths[asked->other]);
    }
    for (int i = 0; i < 5; i++) {
        if (asked->programmes >> i & 1) {
            asking->programmes[query->programmes.count++] = text_of(world_programmes[i]);
        }
    }
    for (int i = 0; i < WORLD_TOWNS; i++) {
        if (asked->towns >> i & 1) {
            asking->towns[query->towns.count++] = text_of(world_towns[i]);
        }
    }
}

/* Every report of the figure once, the latest day first, over as many pages as it takes. */
static void compare_drill(struct tally *tally, struct rows *rows, struct naive *naive, struct asking *asking,
                          const struct question *question, const struct naive_question *asked, struct arena *arena) {
    struct drill *drill = calloc(1, sizeof *drill);
    bool seen[WORLD_IDS] = {false};
    int32_t last = INT32_MAX;
    asking->query.limit = 7;
    wire_set(&asking->query.present, FIELD_totals_query_limit);
    struct wire_drill_answer answer = {0};
    int count = 0;
    do {
        assert_int_equal(drill_read(&asking->query, drill, NULL), 0);
        assert_int_equal(drill_collect(drill, rows, tally, question), 0);
        assert_int_equal(drill_answer(drill, tally, question, arena, &answer), 0);
        const struct wire_drill_item *items = answer.items.items;
        for (uint32_t i = 0; i < answer.items.count; i++, count++) {
            int id = items[i].report.bytes[14] << 8 | items[i].report.bytes[15];
            int32_t day = wire_has(items[i].present, FIELD_drill_item_date) ? items[i].date : INT32_MIN;
            assert_true(!seen[id] && naive_fits(asked, &naive->reports[id]) && day <= last);
            assert_int_equal(day, naive->reports[id].body->day);
            seen[id] = true;
            last = day;
        }
        asking->query.cursor = answer.cursor;
        wire_set(&asking->query.present, FIELD_totals_query_cursor);
    } while (answer.cursor.length > 0);
    for (int id = 0; id < WORLD_IDS; id++) {
        count -= naive_fits(asked, &naive->reports[id]);
    }
    assert_int_equal(count, 0);
    free(drill);
}

static void compare(struct tally *tally, struct rows *rows, struct naive *naive, const struct naive_question *asked,
                    struct arena *arena) {
    struct asking asking;
    struct question question;
    struct error error = {0};
    put_question(asked, &asking);
    int result = question_read(tally, &asking.query, &question, &error);
    if (result == -ERR_UNKNOWN_UNIT || (asked->towns != 0 && result == -ERR_BAD_QUERY)) {
        return; /* nothing was told of it yet */
    }
    assert_int_equal(result, 0);
    assert_int_equal(rows_collect(rows, tally, &question, &error), 0);
    struct wire_totals_answer answer;
    assert_int_equal(answer_make(tally, &question, rows, NULL, arena, &answer), 0);
    naive_ask(naive, asked);
    assert_int_equal(answer.rows.count, naive->row_count);
    const struct wire_totals_row *got = answer.rows.items;
    for (uint32_t i = 0; i < answer.rows.count; i++) {
        char texts[4][64];
        copy_text(texts[0], 64, got[i].unit);
        copy_text(texts[1], 64, got[i].programme);
        copy_text(texts[2], 64, got[i].town);
        copy_text(texts[3], 64, got[i].period);
        compare_row(&got[i], naive_row(naive, texts[0], texts[1], texts[2], texts[3]));
    }
    assert_int_equal(answer.rows.count, naive->row_count); /* every row of the answer was one of the recount */
    compare_drill(tally, rows, naive, &asking, &question, asked, arena);
    arena_reset(arena);
}

static struct naive_question random_question(struct world *world, int by) {
    struct naive_question question = {
        .by = by, .from = INT32_MIN, .to = INT32_MAX, .unit = WORLD_NONE, .other = WORLD_NONE};
    if (world_random(world, 3)) {
        question.from = 18190 + (int32_t)world_random(world, 1300);
    }
    if (world_random(world, 3)) {
        int32_t first = question.from == INT32_MIN ? 18190 : question.from;
        question.to = first + (int32_t)world_random(world, 900);
    }
    if (world_random(world, 3) == 0) {
        question.unit = (int)world_random(world, WORLD_UNITS);
        question.other = world_random(world, 2) ? (int)world_random(world, WORLD_UNITS) : WORLD_NONE;
    }
    if (world_random(world, 3) == 0) {
        question.programmes = 1U << world_random(world, 5);
        question.programmes |= 1U << world_random(world, 5);
    }
    if (world_random(world, 4) == 0) {
        question.towns = 1U << world_random(world, WORLD_TOWNS);
        question.towns |= 1U << world_random(world, WORLD_TOWNS);
    }
    question.undated = question.from == INT32_MIN && question.to == INT32_MAX && world_random(world, 4) == 0;
    return question;
}

static void equals_a_recount(void **state) {
    (void)state;
    struct naive naive = {.rows = calloc(ROWS, sizeof *naive.rows)};
    struct arena *arena = arena_create(SIZE_MAX);
    struct rows rows = {0};
    assert_non_null(naive.rows);
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct world world;
        world_make(&world, seed, EVENTS);
        struct tally *tally = tally_create();
        struct rest rest = {.seldom = seed % 2 ? 3 : 90};
        memset(naive.reports, 0, sizeof naive.reports);
        memset(naive.squad, 0, sizeof naive.squad);
        memset(naive.closed, 0, sizeof naive.closed);
        for (int i = 0; i < WORLD_IDS; i++) {
            naive.label[i] = i;
        }
        for (int i = 0; i < world.count; i++) {
            struct world_room room;
            struct event event = world_event(&world, i, &room);
            assert_int_equal(fold_event(tally, &event, NULL), 0);
            naive_apply(&naive, &world.events[i]);
            rest_now_and_then(&rest, &world, tally);
            /* After every few events some, so that figures that were made before must be made again; at the end all. */
            int questions = i + 1 == world.count ? 256 * QUESTIONS : i % 5 == 0 ? 6 : 0;
            for (int n = 0; n < questions; n++) {
                int by = i + 1 == world.count ? n % 256 : (int)world_random(&world, 256);
                struct naive_question question = random_question(&world, by);
                compare(tally, &rows, &naive, &question, arena);
            }
        }
        tally_destroy(&tally);
        free(world.events);
    }
    rows_free(&rows);
    arena_destroy(&arena);
    free(naive.rows);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equals_a_recount),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
