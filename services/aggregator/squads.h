/* Squads as they were: what each unit was called at a time, and in whose row of a table by squad it stood then. So an earlier
 * answer stays as it was, whatever kind, name or place a unit is given later.
 *
 * The memory is kept from one question to the next.
 */
#pragma once

#include "services/aggregator/tally.h"

struct squads {
    const struct tally *tally;
    struct unit_face *faces; /* by unit */
    uint32_t face_capacity;
    uint32_t *above; /* by unit: the nearest unit of kind squad at it or above it; UNIT_NONE where there is none */
    uint32_t above_capacity;
};

/* As they were at `at`; AT_HEAD: as they are. 0 or -ERR_NO_MEMORY. */
int squads_at(struct squads *squads, const struct tally *tally, uint64_t at);
void squads_free(struct squads *squads);

/* The unit's squad, `top` or within it (UNIT_NONE is above all); itself where it has none there. */
uint32_t squads_of(const struct squads *squads, uint32_t unit, uint32_t top);

/* Whether it lies under a squad and is none. */
static inline bool squads_is_below(const struct squads *squads, uint32_t unit) {
    return squads->above[unit] != UNIT_NONE && squads->above[unit] != unit;
}

/* Its short name, empty until it has one. */
static inline struct text squads_name(const struct squads *squads, uint32_t unit) {
    return tally_text(squads->tally, squads->faces[unit].name);
}

static inline bool squads_has_name(const struct squads *squads, uint32_t unit) {
    return squads->faces[unit].name != NAME_NONE;
}

/* The order of an office's table: by place, then by path; UNIT_NONE last. */
int squads_compare(const struct squads *squads, uint32_t a, uint32_t b);
