/* Lines: rows split by measure or kind where that is asked for, put in order, and the first of them. */
#include <stdlib.h>

#include "services/aggregator/column.h"
#include "services/aggregator/rows.h"

static int add_line(struct rows *rows, struct line line, struct error *error) {
    if (rows->line_count >= ROWS_MAX) {
        return error_set(error, ERR_TOO_MANY,
                         (struct error_words){.field = "rows", .value = "more", .limit = "100000"});
    }
    if (column_reserve(&rows->lines, &rows->line_capacity, (uint64_t)rows->line_count + 1, sizeof line) < 0) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    rows->lines[rows->line_count++] = line;
    return 0;
}

struct order {
    const struct rows *rows;
    const struct tally *tally;
    enum row_order order;
};

static const struct sum *sum_of(const struct order *order, const struct line *line) {
    return cells_measure(&order->rows->cells, order->rows->items[line->row].cell, line->measure);
}

/* The most frequent measure first, then by name and unit. */
static int compare_measures(const void *a, const void *b, void *data) {
    const struct order *order = data;
    const struct line *first = a;
    const struct line *second = b;
    uint64_t one = sum_frequency(sum_of(order, first));
    uint64_t other = sum_frequency(sum_of(order, second));
    if (one != other) {
        return one < other ? 1 : -1;
    }
    const struct measure *measures = order->tally->measures.items;
    const struct names *names = &order->tally->names;
    int result = names_compare(names_text(names, measures[first->measure].name),
                               names_text(names, measures[second->measure].name));
    return result != 0 ? result
                       : names_compare(names_text(names, measures[first->measure].unit),
                                       names_text(names, measures[second->measure].unit));
}

static int split_row(struct rows *rows, const struct tally *tally, const struct question *question, uint32_t row,
                     struct error *error) {
    uint32_t begin = rows->line_count;
    const struct cells *cells = &rows->cells;
    int result = 0;
    for (uint32_t next = cells->items[rows->items[row].cell].measures; next != 0 && result == 0;) {
        const struct measure_sum *sum = &cells->sums[next - 1];
        next = sum->next;
        if (!sum_is_empty(&sum->sum) && question_wants(question, &tally->measures.items[sum->measure])) {
            result = add_line(rows, (struct line){row, sum->measure}, error);
        }
    }
    struct order order = {rows, tally, question->order};
    if (rows->line_count > begin + 1) {
        qsort_r(rows->lines + begin, rows->line_count - begin, sizeof *rows->lines, compare_measures, &order);
    }
    return result;
}

/* ---- the most first ---- */

static int64_t figure_of(const struct order *order, const struct line *line) {
    const struct cell *cell = &order->rows->cells.items[order->rows->items[line->row].cell];
    const struct sum *sum = line->measure == MEASURE_NONE ? NULL : sum_of(order, line);
    switch (order->order) {
    case ORDER_ACTIVITIES:
        return (int64_t)cell_activities(cell);
    case ORDER_ATTENDANCES:
        return cell->attendances.value;
    case ORDER_MINUTES:
        return cell->minutes.value;
    case ORDER_MEASURE:
        return sum ? sum->value : 0;
    default:
        return sum ? (int64_t)sum_frequency(sum) : cell->reports;
    }
}

struct ranked {
    struct line line;
    int64_t figure;
    uint32_t place; /* before it was ranked: what is equal stays in its order */
};

static int compare_figures(const void *a, const void *b) {
    const struct ranked *first = a;
    const struct ranked *second = b;
    if (first->figure != second->figure) {
        return first->figure < second->figure ? 1 : -1;
    }
    return (first->place > second->place) - (first->place < second->place);
}

static int rank(struct rows *rows, const struct order *order, struct error *error) {
    struct ranked *ranked = malloc(((size_t)rows->line_count + 1) * sizeof *ranked);
    if (!ranked) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    for (uint32_t i = 0; i < rows->line_count; i++) {
        ranked[i] = (struct ranked){rows->lines[i], figure_of(order, &rows->lines[i]), i};
    }
    qsort(ranked, rows->line_count, sizeof *ranked, compare_figures);
    for (uint32_t i = 0; i < rows->line_count; i++) {
        rows->lines[i] = ranked[i].line;
    }
    free(ranked);
    return 0;
}

int rows_tell(struct rows *rows, const struct tally *tally, const struct question *question, struct error *error) {
    int result = 0;
    for (uint32_t i = 0; i < rows->count && result == 0; i++) {
        result = question->split == SPLIT_NOT ? add_line(rows, (struct line){rows->order[i], MEASURE_NONE}, error)
                                              : split_row(rows, tally, question, rows->order[i], error);
    }
    struct order order = {rows, tally, question->order};
    if (result == 0 && question->order != ORDER_NATURAL) {
        result = rank(rows, &order, error);
    }
    if (question->top > 0 && rows->line_count > question->top) {
        rows->left_out = rows->line_count - question->top;
        rows->line_count = question->top;
    }
    return result;
}
