/* The rows that answer a question: figures collected from views (collect.c) or from every version of every report
 * (scan.c), in the order of an office's table.
 *
 * Units by their place, then their path; programmes as in their table; towns by name; periods rising, without a date
 * last. An activity that several reports share counts once in each row. Without `by` there is exactly one row. By squad
 * alone, each squad that is open has a row, also an empty one; otherwise rows without reports are left out (but not
 * squads that `changed_since` asks for: their figures may have gone to zero, nor periods that `fill` asks for).
 *
 * The memory is kept from one question to the next.
 */
#pragma once

#include "services/aggregator/question.h"

#define ROWS_MAX 100000 /* of totals_answer.rows */
#define KEY_OUT (UINT32_MAX - 1)

struct row {
    uint32_t unit;      /* UNIT_NONE unless by squad or unit */
    uint32_t programme; /* plus one; 0 unless by programme */
    uint32_t town;      /* TOWN_ANY unless by town */
    int32_t period;     /* PERIOD_ALL unless by a period */
    uint32_t cell;      /* in rows->cells */
};

/* What is told: a row, or a part of it. */
struct line {
    uint32_t row;
    uint32_t measure; /* MEASURE_NONE: the row itself */
};

struct rows {
    struct cells cells;
    struct row *items;
    uint32_t count;
    uint32_t capacity;
    struct table table;
    uint32_t *order; /* the rows in their order */
    uint32_t order_capacity;

    struct line *lines; /* in the order in which they are told */
    uint32_t line_count;
    uint32_t line_capacity;
    uint32_t left_out; /* lines that `top` left out */

    struct unit_face *faces; /* what the units are called at the time that is asked for */
    uint32_t face_capacity;
    uint32_t *keys; /* by unit: the unit of its row; KEY_OUT when it is not asked for */
    uint32_t key_capacity;
    uint32_t squad_kind; /* the word among the names */
};

void rows_free(struct rows *rows);

/* Forgets the last answer and collects this one. Views in `tally` may be made anew. Errors: -ERR_TOO_MANY,
 * -ERR_TOO_BIG, -ERR_NO_MEMORY. */
int rows_collect(struct rows *rows, struct tally *tally, const struct question *question, struct error *error);

void rows_begin(struct rows *rows); /* forgets the last answer */

/* Puts the rows in their order. 0 or -ERR_NO_MEMORY. */
int rows_sort(struct rows *rows, const struct tally *tally);
int rows_compare_units(const struct rows *rows, const struct tally *tally, uint32_t a, uint32_t b);

/* The row, made when it is not there; NULL with `error`. */
struct row *rows_at(struct rows *rows, struct row wanted, struct error *error);
const struct row *rows_find(const struct rows *rows, struct row wanted); /* NULL when it is not there */

/* keys.c: faces and keys of all units. 0 or -ERR_NO_MEMORY. */
int rows_name_units(struct rows *rows, const struct tally *tally, const struct question *question);

/* collect.c: figures as they stand, from views. */
int rows_from_views(struct rows *rows, struct tally *tally, const struct question *question, struct error *error);

/* Sums of the days that are near, as they stand, without activities; `keys` by unit. */
struct near;
int rows_from_near(struct rows *rows, const uint32_t *keys, struct tally *tally, const struct question *question,
                   const struct near *near, struct error *error);

/* scan.c: figures as they stood, from all versions, and sums of the days that are near. */
int rows_from_versions(struct rows *rows, struct tally *tally, const struct question *question, struct error *error);

/* lines.c: what is told of the rows, in which order. */
int rows_tell(struct rows *rows, const struct tally *tally, const struct question *question, struct error *error);
