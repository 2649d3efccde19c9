/* What the aggregator does between events while nobody asks, for its tests: now and then, sometimes too late, a part of it. No
 * answer may depend on it. */
#pragma once

#include "services/aggregator/tally.h"
#include "tests/unit/aggregator_world.h"

struct rest {
    struct view_warming warming;
    uint32_t seldom; /* one time in so many */
};

static inline void rest_now_and_then(struct rest *rest, struct world *world, struct tally *tally) {
    if (world_random(world, rest->seldom) != 0) {
        return;
    }
    if (views_catch_up(tally, 1 + world_random(world, 40)) == CATCH_LOST) {
        rest->warming = (struct view_warming){0};
    }
    for (uint32_t steps = world_random(world, 300); steps > 0; steps--) {
        views_warm(&rest->warming, tally, UINT32_MAX);
    }
}
