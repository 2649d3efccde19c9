/* The figures of the squads in a period: what the other books answer to the questions that anybody may ask, so that an
 * assessment says the same as the tables of which it is made. */
#pragma once

#include "services/aggregator/aggregator.h"
#include "services/aggregator/assessment/select.h"

struct squad {
    uint32_t unit;
    uint32_t name; /* as it was then, among the names, or NAME_NONE */
    int32_t order;
    bool closed;
    uint32_t known; /* a bit per figure that has a value */
    int64_t figures[FIGURE_COUNT];
};

/* All in the question's arena. */
struct values {
    struct aggregator *aggregator;
    const struct assessed *assessed;
    char *at;       /* what `at` of the questions is; NULL: as it stands */
    uint32_t *keys; /* by unit: its squad's index plus one; 0: it lies under none */
    struct squad *squads;
    uint32_t count;
};

/* Bits of the figures that the scheme follows. -ERR_BAD_QUERY names one that no book gives. */
int values_wanted(const struct values *values, uint32_t *wanted, struct error *error);

/* The squads of the scheme's brigade in the order of an office's table, without figures. -ERR_NO_MEMORY. */
int values_begin(struct values *values, struct aggregator *aggregator, const struct assessed *assessed,
                 struct error *error);

/* Fills the figures; those of squads of which nothing is known are 0, percentages of no plan are not known. Errors: those
 * of the questions. */
int values_collect(struct values *values, uint32_t wanted, struct error *error);

/* The squad of a unit by its path; NULL when it lies under none. */
struct squad *values_squad(const struct values *values, struct text path);
