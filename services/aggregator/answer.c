/* Rows to the wire. */
#include "services/aggregator/answer.h"

#include <stdlib.h>

#include "services/aggregator/aggregator.h"

#define MARK(shape, field) (UINT64_C(1) << FIELD_##shape##_##field)

/* Every one of a shape's `count` fields is there. */
static uint64_t all_fields(unsigned count) {
    return (UINT64_C(1) << count) - 1;
}

static void fill_sum(const struct sum *sum, struct wire_sum *out) {
    *out = (struct wire_sum){
        .present = all_fields(FIELD_COUNT_sum),
        .value = sum->value,
        .exact = sum->counts[APPROX_EXACT],
        .at_least = sum->counts[APPROX_AT_LEAST],
        .below = sum->counts[APPROX_BELOW],
        .about = sum->counts[APPROX_ABOUT],
        .mark = text_of(sum_mark(sum)),
    };
}

/* ---- measures ---- */

struct ranked {
    const struct sum *sum;
    uint32_t measure;
    uint64_t frequency;
};

static struct text measure_name(const struct tally *tally, uint32_t measure) {
    return names_text(&tally->names, tally->measures.items[measure].name);
}

static struct text measure_unit(const struct tally *tally, uint32_t measure) {
    return names_text(&tally->names, tally->measures.items[measure].unit);
}

static int compare_ranked(const void *a, const void *b, void *data) {
    const struct tally *tally = *(const struct tally *const *)data;
    const struct ranked *first = a;
    const struct ranked *second = b;
    if (first->frequency != second->frequency) {
        return first->frequency < second->frequency ? 1 : -1;
    }
    int order = names_compare(measure_name(tally, first->measure), measure_name(tally, second->measure));
    return order != 0 ? order
                      : names_compare(measure_unit(tally, first->measure), measure_unit(tally, second->measure));
}

/* The cell's measures that are not empty, most frequent first; NULL without memory. */
static struct ranked *rank_measures(const struct tally *tally, const struct cells *cells, const struct cell *cell,
                                    struct arena *arena, uint32_t *count) {
    uint32_t length = 0;
    for (uint32_t next = cell->measures; next != 0; next = cells->sums[next - 1].next) {
        length++;
    }
    struct ranked *ranked = arena_alloc(arena, (length + 1) * sizeof *ranked);
    *count = 0;
    if (!ranked) {
        return NULL;
    }
    for (uint32_t next = cell->measures; next != 0; next = cells->sums[next - 1].next) {
        const struct measure_sum *sum = &cells->sums[next - 1];
        uint64_t frequency = 0;
        for (int kind = 0; kind < APPROX_COUNT; kind++) {
            frequency += sum->sum.counts[kind];
        }
        if (frequency > 0) {
            ranked[(*count)++] = (struct ranked){&sum->sum, sum->measure, frequency};
        }
    }
    qsort_r(ranked, *count, sizeof *ranked, compare_ranked, (void *)&tally);
    return ranked;
}

static int fill_measures(const struct tally *tally, const struct cells *cells, const struct cell *cell,
                         struct arena *arena, struct list *out) {
    uint32_t count = 0;
    struct ranked *ranked = rank_measures(tally, cells, cell, arena, &count);
    if (!ranked) {
        return -(int)ERR_NO_MEMORY;
    }
    count = count < ROW_MEASURES_MAX ? count : ROW_MEASURES_MAX;
    struct wire_measure_sum *items = arena_alloc(arena, (count + 1) * sizeof *items);
    struct wire_sum *sums = arena_alloc(arena, (count + 1) * sizeof *sums);
    if (!items || !sums) {
        return -(int)ERR_NO_MEMORY;
    }
    for (uint32_t i = 0; i < count; i++) {
        fill_sum(ranked[i].sum, &sums[i]);
        items[i] = (struct wire_measure_sum){
            .present = all_fields(FIELD_COUNT_measure_sum),
            .name = measure_name(tally, ranked[i].measure),
            .unit = measure_unit(tally, ranked[i].measure),
            .sum = {&sums[i], 1},
        };
    }
    *out = (struct list){items, count};
    return 0;
}

/* ---- rows ---- */

static int fill_dimensions(const struct tally *tally, const struct question *question, const struct row *row,
                           struct arena *arena, struct wire_totals_row *out) {
    if (question->by_squad) {
        const struct unit *unit = &tally->units.items[row->unit];
        out->unit = units_path(&tally->units, row->unit);
        out->present |= MARK(totals_row, unit);
        if (unit->name != NAME_NONE) {
            out->name = names_text(&tally->names, unit->name);
            out->present |= MARK(totals_row, name);
        }
    }
    if (question->by_programme) {
        out->programme = text_of(programme_code((enum programme)(row->slot - 1)));
        out->present |= MARK(totals_row, programme);
    }
    if (question->granularity != BY_ALL) {
        char *period = arena_alloc(arena, PERIOD_TEXT_SIZE);
        if (!period) {
            return -(int)ERR_NO_MEMORY;
        }
        period_format(row->period, question->granularity, period);
        out->period = text_of(period);
        out->present |= MARK(totals_row, period);
    }
    return 0;
}

static int fill_row(const struct tally *tally, const struct question *question, const struct rows *rows,
                    const struct row *row, struct arena *arena, struct wire_totals_row *out) {
    const struct cell *cell = &rows->cells.items[row->cell];
    struct wire_sum *sums = arena_alloc(arena, 2 * sizeof *sums);
    if (!sums) {
        return -(int)ERR_NO_MEMORY;
    }
    fill_sum(&cell->attendances, &sums[0]);
    fill_sum(&cell->minutes, &sums[1]);
    *out = (struct wire_totals_row){
        .present = MARK(totals_row, activities) | MARK(totals_row, reports) | MARK(totals_row, undated) |
                   MARK(totals_row, demo) | MARK(totals_row, attendances) | MARK(totals_row, minutes) |
                   MARK(totals_row, measures),
        .activities = (int64_t)cell_activities(cell),
        .reports = cell->reports,
        .undated = row->undated,
        .demo = cell->demo,
        .attendances = {&sums[0], 1},
        .minutes = {&sums[1], 1},
    };
    int result = fill_measures(tally, &rows->cells, cell, arena, &out->measures);
    return result < 0 ? result : fill_dimensions(tally, question, row, arena, out);
}

int answer_make(const struct tally *tally, const struct question *question, const struct rows *rows,
                struct arena *arena, struct wire_totals_answer *answer) {
    struct wire_totals_row *items = arena_alloc(arena, (rows->count + 1) * sizeof *items);
    char *as_of = arena_alloc(arena, POSITION_TEXT_SIZE);
    if (!items || !as_of) {
        return -(int)ERR_NO_MEMORY;
    }
    position_format(&tally->position, as_of);
    int result = 0;
    for (uint32_t i = 0; i < rows->count && result == 0; i++) {
        result = fill_row(tally, question, rows, &rows->items[rows->order[i]], arena, &items[i]);
    }
    *answer = (struct wire_totals_answer){
        .present = all_fields(FIELD_COUNT_totals_answer),
        .as_of = text_of(as_of),
        .rows = {items, rows->count},
    };
    return result;
}

int answer_totals(struct aggregator *aggregator, const void *query, void *answer, struct error *error) {
    struct question question;
    int result = question_read(aggregator->tally, query, &question, error);
    if (result == 0) {
        result = rows_collect(&aggregator->rows, aggregator->tally, &question, error);
    }
    if (result == 0 &&
        answer_make(aggregator->tally, &question, &aggregator->rows, aggregator->question_arena, answer) < 0) {
        result = error_set(error, ERR_TOO_MANY,
                           (struct error_words){.field = "rows", .value = "more than", .limit = "fit into one answer"});
    }
    return result;
}
