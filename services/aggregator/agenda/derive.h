/* What is owed for one activity at a moment: from the versions of what was planned, and the reports that stood then. */
#pragma once

#include "services/aggregator/agenda/owings.h"
#include "services/aggregator/merged.h"
#include "services/aggregator/squads.h"

struct derivation {
    struct tally *tally;
    uint64_t at;
    uint32_t top;                /* only squads of this and what lies under it; UNIT_NONE: all */
    bool below;                  /* only units under a squad, each for itself: what it holds and what it reports */
    const struct squads *squads; /* as they stood */
    const struct merged *merged; /* likewise, grouped */
    struct owed *found;          /* owned; reused */
    uint32_t count;
    uint32_t capacity;
};

void derivation_free(struct derivation *derivation);

/* All activities that were one with it, itself among them; the view is to `*alone` or into `merged`. */
const uint32_t *derivation_set(const struct derivation *derivation, uint32_t activity, uint32_t *alone,
                               uint32_t *count);

/* Fills `found`: a squad owes one report of all activities that became one, after the last day of all that it holds.
 * 0 or -ERR_NO_MEMORY. */
int derive(struct derivation *derivation, uint32_t activity);
