/* Figures as they stood: every answer that was given while events came is given again later, asked with `at`; weeks,
 * quarters and comparisons are those of the calendar. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "services/aggregator/answer.h"
#include "services/aggregator/drill.h"
#include "services/aggregator/fold.h"
#include "tests/unit/aggregator_rest.h"

#define SEEDS 10
#define EVENTS 250
#define ASKED 400

/* A question that was asked, and what was answered then. */
struct asked {
    struct wire_totals_query query;
    struct text by[4];
    struct text unit;
    struct text programmes[2];
    struct text town;
    uint64_t seq;
    bool drill;
    struct buffer answer;
};

static struct text pick(struct world *world, const char *const *words, uint32_t count) {
    return text_of(words[world_random(world, count)]);
}

static void put_dimensions(struct world *world, struct asked *asked) {
    static const char *const units[] = {"squad", "unit"};
    static const char *const periods[] = {"day", "week", "month", "quarter", "year"};
    static const char *const splits[] = {"measure", "kind", "programme"};
    struct list *by = &asked->query.by;
    by->items = asked->by;
    if (world_random(world, 2)) {
        asked->by[by->count++] = pick(world, units, 2);
    }
    if (world_random(world, 2)) {
        asked->by[by->count++] = pick(world, periods, 5);
    }
    if (world_random(world, 2)) {
        asked->by[by->count++] = pick(world, splits, 3);
    }
    if (world_random(world, 3) == 0) {
        asked->by[by->count++] = text_of("town");
    }
    if (by->count > 0 && text_equal(asked->by[0], text_of("unit")) && world_random(world, 2)) {
        asked->query.level = 1 + world_random(world, 3);
        wire_set(&asked->query.present, FIELD_totals_query_level);
    }
}

static void put_filters(struct world *world, struct asked *asked) {
    struct wire_totals_query *query = &asked->query;
    if (world_random(world, 2)) {
        query->from = 18200 + (int32_t)world_random(world, 400);
        query->to = query->from + (int32_t)world_random(world, 500);
        wire_set(&query->present, FIELD_totals_query_from);
        wire_set(&query->present, FIELD_totals_query_to);
    }
    if (world_random(world, 3) == 0) {
        asked->unit = pick(world, world_paths, WORLD_UNITS);
        query->units = (struct list){&asked->unit, 1};
    }
    if (world_random(world, 3) == 0) {
        asked->programmes[0] = pick(world, world_programmes, 5);
        asked->programmes[1] = pick(world, world_programmes, 5);
        query->programmes = (struct list){asked->programmes, 2};
    }
    if (world_random(world, 4) == 0) {
        asked->town = pick(world, world_towns, WORLD_TOWNS);
        query->towns = (struct list){&asked->town, 1};
    }
}

static void put_look(struct world *world, struct asked *asked) {
    static const char *const orders[] = {"activities", "attendances", "minutes", "reports"};
    static const char *const trees[] = {"old", "new"};
    static const char *const comparisons[] = {"before", "year"};
    struct wire_totals_query *query = &asked->query;
    query->tree = pick(world, trees, 2);
    wire_set(&query->present, FIELD_totals_query_tree);
    if (world_random(world, 3) == 0) {
        query->order = pick(world, orders, 4);
        query->top = 1 + world_random(world, 5);
        wire_set(&query->present, FIELD_totals_query_order);
        wire_set(&query->present, FIELD_totals_query_top);
    }
    if (world_random(world, 3) == 0) {
        query->measures_max = world_random(world, 3);
        wire_set(&query->present, FIELD_totals_query_measures_max);
    }
    bool bounded = wire_has(query->present, FIELD_totals_query_from);
    if (bounded && world_random(world, 2)) {
        query->compare = pick(world, comparisons, 2);
        wire_set(&query->present, FIELD_totals_query_compare);
    }
    bool period = false;
    for (uint32_t i = 0; i < query->by.count; i++) {
        period = period || text_equal(asked->by[i], text_of("week")) || text_equal(asked->by[i], text_of("month"));
    }
    query->fill = bounded && period && world_random(world, 2);
    query->present |= (uint64_t)query->fill << FIELD_totals_query_fill;
}

struct desk {
    struct tally *tally;
    struct arena *arena;
    struct rows rows;
    struct rows before;
    struct drill drill;
};

static int answer_totals(struct desk *desk, const struct question *question, struct buffer *out) {
    struct wire_totals_answer answer;
    struct error error = {0};
    int result = rows_collect(&desk->rows, desk->tally, question, &error);
    if (result == 0 && question->comparison != COMPARE_NOT) {
        struct question before = question_before(question);
        result = rows_collect(&desk->before, desk->tally, &before, &error);
    }
    assert_int_equal(result, 0);
    assert_int_equal(answer_make(desk->tally, question, &desk->rows, &desk->before, desk->arena, &answer), 0);
    answer.as_of = text_of("then");
    answer.present &= ~(UINT64_C(1) << FIELD_totals_answer_at);
    return codec_encode(shape_of(SHAPE_totals_answer), &answer, out);
}

static int answer_drill(struct desk *desk, const struct asked *asked, const struct question *question,
                        struct buffer *out) {
    struct wire_drill_answer answer;
    assert_int_equal(drill_read(&asked->query, &desk->drill, NULL), 0);
    assert_int_equal(drill_collect(&desk->drill, &desk->rows, desk->tally, question), 0);
    assert_int_equal(drill_answer(&desk->drill, desk->tally, question, desk->arena, &answer), 0);
    answer.as_of = text_of("then");
    answer.present &= ~(UINT64_C(1) << FIELD_drill_answer_at);
    return codec_encode(shape_of(SHAPE_drill_answer), &answer, out);
}

/* The answer as bytes, without where it stands; false when the question names what nobody told of yet. */
static bool ask(struct desk *desk, const struct asked *asked, struct buffer *out) {
    struct question question;
    struct error error = {0};
    arena_reset(desk->arena);
    int result = question_read(desk->tally, &asked->query, &question, &error);
    if (result == -ERR_UNKNOWN_UNIT || (result == -ERR_BAD_QUERY && asked->query.towns.count > 0)) {
        return false;
    }
    assert_int_equal(result, 0);
    result = asked->drill ? answer_drill(desk, asked, &question, out) : answer_totals(desk, &question, out);
    assert_int_equal(result, 0);
    return true;
}

static void ask_again(struct desk *desk, struct asked *asked) {
    char at[24];
    struct buffer again = {0};
    snprintf(at, sizeof at, "%llu", (unsigned long long)asked->seq);
    asked->query.at = text_of(at);
    wire_set(&asked->query.present, FIELD_totals_query_at);
    assert_true(ask(desk, asked, &again));
    assert_int_equal(again.length, asked->answer.length);
    assert_memory_equal(again.data, asked->answer.data, again.length);
    buffer_free(&again);
}

/* Asked also in between, when some of the events after it are folded. */
static void ask_some_again(struct world *world, struct desk *desk, struct asked *asked, int count, int times) {
    for (int i = 0; i < times && count > 0; i++) {
        ask_again(desk, &asked[world_random(world, (uint32_t)count)]);
    }
}

static void every_answer_can_be_had_again(void **state) {
    (void)state;
    static struct asked asked[ASKED];
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct world world;
        int count = 0;
        struct rest rest = {.seldom = seed % 2 ? 3 : 90};
        world_make(&world, seed, EVENTS);
        struct desk *desk = calloc(1, sizeof *desk);
        desk->tally = tally_create();
        desk->arena = arena_create(SIZE_MAX);
        for (int i = 0; i < world.count; i++) {
            struct world_room room;
            struct event event = world_event(&world, i, &room);
            assert_int_equal(fold_event(desk->tally, &event, NULL), 0);
            desk->tally->position = (struct position){5, 1, event.seq, 1};
            rest_now_and_then(&rest, &world, desk->tally);
            ask_some_again(&world, desk, asked, count, 1);
            for (int n = 0; n < 3 && count < ASKED; n++) {
                struct asked *one = &asked[count];
                *one = (struct asked){.seq = event.seq, .drill = world_random(&world, 6) == 0};
                put_dimensions(&world, one);
                put_filters(&world, one);
                put_look(&world, one);
                count += ask(desk, one, &one->answer);
            }
        }
        for (int i = 0; i < count; i++) {
            ask_again(desk, &asked[i]);
            buffer_free(&asked[i].answer);
        }
        tally_destroy(&desk->tally);
        arena_destroy(&desk->arena);
        rows_free(&desk->rows);
        rows_free(&desk->before);
        free(desk);
        free(world.events);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_answer_can_be_had_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
