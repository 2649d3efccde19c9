/* Activities: which reports are shares of the same activity, by the numbers of reports.h.
 *
 * A report names an activity, or is one itself. Merges make several numbers one activity (union by size with path
 * halving); the one number that stands for it is its root. Members are the reports that count, in a list.
 */
#pragma once

#include "services/aggregator/table.h"

/* Sums follow where each report of an activity lies (views.h) unless there are more than so many. */
#define ACTIVITY_FOLLOWED 4

struct activity {
    uint32_t parent;   /* itself for a root */
    uint32_t first;    /* of a root: its newest member plus one */
    uint32_t size;     /* of a root: how many members */
    uint32_t next;     /* of a member: the next one plus one */
    uint32_t previous; /* of a member: the one before plus one */
};

struct activities {
    struct activity *items;
    uint32_t count;
    uint32_t capacity;
};

void activities_free(struct activities *activities);

/* Makes room for number `number`; new ones are activities of their own without members. 0 or -ERR_NO_MEMORY. */
int activities_reserve(struct activities *activities, uint32_t number);

/* The root of a number. */
uint32_t activities_root(struct activities *activities, uint32_t number);

void activities_enter(struct activities *activities, uint32_t root, uint32_t report);
void activities_leave(struct activities *activities, uint32_t root, uint32_t report);

/* `from`, which must have no members any more, becomes part of `into`; both are roots. */
void activities_unite(struct activities *activities, uint32_t into, uint32_t from);

static inline uint32_t activities_size(const struct activities *activities, uint32_t root) {
    return activities->items[root].size;
}

/* The newest member plus one; 0 when there is none. */
static inline uint32_t activities_first(const struct activities *activities, uint32_t root) {
    return activities->items[root].first;
}
