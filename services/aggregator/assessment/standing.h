/* One squad's row of an assessment: what was scored by hand and appealed as it stood, points by item, the sum. */
#pragma once

#include "services/aggregator/assessment/score.h"
#include "services/aggregator/assessment/values.h"

/* What was scored by hand of one item and squad; rows of the ledger, or NULL. */
struct given {
    const struct score *self;
    const struct score *final;
};

/* Of all squads and items, by squad then item; in the question's arena. NULL without memory. */
struct given *standing_scores(const struct values *values);

/* Fills the row of the squad without its rank. -ERR_NO_MEMORY. */
int standing_fill(const struct values *values, const struct squad *squad, const struct given *given,
                  struct wire_assessment_row *row);

/* behind.c: the address at the HTTP door of what stands behind the squad's figure; empty without memory. */
struct text behind_figure(const struct values *values, const struct squad *squad, enum figure figure);
