/* The rows of an answer, and their order. */
#include "services/aggregator/rows.h"

#include <stdlib.h>

#include "services/aggregator/column.h"

void rows_free(struct rows *rows) {
    cells_free(&rows->cells);
    free(rows->items);
    free(rows->order);
    free(rows->lines);
    free(rows->faces);
    free(rows->keys);
    table_free(&rows->table);
    *rows = (struct rows){0};
}

void rows_begin(struct rows *rows) {
    cells_reset(&rows->cells);
    table_clear(&rows->table);
    rows->count = 0;
    rows->line_count = 0;
    rows->left_out = 0;
}

static bool row_is(const void *owner, uint32_t number, const void *key) {
    const struct row *row = &((const struct rows *)owner)->items[number];
    const struct row *wanted = key;
    return row->unit == wanted->unit && row->programme == wanted->programme && row->town == wanted->town &&
           row->period == wanted->period;
}

static uint32_t hash_of(const struct row *row) {
    return table_hash_pair(row->unit * 8 + row->programme, (uint32_t)row->period * 31 + row->town);
}

const struct row *rows_find(const struct rows *rows, struct row wanted) {
    uint32_t number = table_find(&rows->table, hash_of(&wanted), row_is, rows, &wanted);
    return number == TABLE_NONE ? NULL : &rows->items[number];
}

struct row *rows_at(struct rows *rows, struct row wanted, struct error *error) {
    uint32_t hash = hash_of(&wanted);
    uint32_t number = table_find(&rows->table, hash, row_is, rows, &wanted);
    if (number != TABLE_NONE) {
        return &rows->items[number];
    }
    if (rows->count >= ROWS_MAX) {
        error_set(error, ERR_TOO_MANY, (struct error_words){.field = "rows", .value = "more", .limit = "100000"});
        return NULL;
    }
    wanted.cell = cells_new(&rows->cells);
    uint64_t needed = (uint64_t)rows->count + 1;
    if (wanted.cell == CELL_NONE || table_reserve(&rows->table) < 0 ||
        column_reserve(&rows->items, &rows->capacity, needed, sizeof *rows->items) < 0) {
        error_set(error, ERR_NO_MEMORY, (struct error_words){0});
        return NULL;
    }
    rows->items[rows->count] = wanted;
    table_add(&rows->table, hash, rows->count);
    return &rows->items[rows->count++];
}

/* ---- rows without reports ---- */

static bool has_more_dimensions(const struct question *question) {
    return question->by_programme || question->by_town || question->granularity != BY_ALL;
}

static int add_empty_squads(struct rows *rows, const struct tally *tally, const struct question *question,
                            struct error *error) {
    for (uint32_t unit = 0; unit < units_count(&tally->units); unit++) {
        const struct unit_face *face = &rows->faces[unit];
        bool squad = rows->squad_kind != NAME_NONE && face->kind == rows->squad_kind && rows->keys[unit] == unit;
        bool wanted =
            question->changed_only ? tally->units.items[unit].changed > question->changed_since : !face->closed;
        struct row empty = {.unit = unit, .town = TOWN_ANY, .period = PERIOD_ALL};
        if (squad && wanted && !rows_at(rows, empty, error)) {
            return -(int)error->code;
        }
    }
    return 0;
}

/* The other rows of the same unit, programme and town are filled already, or will be when their first one comes. */
static bool is_filled(const struct rows *rows, uint32_t number, struct row first, uint32_t count) {
    const struct row *found = rows_find(rows, first);
    return found && (found >= rows->items + count || found != rows->items + number);
}

/* Every period of the range, for everything else that has a row. */
static int fill_periods(struct rows *rows, const struct question *question, struct error *error) {
    enum granularity size = question->granularity;
    int32_t from = period_of(question->range.from, size);
    int32_t last = period_of(question->range.to, size);
    bool alone = question->by_unit == UNITS_TOGETHER && !question->by_programme && !question->by_town;
    uint32_t count = rows->count;
    for (uint32_t i = 0; i < count || (i == 0 && alone); i++) {
        struct row row = count > 0 ? rows->items[i] : (struct row){.unit = UNIT_NONE, .town = TOWN_ANY};
        row.period = from;
        if (is_filled(rows, i, row, count)) {
            continue;
        }
        for (; row.period <= last; row.period = period_shift(row.period, size, 1)) {
            if (!rows_at(rows, row, error)) {
                return -(int)error->code;
            }
        }
    }
    return 0;
}

static int add_empty(struct rows *rows, const struct tally *tally, const struct question *question,
                     struct error *error) {
    if (question->fill) {
        return fill_periods(rows, question, error);
    }
    if (question->by_unit == UNITS_SQUADS && !has_more_dimensions(question) && !question->undated) {
        return add_empty_squads(rows, tally, question, error);
    }
    if (question->by_unit == UNITS_TOGETHER && !has_more_dimensions(question)) {
        struct row only = {.unit = UNIT_NONE, .town = TOWN_ANY, .period = PERIOD_ALL};
        return rows_at(rows, only, error) ? 0 : -(int)error->code;
    }
    return 0;
}

/* ---- order ---- */

struct order {
    const struct rows *rows;
    const struct tally *tally;
};

int rows_compare_units(const struct rows *rows, const struct tally *tally, uint32_t a, uint32_t b) {
    if (a == b || a == UNIT_NONE || b == UNIT_NONE) {
        return 0;
    }
    int32_t first = rows->faces[a].order;
    int32_t second = rows->faces[b].order;
    const struct units *units = &tally->units;
    return first != second ? (first > second) - (first < second)
                           : names_compare(units_path(units, a), units_path(units, b));
}

static int compare_towns(const struct order *order, uint32_t a, uint32_t b) {
    if (a == b || a == TOWN_ANY || b == TOWN_ANY) {
        return 0;
    }
    if (a == TABLE_NONE || b == TABLE_NONE) {
        return a == TABLE_NONE ? 1 : -1;
    }
    return names_compare(names_text(&order->tally->names, a), names_text(&order->tally->names, b));
}

static int compare_rows(const void *a, const void *b, void *data) {
    const struct order *order = data;
    const struct row *first = &order->rows->items[*(const uint32_t *)a];
    const struct row *second = &order->rows->items[*(const uint32_t *)b];
    int result = rows_compare_units(order->rows, order->tally, first->unit, second->unit);
    result = result != 0 ? result : (first->programme > second->programme) - (first->programme < second->programme);
    result = result != 0 ? result : compare_towns(order, first->town, second->town);
    return result != 0 ? result : (first->period > second->period) - (first->period < second->period);
}

/* Units come in the order of their numbers, which is often that of their places, and each unit's periods rise. */
static bool is_sorted(const struct rows *rows, struct order *order) {
    bool sorted = true;
    for (uint32_t i = 1; i < rows->count && sorted; i++) {
        sorted = compare_rows(&rows->order[i - 1], &rows->order[i], order) <= 0;
    }
    return sorted;
}

int rows_sort(struct rows *rows, const struct tally *tally) {
    int result = column_reserve(&rows->order, &rows->order_capacity, rows->count, sizeof *rows->order);
    if (result < 0) {
        return result;
    }
    for (uint32_t i = 0; i < rows->count; i++) {
        rows->order[i] = i;
    }
    struct order order = {rows, tally};
    if (!is_sorted(rows, &order)) {
        qsort_r(rows->order, rows->count, sizeof *rows->order, compare_rows, &order);
    }
    return 0;
}

int rows_collect(struct rows *rows, struct tally *tally, const struct question *question, struct error *error) {
    struct error own = {0};
    error = error ? error : &own;
    rows_begin(rows);
    if (rows_name_units(rows, tally, question) < 0) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    if (question_needs_measures(question)) {
        cells_densify(&rows->cells, tally->measures.count);
    }
    int result = question->at == AT_HEAD ? rows_from_views(rows, tally, question, error)
                                         : rows_from_versions(rows, tally, question, error);
    result = result < 0 ? result : add_empty(rows, tally, question, error);
    if (result == 0 && rows_sort(rows, tally) < 0) {
        result = error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    return result < 0 ? result : rows_tell(rows, tally, question, error);
}
