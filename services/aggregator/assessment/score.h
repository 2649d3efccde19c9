/* Points: what an item gives, within what a sum is held, which band it is in, who comes where. Pure; hundredths. */
#pragma once

#include "services/aggregator/assessment/assessment.h"

/* What an item that follows a figure gives: `points` for each whole `each` of what lies beyond `beyond`, and no more than
 * `cap` to either side. `*capped` says that the cap was reached. */
int64_t score_figure(const struct scheme_item *item, int64_t value, bool *capped);

/* What a final score gives: within the item's points and its cap, as another version may have had others. */
int64_t score_by_hand(const struct scheme_item *item, int64_t given);

/* Within least and most of the scheme. */
int64_t score_bound(const struct scheme *scheme, int64_t points);

/* The band that holds the points; NULL when none does. */
const struct scheme_band *score_band(const struct scheme_band *bands, uint32_t count, int64_t points);

/* Those with the most points first, those with the same in the order in which they stand: `order` gets their indexes, `ranks`
 * (by index) their places. Equal points share a place and leave as many free behind it: 1, 2, 2, 4. */
void score_rank(const int64_t *points, uint32_t count, uint32_t *order, uint32_t *ranks);
