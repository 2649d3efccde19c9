/* What units under a squad owe, each for itself, as it stands: sums by unit and month. Squads' rows hold them together; what is
 * asked of a team finds them here.
 *
 * What an activity adds to the sums of a unit is kept in two bytes beside the unit among its holders, so that it can be taken out
 * again. Belongs to the owings as they stand (present.h), follows them and is made anew with them.
 */
#pragma once

#include "services/aggregator/agenda/derive.h"

struct below {
    struct owings sums; /* without rows */
    uint16_t *added;    /* by row of agenda->holders: what is in the sums of it; 0 nothing */
    uint32_t count;
    uint32_t capacity;
};

void below_free(struct below *below);

/* Derives what is owed for the activity again, with all that became one with it. `derivation` is that of the owings as they stand;
 * what it found is lost. 0 or -ERR_NO_MEMORY. */
int below_derive(struct below *below, struct derivation *derivation, uint32_t activity);
