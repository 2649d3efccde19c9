/* Reports by number: rows, the table of ids, and the pool of measures with its free runs. */
#include "services/aggregator/reports.h"

#include <assert.h>
#include <stdlib.h>

#include "common/error.h"
#include "services/aggregator/column.h"

#define INDEXED_TOGETHER 32

void reports_start(struct reports *reports) {
    *reports = (struct reports){0};
    table_draw_key(&reports->table);
}

void reports_free(struct reports *reports) {
    free(reports->ids);
    free(reports->items);
    free(reports->links);
    free(reports->pool);
    table_free(&reports->table);
    *reports = (struct reports){0};
}

static bool id_is(const void *owner, uint32_t number, const void *key) {
    return id_equal(&((const struct reports *)owner)->ids[number], key);
}

static uint32_t hash_of(const struct reports *reports, const struct id *id) {
    return table_hash_bytes(&reports->table, id->bytes, sizeof id->bytes);
}

void reports_prefetch(const struct reports *reports, const struct id *id) {
    table_prefetch(&reports->table, hash_of(reports, id));
}

uint32_t reports_find(const struct reports *reports, const struct id *id) {
    return table_find(&reports->table, hash_of(reports, id), id_is, reports, id);
}

uint32_t reports_append(struct reports *reports, const struct id *id) {
    uint64_t needed = (uint64_t)reports->count + 1;
    if (column_reserve(&reports->ids, &reports->ids_capacity, needed, sizeof *reports->ids) < 0 ||
        column_reserve(&reports->items, &reports->capacity, needed, sizeof *reports->items) < 0 ||
        column_reserve(&reports->links, &reports->links_capacity, needed, sizeof *reports->links) < 0) {
        return REPORT_NONE;
    }
    uint32_t number = reports->count++;
    reports->ids[number] = *id;
    reports->items[number] = (struct report){.day = DAY_NONE, .activity = number, .town = TABLE_NONE};
    reports->links[number] = (struct report_link){0};
    return number;
}

uint32_t reports_number(struct reports *reports, const struct id *id) {
    uint32_t hash = hash_of(reports, id);
    uint32_t number = table_find(&reports->table, hash, id_is, reports, id);
    if (number != TABLE_NONE) {
        return number;
    }
    number = table_reserve(&reports->table) < 0 ? REPORT_NONE : reports_append(reports, id);
    if (number != REPORT_NONE) {
        table_add(&reports->table, hash, number);
    }
    return number;
}

/* ---- reading back ---- */

int reports_reserve(struct reports *reports, uint32_t count) {
    int result = column_reserve(&reports->ids, &reports->ids_capacity, count, sizeof *reports->ids);
    if (result == 0) {
        result = column_reserve(&reports->links, &reports->links_capacity, count, sizeof *reports->links);
    }
    return result < 0 ? result : column_reserve(&reports->items, &reports->capacity, count, sizeof *reports->items);
}

/* The places of some ids are brought near before the first of them is looked at. */
static int index_some(struct reports *reports, uint32_t from, uint32_t to) {
    uint32_t hashes[INDEXED_TOGETHER] = {0};
    for (uint32_t number = from; number < to; number++) {
        hashes[number - from] = hash_of(reports, &reports->ids[number]);
        table_prefetch(&reports->table, hashes[number - from]);
    }
    for (uint32_t number = from; number < to; number++) {
        uint32_t hash = hashes[number - from];
        if (table_find(&reports->table, hash, id_is, reports, &reports->ids[number]) != TABLE_NONE) {
            return -(int)ERR_CORRUPT;
        }
        table_add(&reports->table, hash, number);
    }
    return 0;
}

int reports_index(struct reports *reports) {
    uint32_t from = (uint32_t)reports->table.count;
    int result = table_reserve_all(&reports->table, reports->count);
    for (uint32_t to = 0; from < reports->count && result == 0; from = to) {
        to = reports->count - from > INDEXED_TOGETHER ? from + INDEXED_TOGETHER : reports->count;
        result = index_some(reports, from, to);
    }
    return result;
}

/* ---- contributions ---- */

static_assert(sizeof(struct report) == 40, "ten million reports are a matter of bytes");

struct kept_measure kept_measure(uint32_t measure, int64_t quantity, enum approx approx) {
    static_assert(APPROX_COUNT <= 4, "two bits hold the kind of approximation");
    assert(quantity >= 0 && quantity >> 62 == 0);
    return (struct kept_measure){measure, (uint32_t)quantity, (uint32_t)(quantity >> 32) | (uint32_t)approx << 30};
}

/* Runs of the same length are used again: amendments do not let the pool grow for ever. */
static void run_give_back(struct reports *reports, uint32_t first, uint8_t count) {
    if (count == 0) {
        return;
    }
    reports->pool[first].low = reports->free_runs[count];
    reports->free_runs[count] = first + 1;
}

static int run_take(struct reports *reports, uint8_t count, uint32_t *first) {
    if (count == 0 || reports->free_runs[count] == 0) {
        *first = reports->pool_used;
        int result = column_reserve(&reports->pool, &reports->pool_capacity, (uint64_t)reports->pool_used + count,
                                    sizeof *reports->pool);
        reports->pool_used += result == 0 ? count : 0;
        return result;
    }
    *first = reports->free_runs[count] - 1;
    reports->free_runs[count] = reports->pool[*first].low;
    return 0;
}

int reports_set(struct reports *reports, uint32_t number, const struct report *report,
                const struct kept_measure *measures) {
    uint32_t first = 0;
    int result = run_take(reports, report->measure_count, &first);
    if (result < 0) {
        return result;
    }
    for (uint8_t i = 0; i < report->measure_count; i++) {
        reports->pool[first + i] = measures[i];
    }
    struct report *row = &reports->items[number];
    reports->live += (uint32_t)report_is_live(report) - (uint32_t)report_is_live(row);
    run_give_back(reports, row->measures, row->measure_count);
    *row = *report;
    row->measures = first;
    return 0;
}
