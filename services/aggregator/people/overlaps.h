/* Overlaps: minutes of one volunteer that are credited twice.
 *
 * Two credits of a day overlap where [start, start + minutes) of both intersect. A start comes from the credit, else from the
 * volunteer's sign-in at the activity on that day, else from the activity itself; without any of them a credit overlaps only
 * as part of a day of more than 24 hours. Another platform's hours (credit, honour) are the same minutes once more: they are
 * left out.
 */
#pragma once

#include "common/arena.h"
#include "common/error.h"
#include "services/aggregator/people/people.h"

struct overlap {
    uint32_t volunteer;
    int32_t day;
    uint32_t minutes;
    uint32_t first;  /* rows of credits */
    uint32_t second; /* ROW_NONE: the whole day is too long */
};

struct overlaps {
    struct overlap *items;
    uint32_t count;
    uint32_t capacity;
    uint32_t *credits; /* of the volunteer in the days that are looked at */
    uint32_t credit_count;
    uint32_t credit_capacity;
    uint64_t *seen; /* a bit per volunteer: on the day; more than once on it */
    uint64_t *again;
    uint32_t words;
    uint32_t seen_capacity;
    uint32_t again_capacity;
    uint32_t read; /* rows, so that a question ends */
};

void overlaps_free(struct overlaps *overlaps);

/* Adds the volunteer's, the latest day first. 0 or -ERR_NO_MEMORY. */
int overlaps_of(struct overlaps *overlaps, const struct people *people, uint32_t volunteer, struct range range);

/* The minute of the day at which the credit begins, or START_UNKNOWN. */
uint16_t credit_start(const struct people *people, const struct credit *credit);

/* To the wire, in `arena`. 0 or -ERR_NO_MEMORY. */
int overlaps_fill(const struct overlaps *overlaps, const struct tally *tally, struct arena *arena, struct list *out);

/* The unit of a query's field; UNIT_NONE when it is absent. -ERR_UNKNOWN_UNIT. */
int people_find_unit(const struct tally *tally, bool given, const char *field, struct text path, uint32_t *unit,
                     struct error *error);
