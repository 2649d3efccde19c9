/* Completeness and timeliness: the reports that squads owe for planned activities, and what became of each. */
#pragma once

#include "common/arena.h"
#include "services/aggregator/rows.h"

/* One report that one squad owes. */
struct owed {
    uint32_t activity; /* the number that stands for it */
    uint32_t planned;  /* the activity.planned that it is owed for, by number */
    uint32_t unit;     /* the squad */
    int32_t last_day;
    int32_t due;
    bool in_time; /* a report came that was not late */
    bool late;    /* a report came that was */
};

struct completeness {
    struct question question; /* by squad, at a time; the months are `months` */
    struct range months;
    uint32_t limit;
    int32_t ahead; /* missing: also what is due within so many days; below zero: only what is overdue */
    int32_t today; /* or DAY_UNKNOWN */
    struct owed *owed;
    uint32_t count;
    uint32_t capacity;
};

/* -ERR_BAD_QUERY, -ERR_UNKNOWN_UNIT and what `at` gives. */
int completeness_read(const struct tally *tally, const struct wire_completeness_query *query,
                      struct completeness *completeness, struct error *error);
void completeness_free(struct completeness *completeness);

/* Collects what is owed; `rows` lends faces and keys. 0 or -ERR_NO_MEMORY. */
int completeness_collect(struct completeness *completeness, struct rows *rows, struct tally *tally);

/* The answers, in the arena. Errors: -ERR_NO_MEMORY, -ERR_TOO_MANY. */
int completeness_answer(const struct completeness *completeness, struct rows *rows, const struct tally *tally,
                        struct arena *arena, struct wire_completeness_answer *answer, struct error *error);
int missing_answer(const struct completeness *completeness, struct rows *rows, const struct tally *tally,
                   struct arena *arena, struct wire_missing_answer *answer, struct error *error);
