/* Stories 典型: typical cases, groups and individuals that squads send up, what the office chose, where they appeared.
 *
 *   stories.c  the book: rows, saving, folding
 *   figures.c  stories and publicity by squad, kind, outlet and period
 *   list.c     the stories themselves
 */
#pragma once

#include "proto/life.h"
#include "services/aggregator/book.h"
#include "services/aggregator/ids.h"
#include "services/aggregator/period.h"

/* A story after one of its events. */
struct story {
    struct version version;
    uint32_t number; /* in ids */
    uint32_t unit;
    uint32_t kind;  /* among the names */
    uint32_t state; /* enum life_state */
    int32_t day;    /* of sending up */
    uint32_t publications;
};

struct publication {
    struct version version;
    uint32_t story; /* its number */
    uint32_t medium;
    uint32_t outlet;
    int32_t day;
};

struct stories {
    struct ids ids;
    struct ledger rows;         /* of struct story */
    struct ledger publications; /* of struct publication */
    uint32_t *current;          /* by story: its row that stands */
    uint32_t current_capacity;
};

/* A question about stories, in the numbers of a tally. */
struct story_selection {
    uint64_t at;
    uint64_t shown_at;
    struct range range;
    uint32_t unit;         /* UNIT_NONE: all */
    enum life_state state; /* STATE_NONE: any */
    bool by_squad;
    bool by_kind;
    bool by_medium;
    bool by_outlet;
    enum granularity granularity;
};

/* Errors: -ERR_BAD_QUERY, -ERR_UNKNOWN_UNIT, and those of moments_resolve. */
int story_selection_read(const struct tally *tally, const struct wire_stories_query *query,
                         struct story_selection *selection, struct error *error);
