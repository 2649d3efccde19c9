/* Collecting rows from cells, and their order. */
#include "services/aggregator/rows.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "services/aggregator/column.h"

void rows_free(struct rows *rows) {
    cells_free(&rows->cells);
    free(rows->items);
    free(rows->order);
    table_free(&rows->table);
    *rows = (struct rows){0};
}

static void rows_reset(struct rows *rows) {
    cells_reset(&rows->cells);
    table_clear(&rows->table);
    rows->count = 0;
}

static bool row_is(const void *owner, uint32_t number, const void *key) {
    const struct row *row = &((const struct rows *)owner)->items[number];
    const struct row *wanted = key;
    return row->unit == wanted->unit && row->slot == wanted->slot && row->period == wanted->period;
}

/* The row, made when it is not there; NULL with `error`. */
static struct row *row_at(struct rows *rows, struct row wanted, struct error *error) {
    uint32_t hash = table_hash_pair(wanted.unit * SLOTS + wanted.slot, (uint32_t)wanted.period);
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

/* ---- collecting ---- */

struct collection {
    struct rows *rows;
    struct tally *tally;
    const struct question *question;
    struct error *error;
    uint32_t squad_kind; /* the word among the names */
    uint32_t unit;       /* where the walk is */
    uint32_t slot;
};

static int collect_cell(void *data, int32_t period, uint32_t cell) {
    struct collection *collection = data;
    const struct cells *cells = &collection->tally->calendar.cells;
    uint32_t reports = cells->items[cell].reports;
    if (reports == 0) {
        return 0;
    }
    bool undated = period == PERIOD_NONE;
    struct row wanted = {
        .unit = collection->unit,
        .slot = collection->question->by_programme ? collection->slot : 0,
        .period = collection->question->granularity == BY_ALL ? PERIOD_ALL : period,
    };
    struct row *row = row_at(collection->rows, wanted, collection->error);
    if (!row) {
        return -(int)collection->error->code;
    }
    row->undated += undated ? reports : 0;
    int result = cells_merge(&collection->rows->cells, row->cell, cells, cell);
    if (result < 0) {
        struct error_words words = {.field = "a sum of the row", .value = "it", .limit = "the range of integers"};
        error_set(collection->error, (enum error_code) - result, words);
    }
    return result;
}

static bool is_squad(const struct collection *collection, uint32_t unit) {
    return collection->squad_kind != NAME_NONE && collection->tally->units.items[unit].kind == collection->squad_kind;
}

static int collect_unit(struct collection *collection, uint32_t unit) {
    const struct question *question = collection->question;
    collection->unit = question->by_squad
                           ? units_nearest(&collection->tally->units, unit, collection->squad_kind, question->unit)
                           : UNIT_NONE;
    if (question->changed_only && collection->tally->units.items[collection->unit].changed <= question->changed_since) {
        return 0;
    }
    bool each_programme = question->by_programme && question->slot == 0;
    uint32_t first = each_programme ? 1 : question->slot;
    uint32_t last = each_programme ? PROGRAMME_COUNT : question->slot;
    int result = 0;
    for (uint32_t slot = first; slot <= last && result == 0; slot++) {
        collection->slot = slot;
        result = calendar_walk(&collection->tally->calendar, unit, slot, question->range, question->granularity,
                               collect_cell, collection);
    }
    return result;
}

/* The rows that are there also without reports. */
static int add_empty(struct collection *collection, uint32_t unit) {
    const struct question *question = collection->question;
    const struct unit *row = &collection->tally->units.items[unit];
    bool wanted = question->changed_only ? row->changed > question->changed_since : !row->closed;
    if (!wanted || !is_squad(collection, unit)) {
        return 0;
    }
    struct row empty = {.unit = unit, .period = PERIOD_ALL};
    return row_at(collection->rows, empty, collection->error) ? 0 : -(int)collection->error->code;
}

static int collect(struct collection *collection) {
    const struct question *question = collection->question;
    const struct units *units = &collection->tally->units;
    bool one_row_each = !question->by_programme && question->granularity == BY_ALL;
    int result = 0;
    for (uint32_t unit = 0; unit < units_count(units) && result == 0; unit++) {
        if (!units_within(units, unit, question->unit)) {
            continue;
        }
        result = collect_unit(collection, unit);
        if (result == 0 && one_row_each && question->by_squad) {
            result = add_empty(collection, unit);
        }
    }
    if (result == 0 && one_row_each && !question->by_squad) {
        struct row only = {.unit = UNIT_NONE, .period = PERIOD_ALL};
        result = row_at(collection->rows, only, collection->error) ? 0 : -(int)collection->error->code;
    }
    return result;
}

/* ---- order ---- */

struct order {
    const struct rows *rows;
    const struct units *units;
};

static int compare_rows(const void *a, const void *b, void *data) {
    const struct order *order = data;
    const struct row *first = &order->rows->items[*(const uint32_t *)a];
    const struct row *second = &order->rows->items[*(const uint32_t *)b];
    int result = units_compare(order->units, first->unit, second->unit);
    if (result == 0) {
        result = (first->slot > second->slot) - (first->slot < second->slot);
    }
    return result != 0 ? result : (first->period > second->period) - (first->period < second->period);
}

static int sort_rows(struct rows *rows, const struct units *units) {
    int result = column_reserve(&rows->order, &rows->order_capacity, rows->count, sizeof *rows->order);
    if (result < 0) {
        return result;
    }
    for (uint32_t i = 0; i < rows->count; i++) {
        rows->order[i] = i;
    }
    struct order order = {rows, units};
    if (rows->count > 1) {
        qsort_r(rows->order, rows->count, sizeof *rows->order, compare_rows, &order);
    }
    return 0;
}

int rows_collect(struct rows *rows, struct tally *tally, const struct question *question, struct error *error) {
    struct error own = {0};
    struct collection collection = {
        .rows = rows,
        .tally = tally,
        .question = question,
        .error = error ? error : &own,
        .squad_kind = names_find(&tally->names, text_of("squad")),
    };
    rows_reset(rows);
    int result = collect(&collection);
    if (result == 0 && sort_rows(rows, &tally->units) < 0) {
        result = error_set(collection.error, ERR_NO_MEMORY, (struct error_words){0});
    }
    return result;
}
