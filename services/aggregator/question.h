/* A question about figures: a totals_query understood, in the numbers of a tally.
 *
 * by: any of squad, programme, day, month, year; of day, month and year the finest holds. `squad` is the nearest unit
 * of kind squad, so that a team's reports stand in its squad's row; what lies under no squad stands for itself.
 */
#pragma once

#include "proto/event.h"
#include "services/aggregator/tally.h"

struct question {
    struct range range;
    uint32_t unit; /* UNIT_NONE: all */
    uint32_t slot; /* of the programme asked for; 0: all */
    bool by_squad;
    bool by_programme;
    enum granularity granularity;
    bool changed_only;
    uint64_t changed_since; /* with changed_only: units whose figures changed by a later event */
};

/* Errors: -ERR_BAD_QUERY, -ERR_UNKNOWN_UNIT, -ERR_UNKNOWN_PROGRAMME, -ERR_BAD_POSITION, -ERR_OTHER_JOURNAL. */
int question_read(const struct tally *tally, const struct wire_totals_query *query, struct question *question,
                  struct error *error);
