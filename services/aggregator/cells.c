/* Cells: sums, the measures of all cells, and the activities that several reports share. */
#include "services/aggregator/cells.h"

#include <assert.h>
#include <stdlib.h>

#include "common/error.h"
#include "services/aggregator/column.h"

#define DENSE_SLOTS (1U << 16)

/* Tables and columns that a large answer made are not kept for all later ones. */
#define KEPT_CAPACITY 65536

static void bitmaps_free(struct cells *cells) {
    for (uint32_t i = 0; i < cells->count; i++) {
        if (cells->items[i].shared) {
            roaring_bitmap_free(cells->items[i].shared);
        }
    }
    cells->count = 0;
}

void cells_free(struct cells *cells) {
    bitmaps_free(cells);
    free(cells->items);
    free(cells->sums);
    free(cells->dense);
    free(cells->repeats);
    table_free(&cells->repeats_table);
    *cells = (struct cells){0};
}

/* Where the dense index keeps a sum's number; NULL where it does not reach. */
static uint32_t *dense_slot(const struct cells *cells, uint32_t cell, uint32_t measure) {
    uint64_t slot = (uint64_t)cell * cells->dense_width + measure;
    return cells->dense_width > 0 && slot < DENSE_SLOTS ? &cells->dense[slot] : NULL;
}

void cells_reset(struct cells *cells) {
    if (cells->sum_capacity > KEPT_CAPACITY || cells->capacity > KEPT_CAPACITY) {
        cells_free(cells);
        return;
    }
    for (uint32_t cell = 0; cell < cells->count && cells->dense_width > 0; cell++) {
        for (uint32_t next = cells->items[cell].measures; next != 0; next = cells->sums[next - 1].next) {
            uint32_t *slot = dense_slot(cells, cell, cells->sums[next - 1].measure);
            if (slot) {
                *slot = 0;
            }
        }
    }
    bitmaps_free(cells);
    cells->sum_count = 0;
    cells->repeat_count = 0;
    table_clear(&cells->repeats_table);
}

uint32_t cells_new(struct cells *cells) {
    if (column_reserve(&cells->items, &cells->capacity, (uint64_t)cells->count + 1, sizeof *cells->items) < 0) {
        return CELL_NONE;
    }
    cells->items[cells->count] = (struct cell){0};
    return cells->count++;
}

/* ---- measures ---- */

/* The measure in the cell's list, plus one; 0 when it is not there. `*before` is a sum of the list, plus one, behind which the
 * search begins if it is not too far, and gets the last one before the measure's place; 0: the beginning. */
static uint32_t measure_seek(const struct cells *cells, uint32_t cell, uint32_t measure, uint32_t *before) {
    *before = *before != 0 && cells->sums[*before - 1].measure < measure ? *before : 0;
    uint32_t next = *before != 0 ? cells->sums[*before - 1].next : cells->items[cell].measures;
    while (next != 0 && cells->sums[next - 1].measure < measure) {
        *before = next;
        next = cells->sums[next - 1].next;
    }
    return next != 0 && cells->sums[next - 1].measure == measure ? next : 0;
}

static uint32_t measure_find(const struct cells *cells, uint32_t cell, uint32_t measure) {
    const uint32_t *slot = dense_slot(cells, cell, measure);
    uint32_t before = 0;
    return slot ? *slot : measure_seek(cells, cell, measure, &before);
}

const struct sum *cells_measure(const struct cells *cells, uint32_t cell, uint32_t measure) {
    uint32_t found = measure_find(cells, cell, measure);
    return found == 0 || sum_is_empty(&cells->sums[found - 1].sum) ? NULL : &cells->sums[found - 1].sum;
}

void cells_densify(struct cells *cells, uint32_t measures) {
    assert(cells->count == 0);
    cells->dense = cells->dense ? cells->dense : calloc(DENSE_SLOTS, sizeof *cells->dense);
    cells->dense_width = cells->dense ? measures : 0;
}

static struct sum *measure_add(struct cells *cells, uint32_t cell, uint32_t measure, uint32_t before) {
    if (column_reserve(&cells->sums, &cells->sum_capacity, (uint64_t)cells->sum_count + 1, sizeof *cells->sums) < 0) {
        return NULL;
    }
    uint32_t *link = before != 0 ? &cells->sums[before - 1].next : &cells->items[cell].measures;
    cells->sums[cells->sum_count] = (struct measure_sum){.measure = measure, .next = *link};
    *link = ++cells->sum_count;
    return &cells->sums[cells->sum_count - 1].sum;
}

/* The sum of the measure in the cell, made when it is not there; NULL when there is no memory. `before` as in measure_seek. */
static struct sum *measure_sum(struct cells *cells, uint32_t cell, uint32_t measure, uint32_t *before) {
    uint32_t *slot = dense_slot(cells, cell, measure);
    uint32_t found = slot ? *slot : measure_seek(cells, cell, measure, before);
    if (found != 0) {
        return &cells->sums[found - 1].sum;
    }
    struct sum *sum = measure_add(cells, cell, measure, slot ? 0 : *before);
    if (slot && sum) {
        *slot = cells->sum_count;
    }
    return sum;
}

/* ---- reports ---- */

static enum approx approx_of(uint8_t counted) {
    return (enum approx)(counted - 1);
}

int cells_add_figures(struct cells *cells, uint32_t cell, const struct report *report) {
    struct cell *item = &cells->items[cell];
    int result = 0;
    if (report->attendances_counted) {
        result = sum_add(&item->attendances, report->attendances, approx_of(report->attendances_counted));
    }
    if (result == 0 && report->minutes_counted) {
        result = sum_add(&item->minutes, report->minutes, approx_of(report->minutes_counted));
    }
    item->reports++;
    item->undated += report->day == DAY_NONE;
    item->demo += (report->state & REPORT_DEMO) != 0;
    item->late += (report->state & REPORT_LATE) != 0;
    item->accepted += (report->state & REPORT_ACCEPTED) != 0;
    item->returned += (report->state & REPORT_RETURNED) != 0;
    item->warned += report->warnings != 0;
    return result;
}

int cells_add(struct cells *cells, uint32_t cell, const struct report *report, const struct kept_measure *measures) {
    int result = cells_add_figures(cells, cell, report);
    uint32_t before = 0;
    for (uint8_t i = 0; i < report->measure_count && result == 0; i++) {
        struct sum *sum = measure_sum(cells, cell, measures[i].measure, &before);
        result = sum ? sum_add(sum, kept_quantity(&measures[i]), kept_approx(&measures[i])) : -(int)ERR_NO_MEMORY;
    }
    return result;
}

void cells_take(struct cells *cells, uint32_t cell, const struct report *report, const struct kept_measure *measures) {
    struct cell *item = &cells->items[cell];
    if (report->attendances_counted) {
        sum_take(&item->attendances, report->attendances, approx_of(report->attendances_counted));
    }
    if (report->minutes_counted) {
        sum_take(&item->minutes, report->minutes, approx_of(report->minutes_counted));
    }
    assert(item->reports > 0);
    item->reports--;
    item->undated -= report->day == DAY_NONE;
    item->demo -= (report->state & REPORT_DEMO) != 0;
    item->late -= (report->state & REPORT_LATE) != 0;
    item->accepted -= (report->state & REPORT_ACCEPTED) != 0;
    item->returned -= (report->state & REPORT_RETURNED) != 0;
    item->warned -= report->warnings != 0;
    for (uint8_t i = 0; i < report->measure_count; i++) {
        uint32_t found = measure_find(cells, cell, measures[i].measure);
        assert(found != 0);
        sum_take(&cells->sums[found - 1].sum, kept_quantity(&measures[i]), kept_approx(&measures[i]));
    }
}

/* ---- shared activities ---- */

static bool repeat_has_key(const void *owner, uint32_t number, const void *key) {
    const struct repeat *repeat = &((const struct cells *)owner)->repeats[number];
    const uint32_t *wanted = key;
    return repeat->cell == wanted[0] && repeat->activity == wanted[1];
}

static uint32_t repeat_find(const struct cells *cells, uint32_t cell, uint32_t activity) {
    uint32_t key[2] = {cell, activity};
    return table_find(&cells->repeats_table, table_hash_pair(cell, activity), repeat_has_key, cells, key);
}

static int repeat_more(struct cells *cells, uint32_t cell, uint32_t activity) {
    uint32_t found = repeat_find(cells, cell, activity);
    if (found != TABLE_NONE) {
        cells->repeats[found].more++;
        return 0;
    }
    if (table_reserve(&cells->repeats_table) < 0 ||
        column_reserve(&cells->repeats, &cells->repeat_capacity, (uint64_t)cells->repeat_count + 1,
                       sizeof *cells->repeats) < 0) {
        return -(int)ERR_NO_MEMORY;
    }
    cells->repeats[cells->repeat_count] = (struct repeat){cell, activity, 1};
    table_add(&cells->repeats_table, table_hash_pair(cell, activity), cells->repeat_count++);
    return 0;
}

/* The cell's bitmap, made when it is not there; copies share what does not change. NULL when there is no memory. */
static roaring_bitmap_t *bitmap_of(struct cells *cells, uint32_t cell) {
    struct cell *item = &cells->items[cell];
    if (!item->shared) {
        item->shared = roaring_bitmap_create();
        if (item->shared) {
            roaring_bitmap_set_copy_on_write(item->shared, true);
        }
    }
    return item->shared;
}

int cells_join(struct cells *cells, uint32_t cell, uint32_t activity) {
    roaring_bitmap_t *bitmap = bitmap_of(cells, cell);
    if (!bitmap) {
        return -(int)ERR_NO_MEMORY;
    }
    return roaring_bitmap_add_checked(bitmap, activity) ? 0 : repeat_more(cells, cell, activity);
}

int cells_share(struct cells *cells, uint32_t cell, uint32_t activity) {
    roaring_bitmap_t *bitmap = bitmap_of(cells, cell);
    if (bitmap) {
        roaring_bitmap_add(bitmap, activity);
    }
    return bitmap ? 0 : -(int)ERR_NO_MEMORY;
}

void cells_leave(struct cells *cells, uint32_t cell, uint32_t activity) {
    uint32_t found = repeat_find(cells, cell, activity);
    if (found != TABLE_NONE && cells->repeats[found].more > 0) {
        cells->repeats[found].more--;
        return;
    }
    struct cell *item = &cells->items[cell];
    bool was_there = roaring_bitmap_remove_checked(item->shared, activity);
    assert(was_there);
    (void)was_there;
    if (roaring_bitmap_is_empty(item->shared)) {
        roaring_bitmap_free(item->shared);
        item->shared = NULL;
    }
}

uint64_t cell_activities(const struct cell *cell) {
    return cell->alone + (cell->shared ? roaring_bitmap_get_cardinality(cell->shared) : 0);
}

/* ---- whole cells ---- */

int cells_merge_activities(struct cells *into, uint32_t to, uint64_t alone, const roaring_bitmap_t *shared) {
    struct cell *item = &into->items[to];
    item->alone += (uint32_t)alone;
    if (!shared) {
        return 0;
    }
    if (item->shared) {
        roaring_bitmap_or_inplace(item->shared, shared);
        return 0;
    }
    item->shared = roaring_bitmap_copy(shared);
    return item->shared ? 0 : -(int)ERR_NO_MEMORY;
}

static int numbers_merge(struct cell *item, const struct cell *other) {
    int result = sum_merge(&item->attendances, &other->attendances);
    if (result == 0) {
        result = sum_merge(&item->minutes, &other->minutes);
    }
    item->reports += other->reports;
    item->undated += other->undated;
    item->demo += other->demo;
    item->late += other->late;
    item->accepted += other->accepted;
    item->returned += other->returned;
    item->warned += other->warned;
    return result;
}

/* Both may be one pool: no pointer to a measure's sum is kept while another is made. */
static int measures_merge(struct cells *into, uint32_t to, const struct cells *from, uint32_t cell) {
    int result = 0;
    uint32_t before = 0;
    for (uint32_t next = from->items[cell].measures; next != 0 && result == 0;) {
        struct measure_sum source = from->sums[next - 1];
        next = source.next;
        if (!sum_is_empty(&source.sum)) {
            struct sum *sum = measure_sum(into, to, source.measure, &before);
            result = sum ? sum_merge(sum, &source.sum) : -(int)ERR_NO_MEMORY;
        }
    }
    return result;
}

int cells_merge_figures(struct cells *into, uint32_t to, const struct cells *from, uint32_t cell) {
    const struct cell *other = &from->items[cell];
    int result = numbers_merge(&into->items[to], other);
    return result < 0 ? result : cells_merge_activities(into, to, other->alone, other->shared);
}

int cells_merge(struct cells *into, uint32_t to, const struct cells *from, uint32_t cell) {
    int result = cells_merge_figures(into, to, from, cell);
    return result < 0 ? result : measures_merge(into, to, from, cell);
}

int cells_merge_sums(struct cells *into, uint32_t to, const struct cells *from, uint32_t cell, bool measures) {
    int result = numbers_merge(&into->items[to], &from->items[cell]);
    return result < 0 || !measures ? result : measures_merge(into, to, from, cell);
}

int cells_take_sums(struct cells *into, uint32_t to, const struct cells *from, uint32_t cell) {
    struct cell *item = &into->items[to];
    const struct cell *other = &from->items[cell];
    sum_part(&item->attendances, &other->attendances);
    sum_part(&item->minutes, &other->minutes);
    assert(item->reports >= other->reports);
    item->reports -= other->reports;
    item->undated -= other->undated;
    item->demo -= other->demo;
    item->late -= other->late;
    item->accepted -= other->accepted;
    item->returned -= other->returned;
    item->warned -= other->warned;
    int result = 0;
    uint32_t before = 0;
    for (uint32_t next = other->measures; next != 0 && result == 0; next = from->sums[next - 1].next) {
        struct sum *sum = measure_sum(into, to, from->sums[next - 1].measure, &before);
        result = sum ? 0 : -(int)ERR_NO_MEMORY;
        if (sum) {
            sum_part(sum, &from->sums[next - 1].sum);
        }
    }
    return result;
}

void cells_clear(struct cells *cells, uint32_t cell) {
    struct cell *item = &cells->items[cell];
    if (item->shared) {
        roaring_bitmap_free(item->shared);
    }
    for (uint32_t next = item->measures; next != 0; next = cells->sums[next - 1].next) {
        cells->sums[next - 1].sum = (struct sum){0};
    }
    *item = (struct cell){.measures = item->measures};
}
