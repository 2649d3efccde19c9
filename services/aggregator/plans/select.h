/* What a question about plans is about, in the numbers of a tally. */
#pragma once

#include "services/aggregator/plans/plans.h"
#include "services/aggregator/question.h"

struct plan_selection {
    uint64_t at;
    int32_t today;         /* at that moment, or DAY_UNKNOWN */
    uint64_t shown_at;     /* the event up to which the answer holds */
    enum life_state state; /* of a list; STATE_NONE: any */
    uint32_t unit;         /* UNIT_NONE: all */
    uint32_t programme;    /* plus one; 0: all */
    struct question done;  /* the same question about what was reported */
};

/* Errors: -ERR_BAD_QUERY, -ERR_UNKNOWN_UNIT, -ERR_UNKNOWN_PROGRAMME, and those of moments_resolve. */
int plan_selection_read(const struct tally *tally, const struct wire_plans_query *query,
                        struct plan_selection *selection, struct error *error);
