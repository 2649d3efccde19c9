/* The rows that answer a question: figures collected from the calendar's cells, in the order of an office's table.
 *
 * Units by their place, then their path; programmes as in their table; periods rising, without a date last. An activity
 * that several reports share counts once in each row. Without `by` there is exactly one row. By squad alone, each
 * squad that is open has a row, also an empty one; otherwise rows without reports are left out (but not squads that
 * `changed_since` asks for: their figures may have gone to zero).
 *
 * The memory is kept from one question to the next.
 */
#pragma once

#include "services/aggregator/question.h"

#define ROWS_MAX 100000 /* of totals_answer.rows */

struct row {
    uint32_t unit;  /* UNIT_NONE unless by squad */
    uint32_t slot;  /* 0 unless by programme */
    int32_t period; /* PERIOD_ALL unless by day, month or year */
    uint32_t cell;  /* in rows->cells */
    uint32_t undated;
};

struct rows {
    struct cells cells;
    struct row *items;
    uint32_t count;
    uint32_t capacity;
    struct table table;
    uint32_t *order; /* the rows in their order */
    uint32_t order_capacity;
};

void rows_free(struct rows *rows);

/* Forgets the last answer and collects this one. Sums of periods in `tally` may be made anew. Errors: -ERR_TOO_MANY,
 * -ERR_TOO_BIG, -ERR_NO_MEMORY. */
int rows_collect(struct rows *rows, struct tally *tally, const struct question *question, struct error *error);
