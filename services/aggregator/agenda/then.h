/* What squads owed at an earlier moment.
 *
 * Of months that were long over by then little changed since. Their sums are taken as they stand: less what is owed now for
 * activities of which something was folded since, with what was owed for these then. Other months are derived. Both give the same,
 * so where one ends and the other begins is a question of speed alone.
 */
#pragma once

#include "services/aggregator/agenda/completeness.h"
#include "services/aggregator/agenda/derive.h"

/* Fills `own`. 0 or -ERR_NO_MEMORY. */
int then_collect(struct completeness *completeness, struct tally *tally);

/* The same in steps, between which more may be folded: it changes nothing of what stood earlier. No month is kept. */
struct then_walk {
    struct completeness *completeness;
    struct derivation derivation;
    struct merged merged;
    uint32_t month; /* in which it is, of agenda->months */
    uint32_t link;  /* the row that is next; 0: the month is at its end */
    bool in_month;
};

/* 0 or -ERR_NO_MEMORY; then_end then, too. The walk stays where it is. */
int then_begin(struct then_walk *walk, struct completeness *completeness, struct tally *tally);
/* Looks at so many rows: 1 when some are left, 0, -ERR_NO_MEMORY. */
int then_step(struct then_walk *walk, uint32_t most);
void then_end(struct then_walk *walk);

/* Of a month that was taken from what is owed now: what was outstanding then and still is stands in its rows of now, but for
 * activities that changed since, which stand in `own`. */
static inline bool then_is_kept(const struct completeness *completeness, int32_t month) {
    return month <= completeness->kept_until && range_holds(completeness->months, month);
}
