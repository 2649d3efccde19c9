/* Rows to the wire. */
#include "services/aggregator/answer.h"

#include <stdlib.h>

#include "services/aggregator/aggregator.h"
#include "services/aggregator/asked.h"

#define MARK(shape, field) (UINT64_C(1) << FIELD_##shape##_##field)

/* Every one of a shape's `count` fields is there. */
static uint64_t all_fields(unsigned count) {
    return (UINT64_C(1) << count) - 1;
}

void answer_fill_sum(const struct sum *sum, struct wire_sum *out) {
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

struct filling {
    const struct tally *tally;
    const struct question *question;
    const struct rows *rows;
    const struct rows *before;
    struct arena *arena;
};

/* A sum as a RECORD in the arena; without items when there is no memory. NULL stands for an empty one. */
static struct list record_sum(struct arena *arena, const struct sum *sum) {
    static const struct sum none = {0};
    struct wire_sum *out = arena_alloc(arena, sizeof *out);
    if (out) {
        answer_fill_sum(sum ? sum : &none, out);
    }
    return (struct list){out, out ? 1 : 0};
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
static struct ranked *rank_measures(const struct filling *filling, const struct cells *cells, const struct cell *cell,
                                    uint32_t *count) {
    const struct tally *tally = filling->tally;
    uint32_t length = 0;
    for (uint32_t next = cell->measures; next != 0; next = cells->sums[next - 1].next) {
        length++;
    }
    struct ranked *ranked = arena_alloc(filling->arena, (length + 1) * sizeof *ranked);
    *count = 0;
    if (!ranked) {
        return NULL;
    }
    for (uint32_t next = cell->measures; next != 0; next = cells->sums[next - 1].next) {
        const struct measure_sum *sum = &cells->sums[next - 1];
        uint64_t frequency = sum_frequency(&sum->sum);
        if (frequency > 0 && question_wants(filling->question, &tally->measures.items[sum->measure])) {
            ranked[(*count)++] = (struct ranked){&sum->sum, sum->measure, frequency};
        }
    }
    qsort_r(ranked, *count, sizeof *ranked, compare_ranked, (void *)&tally);
    return ranked;
}

static int fill_measures(const struct filling *filling, const struct cells *cells, const struct cell *cell,
                         struct list *out) {
    uint32_t count = 0;
    struct arena *arena = filling->arena;
    if (filling->question->measures_max == 0 || filling->question->split != SPLIT_NOT) {
        return 0;
    }
    struct ranked *ranked = rank_measures(filling, cells, cell, &count);
    if (!ranked) {
        return -(int)ERR_NO_MEMORY;
    }
    count = count < filling->question->measures_max ? count : filling->question->measures_max;
    struct wire_measure_sum *items = arena_alloc(arena, (count + 1) * sizeof *items);
    struct wire_sum *sums = arena_alloc(arena, (count + 1) * sizeof *sums);
    if (!items || !sums) {
        return -(int)ERR_NO_MEMORY;
    }
    for (uint32_t i = 0; i < count; i++) {
        answer_fill_sum(ranked[i].sum, &sums[i]);
        items[i] = (struct wire_measure_sum){
            .present = all_fields(FIELD_COUNT_measure_sum),
            .name = measure_name(filling->tally, ranked[i].measure),
            .unit = measure_unit(filling->tally, ranked[i].measure),
            .sum = {&sums[i], 1},
        };
    }
    *out = (struct list){items, count};
    return 0;
}

/* ---- rows ---- */

static bool fill_period(const struct filling *filling, int32_t number, struct text *out) {
    char *period = arena_alloc(filling->arena, PERIOD_TEXT_SIZE);
    if (period) {
        period_format(number, filling->question->granularity, period);
        *out = text_of(period);
    }
    return period != NULL;
}

static void fill_unit(const struct filling *filling, const struct row *row, struct wire_totals_row *out) {
    const struct tally *tally = filling->tally;
    const struct unit_face *face = &filling->rows->faces[row->unit];
    out->unit = units_path(&tally->units, row->unit);
    out->present |= MARK(totals_row, unit);
    if (face->name != NAME_NONE) {
        out->name = names_text(&tally->names, face->name);
        out->present |= MARK(totals_row, name);
    }
}

static int fill_dimensions(const struct filling *filling, const struct row *row, struct wire_totals_row *out) {
    const struct question *question = filling->question;
    if (question->by_unit != UNITS_TOGETHER) {
        fill_unit(filling, row, out);
    }
    if (question->by_programme) {
        out->programme = text_of(programme_code((enum programme)(row->programme - 1)));
        out->present |= MARK(totals_row, programme);
    }
    if (question->by_town) {
        out->town = row->town == TABLE_NONE ? (struct text){"", 0} : names_text(&filling->tally->names, row->town);
        out->present |= MARK(totals_row, town);
    }
    if (question->granularity != BY_ALL) {
        out->present |= MARK(totals_row, period);
        return fill_period(filling, row->period, &out->period) ? 0 : -(int)ERR_NO_MEMORY;
    }
    return 0;
}

/* The line's measure, or its kind with what of it was solved. */
static void fill_split(const struct filling *filling, const struct row *row, uint32_t number,
                       struct wire_totals_row *out) {
    const struct tally *tally = filling->tally;
    const struct cells *cells = &filling->rows->cells;
    const struct sum *sum = cells_measure(cells, row->cell, number);
    struct measure measure = tally->measures.items[number];
    out->quantity = record_sum(filling->arena, sum);
    out->reports = sum ? (int64_t)sum_frequency(sum) : 0;
    out->present |= MARK(totals_row, quantity);
    if (measure.sort == MEASURE_REPORTED) {
        out->measure = measure_name(tally, number);
        out->measure_unit = measure_unit(tally, number);
        out->present |= MARK(totals_row, measure) | MARK(totals_row, measure_unit);
        return;
    }
    measure.sort = MEASURE_SOLVED;
    uint32_t solved = measures_find(&tally->measures, measure);
    out->kind = measure_name(tally, number);
    out->solved = record_sum(filling->arena, solved == MEASURE_NONE ? NULL : cells_measure(cells, row->cell, solved));
    out->present |= MARK(totals_row, kind) | MARK(totals_row, solved);
}

/* ---- what it is compared with ---- */

static int64_t value_of(const struct list *record) {
    return record->count == 1 ? ((const struct wire_sum *)record->items)->value : 0;
}

static int fill_before_figures(const struct filling *filling, const struct line *line, const struct cell *cell,
                               const struct wire_totals_row *now, struct wire_totals_before *out) {
    const struct sum *sum =
        cell && line->measure != MEASURE_NONE
            ? cells_measure(&filling->before->cells, (uint32_t)(cell - filling->before->cells.items), line->measure)
            : NULL;
    bool split = line->measure != MEASURE_NONE;
    out->present |= MARK(totals_before, activities) | MARK(totals_before, activities_change) |
                    MARK(totals_before, reports) | MARK(totals_before, reports_change) |
                    MARK(totals_before, attendances) | MARK(totals_before, attendances_change) |
                    MARK(totals_before, minutes) | MARK(totals_before, minutes_change);
    out->activities = cell ? (int64_t)cell_activities(cell) : 0;
    out->reports = !cell ? 0 : split ? (sum ? (int64_t)sum_frequency(sum) : 0) : cell->reports;
    out->attendances = record_sum(filling->arena, cell ? &cell->attendances : NULL);
    out->minutes = record_sum(filling->arena, cell ? &cell->minutes : NULL);
    out->activities_change = now->activities - out->activities;
    out->reports_change = now->reports - out->reports;
    out->attendances_change = value_of(&now->attendances) - value_of(&out->attendances);
    out->minutes_change = value_of(&now->minutes) - value_of(&out->minutes);
    if (split) {
        out->quantity = record_sum(filling->arena, sum);
        out->quantity_change = value_of(&now->quantity) - value_of(&out->quantity);
        out->present |= MARK(totals_before, quantity) | MARK(totals_before, quantity_change);
    }
    bool whole = out->attendances.count == 1 && out->minutes.count == 1 && (!split || out->quantity.count == 1);
    return whole ? 0 : -(int)ERR_NO_MEMORY;
}

static int fill_before(const struct filling *filling, const struct line *line, struct row row,
                       struct wire_totals_row *now) {
    const struct question *question = filling->question;
    struct wire_totals_before *out = arena_alloc(filling->arena, sizeof *out);
    if (!out) {
        return -(int)ERR_NO_MEMORY;
    }
    *out = (struct wire_totals_before){0};
    row.period = question_period_before(question, row.period);
    if (question->granularity != BY_ALL) {
        out->present = MARK(totals_before, period);
        if (!fill_period(filling, row.period, &out->period)) {
            return -(int)ERR_NO_MEMORY;
        }
    } else {
        struct range range = question_before(question).range;
        out->from = range.from;
        out->to = range.to;
        out->present = MARK(totals_before, from) | MARK(totals_before, to);
    }
    const struct row *found = row.period == PERIOD_NONE ? NULL : rows_find(filling->before, row);
    now->before = (struct list){out, 1};
    now->present |= MARK(totals_row, before);
    return fill_before_figures(filling, line, found ? &filling->before->cells.items[found->cell] : NULL, now, out);
}

static int fill_line(const struct filling *filling, const struct line *line, struct wire_totals_row *out) {
    const struct row *row = &filling->rows->items[line->row];
    const struct cell *cell = &filling->rows->cells.items[row->cell];
    *out = (struct wire_totals_row){
        .present = MARK(totals_row, activities) | MARK(totals_row, reports) | MARK(totals_row, undated) |
                   MARK(totals_row, demo) | MARK(totals_row, attendances) | MARK(totals_row, minutes) |
                   MARK(totals_row, measures) | MARK(totals_row, late) | MARK(totals_row, accepted) |
                   MARK(totals_row, returned) | MARK(totals_row, warned),
        .activities = (int64_t)cell_activities(cell),
        .reports = cell->reports,
        .undated = cell->undated,
        .demo = cell->demo,
        .late = cell->late,
        .accepted = cell->accepted,
        .returned = cell->returned,
        .warned = cell->warned,
        .attendances = record_sum(filling->arena, &cell->attendances),
        .minutes = record_sum(filling->arena, &cell->minutes),
    };
    if (line->measure != MEASURE_NONE) {
        fill_split(filling, row, line->measure, out);
    }
    int result = out->attendances.count == 1 && out->minutes.count == 1 ? 0 : -(int)ERR_NO_MEMORY;
    result = result < 0 ? result : fill_measures(filling, &filling->rows->cells, cell, &out->measures);
    result = result < 0 ? result : fill_dimensions(filling, row, out);
    bool compared = filling->question->comparison != COMPARE_NOT;
    return result < 0 || !compared ? result : fill_before(filling, line, *row, out);
}

int answer_make(const struct tally *tally, const struct question *question, const struct rows *rows,
                const struct rows *before, struct arena *arena, struct wire_totals_answer *answer) {
    struct filling filling = {tally, question, rows, before, arena};
    struct wire_totals_row *items = arena_alloc(arena, (rows->line_count + 1) * sizeof *items);
    char *as_of = arena_alloc(arena, POSITION_TEXT_SIZE);
    if (!items || !as_of) {
        return -(int)ERR_NO_MEMORY;
    }
    position_format(&tally->position, as_of);
    int result = 0;
    for (uint32_t i = 0; i < rows->line_count && result == 0; i++) {
        result = fill_line(&filling, &rows->lines[i], &items[i]);
    }
    *answer = (struct wire_totals_answer){
        .present = MARK(totals_answer, as_of) | MARK(totals_answer, rows),
        .as_of = text_of(as_of),
        .rows = {items, rows->line_count},
        .at = (int64_t)question->at,
        .left_out = rows->left_out,
    };
    answer->present |= question->at != AT_HEAD ? MARK(totals_answer, at) : 0;
    answer->present |= rows->left_out > 0 ? MARK(totals_answer, left_out) : 0;
    return result;
}

int answer_totals(struct aggregator *aggregator, const void *query, void *answer, struct error *error) {
    struct question question;
    const struct wire_totals_query *asked = query;
    int result = question_read(aggregator->tally, asked, &question, error);
    if (result == 0 && wire_has(asked->present, FIELD_totals_query_mark)) {
        result = asked_refuse(ERR_BAD_QUERY, "mark", asked->mark, "asked for of reports, not of their sums", error);
    }
    if (result == 0) {
        result = rows_collect(&aggregator->rows, aggregator->tally, &question, error);
    }
    if (result == 0 && question.comparison != COMPARE_NOT) {
        struct question before = question_before(&question);
        result = rows_collect(&aggregator->before, aggregator->tally, &before, error);
    }
    if (result == 0 && answer_make(aggregator->tally, &question, &aggregator->rows, &aggregator->before,
                                   aggregator->question_arena, answer) < 0) {
        result = error_set(error, ERR_TOO_MANY,
                           (struct error_words){.field = "rows", .value = "more than", .limit = "fit into one answer"});
    }
    return result;
}
