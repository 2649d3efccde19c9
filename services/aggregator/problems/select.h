/* What a question about problems is about: a problems_query understood, in the numbers of a tally. */
#pragma once

#include "services/aggregator/period.h"
#include "services/aggregator/problems/problems.h"

/* The figures of a row are told apart by these; unused ones are zero. */
enum problems_by { BY_SQUAD = 1, BY_KIND = 2, BY_TOWN = 4, BY_SPOT = 8 };

/* Sets that figures count, beside single states. */
enum problem_set { SET_ALL, SET_COUNTED, SET_OPEN, SET_OVERDUE, SET_CLOSED, SET_REWORK, SET_CAME_BACK };

struct selection {
    uint64_t at;   /* AT_HEAD: as it stands */
    int32_t today; /* at that moment; DAY_UNKNOWN before the first day */
    struct range range;
    uint32_t unit; /* UNIT_NONE: all */
    uint32_t kind; /* NAME_NONE: all; likewise the next two */
    uint32_t town;
    uint32_t spot;
    bool nothing;          /* a name that no event ever held: nothing fits */
    enum life_state state; /* STATE_NONE: any */
    enum problem_set set;
    unsigned by; /* enum problems_by, together */
    enum granularity granularity;
};

/* Errors: -ERR_BAD_QUERY, -ERR_UNKNOWN_UNIT, and those of moments_resolve. */
int selection_read(const struct tally *tally, const struct wire_problems_query *query, struct selection *selection,
                   struct error *error);

bool selection_fits(const struct tally *tally, const struct selection *selection, const struct problem *problem);

bool problem_is_overdue(const struct problem *problem, int32_t today);

typedef int (*selection_visit)(void *data, const struct problem *problem);

/* Visits each problem that fits, in the order of rows; other than 0 ends the walk, which returns it. */
int selection_walk(const struct tally *tally, const struct selection *selection, selection_visit visit, void *data);
