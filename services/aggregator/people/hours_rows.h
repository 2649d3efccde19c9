/* The rows that answer a question about hours.
 *
 * A row is a base (unit and period) and a class (programme, grade and kind); all classes of a base lie side by side, so that
 * a mix finds its rows without a search. Rows in which nothing is are left out at the end. Units by their place, then
 * programmes and grades as in their tables, kinds by their text, periods rising.
 *
 *     hours_rows_collect(rows, tally, &question, error);
 *     for (uint32_t i = 0; i < rows->count; i++) ... rows->cells[rows->order[i]] ...
 *
 * Memory is kept from one question to the next.
 */
#pragma once

#include "common/arena.h"
#include "services/aggregator/people/hours_question.h"

#define HOURS_CELLS_MAX 200000
#define CROWDS_WORDS_MAX (8U << 20) /* 64 MB of sets with a bit per volunteer; later ones are compressed */

/* -1 and NAME_NONE where the question is not by it; a kind that was not said is KIND_NOT_SAID. */
struct hours_class {
    int programme;
    int grade;
    uint32_t kind;
};

struct hours_base {
    uint32_t unit; /* UNIT_NONE unless by squad */
    int32_t period;
};

struct hours_cell {
    int64_t minutes[GRADE_COUNT];
    uint64_t presences;
    uint64_t people;
    uint32_t sets;  /* how many sets of volunteers it unites */
    uint32_t crowd; /* plus one: a set of its own, made from rows; of those behind the first CROWDS_WORDS_MAX words: */
    roaring_bitmap_t *late_crowd;
};

/* A set of volunteers that a cell unites; borrowed. */
struct hours_set {
    const roaring_bitmap_t *people;
    uint32_t cell;
};

/* What a mix is in the question. */
struct hours_mix {
    uint32_t first; /* its classes, in mix_classes */
    uint16_t count;
    uint8_t grade;
    bool sums; /* its presences and people are in the sums */
};

struct hours_rows {
    struct hours_class *classes;
    uint32_t class_count;
    uint32_t class_capacity;
    struct hours_mix *mixes; /* by number */
    uint32_t mix_capacity;
    uint32_t *mix_classes;
    uint32_t mix_class_count;
    uint32_t mix_class_capacity;

    struct hours_base *bases;
    uint32_t base_count;
    uint32_t base_capacity;
    struct table base_table;

    struct hours_cell *cells; /* base * class_count + class */
    uint32_t cell_capacity;
    struct hours_set *sets; /* of all cells, in the order of collecting */
    uint32_t set_count;
    uint32_t set_capacity;
    uint64_t *crowds; /* a bit per volunteer each */
    uint32_t crowd_count;
    uint32_t crowd_capacity;
    uint32_t crowd_words; /* of one: for whole runs of 65,536 volunteers */

    struct squads squads; /* as they were at the time that is asked for */
    uint8_t *nested;      /* by unit: a squad lies under it */
    uint32_t nested_capacity;

    uint32_t *order; /* cells that have something, sorted */
    uint32_t count;
    uint32_t order_capacity;
};

void hours_rows_free(struct hours_rows *rows);

/* Forgets the last answer and collects this one: at the present from rolls, earlier by a walk over all rows. Errors:
 * -ERR_TOO_MANY, -ERR_TOO_BIG, -ERR_NO_MEMORY. */
int hours_rows_collect(struct hours_rows *rows, struct tally *tally, const struct hours_question *question,
                       struct error *error);

/* The answer, in `arena`; names are views into `tally`. As hours_rows_collect, which it does twice. */
int hours_answer_make(struct hours_rows *rows, struct tally *tally, const struct hours_question *question,
                      struct arena *arena, struct wire_hours_table *answer, struct error *error);

/* ---- between its files ---- */

static inline bool hours_active(const struct hours_question *question, enum selector_sort sort) {
    return sort == SELECT_PROGRAMME ? question->by_programme || question->programme >= 0
           : sort == SELECT_GRADE   ? question->by_grade || question->grade >= 0
                                    : question->by_kind || question->of_kind;
}

/* hours_classes.c: the classes of the question, and those of each mix that fits it. */
int hours_classes_make(struct hours_rows *rows, const struct people *people, const struct hours_question *question);
uint32_t hours_class_find(const struct hours_rows *rows, const struct hours_question *question, int programme,
                          int grade, uint32_t kind);

/* hours_cells.c: the base's number, made when it is new; ROW_NONE with `error`. */
uint32_t hours_base_at(struct hours_rows *rows, struct hours_base base, struct error *error);
/* A row counts in all cells of its mix at the base, its volunteer with it. */
int hours_add_entry(struct hours_rows *rows, uint32_t base, const struct roll_entry *entry);
int hours_add_set(struct hours_rows *rows, uint32_t cell, const roaring_bitmap_t *people);
/* How many are in all the sets of each cell; gives the late crowds back. */
int hours_count_people(struct hours_rows *rows);

/* hours_past.c */
int hours_collect_past(struct hours_rows *rows, struct tally *tally, const struct hours_question *question,
                       struct error *error);
