/* Fuzzes questions: any bytes as a totals_query against a small fixed tally. Whatever is asked is refused by name or
 * answered, and the rows of an answer add up to the figures of the same question without dimensions. */
#include <assert.h>

#include "services/aggregator/answer.h"
#include "services/aggregator/fold.h"
#include "tests/unit/aggregator_world.h"

struct desk {
    struct tally *tally;
    struct rows rows;
    struct rows before;
    struct rows whole;
    struct arena *arena;
    struct buffer bytes;
};

static void check_sum(const struct list *list) {
    const struct wire_sum *sum = list->items;
    assert(list->count == 1 && sum->value >= 0);
    int64_t unsure = sum->at_least + sum->below + sum->about;
    assert((sum->mark.length > 0) == (unsure > 0));
}

static void check_row(const struct question *question, const struct wire_totals_row *row) {
    assert(row->activities <= row->reports && row->undated <= row->reports && row->demo <= row->reports);
    check_sum(&row->attendances);
    check_sum(&row->minutes);
    const struct wire_measure_sum *measures = row->measures.items;
    for (uint32_t i = 0; i < row->measures.count; i++) {
        check_sum(&measures[i].sum);
    }
    assert(question->granularity == BY_ALL || row->undated == 0 || row->period.length == 0);
}

/* Programmes and measures overlap, and what did not change or is not among the first is left out: then rows need not
 * add up. */
static void check_whole(struct desk *desk, struct question question, const struct wire_totals_answer *answer) {
    if (question.by_programme || question.split != SPLIT_NOT || question.changed_only || question.top > 0) {
        return;
    }
    const struct wire_totals_row *rows = answer->rows.items;
    uint64_t reports = 0;
    uint64_t activities = 0;
    for (uint32_t i = 0; i < answer->rows.count; i++) {
        reports += (uint64_t)rows[i].reports;
        activities += (uint64_t)rows[i].activities;
    }
    question.by_unit = UNITS_TOGETHER;
    question.by_town = false;
    question.granularity = BY_ALL;
    question.fill = false;
    int result = rows_collect(&desk->whole, desk->tally, &question, NULL);
    assert(result == 0 && desk->whole.count == 1);
    const struct cell *cell = &desk->whole.cells.items[desk->whole.items[0].cell];
    assert(cell->reports == reports);
    assert(cell_activities(cell) <= activities);
}

static struct desk *desk_make(void) {
    struct desk *desk = calloc(1, sizeof *desk);
    assert(desk);
    desk->tally = tally_create();
    desk->arena = arena_create((size_t)64 * 1024 * 1024);
    assert(desk->tally && desk->arena);
    struct world world;
    world_make(&world, 4, 300);
    for (int i = 0; i < world.count; i++) {
        struct world_room room;
        struct event event = world_event(&world, i, &room);
        int result = fold_event(desk->tally, &event, NULL);
        assert(result == 0);
    }
    desk->tally->position = (struct position){7, 1, 300, 9};
    free(world.events);
    return desk;
}

static void answer(struct desk *desk, const struct question *question, struct wire_totals_answer *out) {
    struct error error = {0};
    int result = rows_collect(&desk->rows, desk->tally, question, &error);
    assert(result == 0);
    if (question->comparison != COMPARE_NOT) {
        struct question before = question_before(question);
        result = rows_collect(&desk->before, desk->tally, &before, &error);
        assert(result == 0);
    }
    result = answer_make(desk->tally, question, &desk->rows, &desk->before, desk->arena, out);
    assert(result == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct desk *desk;
    desk = desk ? desk : desk_make();
    struct wire_totals_query query;
    struct question question;
    struct wire_totals_answer told;
    struct faults faults;
    struct error error = {0};
    faults_clear(&faults);
    arena_reset(desk->arena);
    struct text bytes = {(const char *)data, (uint32_t)size};
    if (codec_decode(shape_of(SHAPE_totals_query), bytes, desk->arena, &query, &faults) < 0) {
        return 0;
    }
    int result = question_read(desk->tally, &query, &question, &error);
    if (result < 0) {
        assert(error.code != ERR_OK && error.text_zh[0] != '\0');
        return 0;
    }
    answer(desk, &question, &told);
#ifdef PLANTED_BUG
    /* A careless screen: has room for three years. */
    struct range range = question.range;
    assert(range.from == INT32_MIN || range.to == INT32_MAX || range.to - range.from < 3 * 366);
#endif
    const struct wire_totals_row *rows = told.rows.items;
    for (uint32_t i = 0; i < told.rows.count; i++) {
        check_row(&question, &rows[i]);
    }
    check_whole(desk, question, &told);
    buffer_clear(&desk->bytes);
    result = codec_encode(shape_of(SHAPE_totals_answer), &told, &desk->bytes);
    assert(result == 0);
    return 0;
}
