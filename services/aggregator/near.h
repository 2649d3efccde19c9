/* Near: which days' sums as they stood at an earlier position are found from the sums as they stand now.
 *
 * Of most days most reports had come long before the position, and few changed since: present sums, less what came later, with
 * what was replaced later, cost as much as changed. The other days are added up anew from what stood. Both are exact, so which
 * day is near is a question of speed alone.
 */
#pragma once

#include "services/aggregator/rows.h"

struct near {
    struct range days;
    uint8_t *is_near; /* for each of them */
    bool undated;     /* those without a day */
    bool any;
};

/* For the days of the question, which asks for an earlier position. 0 or -ERR_NO_MEMORY; near_free then, too. */
int near_make(struct near *near, const struct tally *tally, const struct question *question);
void near_free(struct near *near);

static inline bool near_holds(const struct near *near, int32_t day) {
    return day == DAY_NONE ? near->undated : range_holds(near->days, day) && near->is_near[day - near->days.from];
}

/* The next days in a row that are near, from `day` on; false when there are none. */
bool near_next(const struct near *near, int32_t day, struct range *run);
