/* Units: the tree of paths with names, places in lists, and when their figures last changed.
 *
 * A unit has a number from the first event that speaks of it or of what lies under it; numbers rise in that order, and
 * a unit's number is above its parent's. unit.set fills the rest.
 */
#pragma once

#include "services/aggregator/names.h"

#define UNIT_NONE TABLE_NONE
#define UNIT_MAX (UINT32_C(1) << 24)
#define UNIT_ORDER_MAX INT32_MAX /* of units without a place: behind the others */

/* What unit.set says of a unit. */
struct unit_face {
    uint32_t name;      /* short name, in the names; NAME_NONE until unit.set */
    uint32_t kind;      /* in the names; NAME_NONE until unit.set */
    uint32_t continued; /* the unit that goes on with its work; UNIT_NONE when there is none */
    int32_t order;
    bool closed;
};

#define UNIT_FACE_NONE \
    ((struct unit_face){.name = NAME_NONE, .kind = NAME_NONE, .continued = UNIT_NONE, .order = UNIT_ORDER_MAX})

struct unit {
    uint32_t parent; /* UNIT_NONE at the root */
    uint32_t child;  /* the newest one under it; UNIT_NONE when there is none */
    uint32_t sister; /* the next one under the same parent; UNIT_NONE at the end */
    struct unit_face face;
    bool in_block;    /* already listed among a block's changes */
    uint64_t changed; /* seq of the event that last changed its figures or those under it */
};

struct units {
    struct names paths; /* of unit n */
    struct unit *items;
    uint32_t capacity;
};

void units_start(struct units *units);
void units_free(struct units *units);

static inline uint32_t units_count(const struct units *units) {
    return units->paths.count;
}

/* The number of the unit, which is added with what lies above it when it is new; UNIT_NONE without memory. */
uint32_t units_number(struct units *units, struct text path);
uint32_t units_find(const struct units *units, struct text path); /* UNIT_NONE when it is not there */
struct text units_path(const struct units *units, uint32_t unit);

/* Whether `unit` is `above` or lies under it; UNIT_NONE is above all. */
bool units_within(const struct units *units, uint32_t unit, uint32_t above);
