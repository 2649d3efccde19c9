/* A question about hours: an hours_query understood, in the numbers of a tally.
 *
 * by: any of squad, programme, grade, kind and of day, week, month, quarter, year, of which the finest holds. `squad` is the
 * nearest unit of kind squad. Dimensions and filters of programme, grade and kind are the `active` ones.
 */
#pragma once

#include "services/aggregator/people/people.h"
#include "services/aggregator/squads.h"

#define HOURS_UNITS_MAX 30 /* of hours_query.units; one more is hours_query.unit */

struct hours_question {
    struct range range;
    uint32_t units[HOURS_UNITS_MAX + 1];
    uint32_t unit_count; /* 0: all */
    int programme;       /* enum programme, or -1 for all; likewise the grade */
    int grade;
    bool of_kind;
    bool kind_unknown; /* nobody was ever of that kind */
    uint32_t kind;     /* among the names, with of_kind */
    bool by_squad;
    bool by_programme;
    bool by_grade;
    bool by_kind;
    enum granularity granularity;
    uint64_t at; /* or AT_HEAD */
};

/* Errors: -ERR_BAD_QUERY, -ERR_UNKNOWN_UNIT, -ERR_UNKNOWN_PROGRAMME, those of moments_resolve. */
int hours_question_read(const struct tally *tally, const struct wire_hours_query *query,
                        struct hours_question *question, struct error *error);

/* Whether the unit is asked for. `*row` is the unit in whose row it stands: by squad its squad within what is asked for, else
 * UNIT_NONE. */
bool hours_question_has(const struct hours_question *question, const struct squads *squads, uint32_t unit,
                        uint32_t *row);

/* Whether a row of the mix is in the question, by grade, kind and programme. */
bool hours_question_fits(const struct hours_question *question, const struct mix *mix);

/* Whether minutes and presences of a grade are in the sums: those that add up, or the one that is asked for. */
static inline bool hours_question_sums(const struct hours_question *question, int grade) {
    return grade_adds_up(grade) || question->by_grade || question->grade == grade;
}
