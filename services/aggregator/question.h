/* A question about figures: a totals_query understood, in the numbers of a tally.
 *
 * by: `squad` is the nearest unit of kind squad, so that a team's reports stand in its squad's row; what lies under no
 * squad stands for itself. `unit` is each unit by itself, or with `level` the unit so many steps below the top. Of several
 * periods the finest holds. `measure` and `kind` split each row by what its reports counted or found.
 */
#pragma once

#include "proto/event.h"
#include "services/aggregator/tally.h"

#define UNITS_ASKED_MAX 101 /* `unit` and `units` */
#define TOWNS_ASKED_MAX 50
#define MEASURES_ASKED_MAX 50

enum unit_rows { UNITS_TOGETHER, UNITS_SQUADS, UNITS_EACH };
enum row_split { SPLIT_NOT, SPLIT_MEASURES, SPLIT_KINDS };
enum row_order { ORDER_NATURAL, ORDER_ACTIVITIES, ORDER_ATTENDANCES, ORDER_MINUTES, ORDER_REPORTS, ORDER_MEASURE };
enum comparison { COMPARE_NOT, COMPARE_BEFORE, COMPARE_YEAR };

struct question {
    uint64_t at; /* AT_HEAD: now */
    struct range range;
    enum granularity granularity;

    enum unit_rows by_unit;
    bool by_programme;
    bool by_town;
    enum row_split split;
    uint32_t level; /* with UNITS_EACH; 0: each unit */
    bool new_tree;  /* figures stand under the unit that goes on with the work */

    uint32_t units[UNITS_ASKED_MAX]; /* these and what lies under them; none: all */
    uint32_t unit_count;
    uint8_t programmes; /* any of these; PROGRAMMES_ANY: all reports */
    uint32_t towns[TOWNS_ASKED_MAX];
    uint32_t town_count;                 /* 0: all */
    bool undated;                        /* only reports without a day */
    uint32_t wanted[MEASURES_ASKED_MAX]; /* names of measures, or kinds with SPLIT_KINDS */
    uint32_t wanted_count;               /* 0: all */
    bool wants_kinds;                    /* `wanted` are kinds */

    uint32_t measures_max; /* that a row lists */
    enum comparison comparison;
    enum row_order order;
    uint32_t top; /* 0: all */
    bool fill;

    bool changed_only;
    uint64_t changed_since; /* with changed_only: units whose figures changed by a later event */
};

/* Errors: -ERR_BAD_QUERY, -ERR_UNKNOWN_UNIT, -ERR_UNKNOWN_PROGRAMME, -ERR_BAD_POSITION, -ERR_OTHER_JOURNAL, -ERR_BEYOND. */
int question_read(const struct tally *tally, const struct wire_totals_query *query, struct question *question,
                  struct error *error);

/* Whether a row lists the measure, or stands for it when it is split. */
bool question_wants(const struct question *question, const struct measure *measure);

/* The measures matter to the answer. */
static inline bool question_needs_measures(const struct question *question) {
    return question->split != SPLIT_NOT || question->measures_max > 0;
}

/* The question about what `question` is compared with. */
struct question question_before(const struct question *question);

/* The period that a row's period is compared with. */
int32_t question_period_before(const struct question *question, int32_t period);
