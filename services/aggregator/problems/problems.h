/* Problems: each with its life, as it stood after every event (proto/tables/lives.def).
 *
 *   problems.c   the book: rows, saving, what is made from them
 *   steps.c      one event into it
 *   select.c     which problems a question is about, now or as they stood
 *   figures.c    sums of these by squad, kind, town, spot and period
 *   list.c       the problems themselves, and one with its life
 */
#pragma once

#include "proto/life.h"
#include "services/aggregator/book.h"
#include "services/aggregator/ids.h"

/* A problem after one of its events. Numbers are of the tally's names and units; NAME_NONE, UNIT_NONE where there is none. */
struct problem {
    struct version version;
    int64_t raised_at;   /* ms since 1970 UTC */
    int64_t resolved_at; /* when it was last resolved; 0 while it is open */
    uint32_t number;     /* of the problem, in ids */
    uint32_t unit;
    uint32_t kind;
    uint32_t town;
    uint32_t spot;
    uint32_t to;     /* unit that deals with it */
    uint32_t office; /* another office that does */
    uint32_t case_number;
    uint32_t of;        /* problem of which it is a duplicate, or IDS_NONE */
    int32_t day;        /* of raising, in the brigade's time zone */
    int32_t due;        /* or DAY_NONE */
    uint32_t state;     /* enum life_state */
    uint32_t rework;    /* times that it was not really fixed */
    uint32_t came_back; /* times that it came back */
    uint32_t same_spot; /* 1: one of its kind had been raised at its spot before */
    uint32_t before;    /* its row before this one plus one; 0 the first */
};

struct problems {
    struct ids ids;
    struct ledger rows; /* of struct problem */

    /* made from the rows */
    uint32_t *current; /* by problem: its row that stands, LEDGER_NONE before it was raised */
    uint32_t current_capacity;
    struct table spots; /* by (spot, kind): the first row there */
};

static inline bool problem_is_open(const struct problem *problem) {
    switch (problem->state) {
    case STATE_problem_RAISED:
    case STATE_problem_ASSIGNED:
    case STATE_problem_STARTED:
    case STATE_problem_REOPENED:
        return true;
    default:
        return false;
    }
}

/* Counts as one of ours: neither a duplicate nor refused. */
static inline bool problem_counts(const struct problem *problem) {
    return problem->state != STATE_problem_DUPLICATED && problem->state != STATE_problem_REFUSED;
}

static inline const struct problem *problem_row(const struct problems *problems, uint32_t row) {
    return ledger_row(&problems->rows, row);
}

/* steps.c: a book's fold. */
int problems_fold(struct tally *tally, const struct event *event, struct error *error);

/* Adds a row, which becomes the one that stands for its problem. 0 or -ERR_NO_MEMORY. */
int problems_put(struct problems *problems, const struct problem *row);

/* Whether one of the kind was raised at the spot. */
bool problems_spot_known(const struct problems *problems, uint32_t spot, uint32_t kind);
