/* What squads owed at an earlier moment.
 *
 * Of months that were long over by then little changed since. Their sums are taken as they stand: less what is owed now for
 * activities of which something was folded since, with what was owed for these then. Other months are derived. Both give the same,
 * so where one ends and the other begins is a question of speed alone.
 */
#pragma once

#include "services/aggregator/agenda/completeness.h"

/* Fills `own`. 0 or -ERR_NO_MEMORY. */
int then_collect(struct completeness *completeness, struct tally *tally);

/* Of a month that was taken from what is owed now: what was outstanding then and still is stands in its rows of now, but for
 * activities that changed since, which stand in `own`. */
static inline bool then_is_kept(const struct completeness *completeness, int32_t month) {
    return month <= completeness->kept_until && range_holds(completeness->months, month);
}
