/* Cells: sums over some reports, in a pool, by number. A cell is an atom of a day (calendar.h), a view of many of them,
 * or a row of an answer: all are the same sums.
 *
 * Activities are counted exactly: those with a single report are a plain count (`alone`); those that are shared by
 * several reports stand by number in a bitmap (CRoaring), so that merging two cells counts each once. When two reports
 * of one activity lie in the same cell, `repeats` holds how many more, so that taking one of them out leaves the other.
 *
 * Measures of all cells are in one pool, each cell's in a list by the number of the measure, so that adding one cell to another
 * is a walk along both: no cell has memory of its own but a bitmap.
 */
#pragma once

#include <roaring/roaring.h>

#include "services/aggregator/reports.h"
#include "services/aggregator/sum.h"

#define CELL_NONE TABLE_NONE

struct cell {
    struct sum attendances;
    struct sum minutes;
    uint32_t reports;
    uint32_t undated; /* reports without a day */
    uint32_t demo;
    uint32_t late;
    uint32_t accepted;
    uint32_t returned;
    uint32_t warned;          /* reports with a contradiction */
    uint32_t alone;           /* activities with one report, which lies here */
    uint32_t measures;        /* its first measure sum plus one; 0 none */
    roaring_bitmap_t *shared; /* activities with several reports, of which one lies here; NULL none */
};

struct measure_sum {
    struct sum sum;
    uint32_t measure;
    uint32_t next; /* of the same cell, plus one; 0 the last */
};

struct repeat {
    uint32_t cell;
    uint32_t activity;
    uint32_t more; /* reports beyond the first */
};

struct cells {
    struct cell *items;
    uint32_t count;
    uint32_t capacity;
    struct measure_sum *sums;
    uint32_t sum_count;
    uint32_t sum_capacity;
    uint32_t *dense; /* by cell * dense_width + measure: the sum's number plus one; see cells_densify */
    uint32_t dense_width;
    struct repeat *repeats;
    uint32_t repeat_count;
    uint32_t repeat_capacity;
    struct table repeats_table;
};

void cells_free(struct cells *cells);

/* Forgets all cells, keeps the memory. */
void cells_reset(struct cells *cells);

/* For very many reports into few cells: measures, of which there are `measures`, are found without a walk where there is room;
 * their lists are in no order there. The cells must be empty. Without memory nothing changes. */
void cells_densify(struct cells *cells, uint32_t measures);

/* A new empty cell; CELL_NONE when there is no memory. */
uint32_t cells_new(struct cells *cells);

/* Adds or takes a report's numbers, without its activity. Errors: -ERR_NO_MEMORY, -ERR_TOO_BIG; the state is then of no
 * use any more. */
int cells_add(struct cells *cells, uint32_t cell, const struct report *report, const struct kept_measure *measures);
void cells_take(struct cells *cells, uint32_t cell, const struct report *report, const struct kept_measure *measures);

/* The report's numbers without its measures. */
int cells_add_figures(struct cells *cells, uint32_t cell, const struct report *report);

/* A report of a shared activity comes into the cell or leaves it. 0 or -ERR_NO_MEMORY. */
int cells_join(struct cells *cells, uint32_t cell, uint32_t activity);
void cells_leave(struct cells *cells, uint32_t cell, uint32_t activity);

/* An activity that several reports share lies in a cell from which nothing is ever taken. 0 or -ERR_NO_MEMORY. */
int cells_share(struct cells *cells, uint32_t cell, uint32_t activity);

/* Adds everything of a cell (also of another pool) to a cell; `repeats` stay with the first. Errors as cells_add. */
int cells_merge(struct cells *into, uint32_t to, const struct cells *from, uint32_t cell);
int cells_merge_figures(struct cells *into, uint32_t to, const struct cells *from, uint32_t cell); /* no measures */
int cells_merge_activities(struct cells *into, uint32_t to, uint64_t alone, const roaring_bitmap_t *shared);
void cells_clear(struct cells *cells, uint32_t cell);

/* Likewise without activities, which are counted otherwise. Taking: what is in both. */
int cells_merge_sums(struct cells *into, uint32_t to, const struct cells *from, uint32_t cell, bool measures);
int cells_take_sums(struct cells *into, uint32_t to, const struct cells *from, uint32_t cell);

uint64_t cell_activities(const struct cell *cell);

/* The cell's sum of a measure; NULL when there is none. */
const struct sum *cells_measure(const struct cells *cells, uint32_t cell, uint32_t measure);

/* Brings the cell's first measures nearer to the processor: most of a list lie side by side. */
static inline void cells_prefetch_measures(const struct cells *cells, uint32_t cell) {
    uint32_t first = cells->items[cell].measures;
    for (uint32_t i = 0; i < 8 && first != 0; i += 2) {
        __builtin_prefetch(cells->sums + (first - 1) + i);
    }
    __builtin_prefetch(cells->items[cell].shared);
}
