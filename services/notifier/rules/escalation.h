/* Escalation: what is told next of what a rule fired for, and when. Pure: no clock, no file.
 *
 *   alert (step 0) ─ steps[0].after ─► step 1 ─ ... ─► step n
 *         └ repeat_after ─► repeat 1 ─ repeat_after ─► ... ─► repeat `repeats`
 *
 * Both count from the first alert. Steps tell whom the rule names for them; a repeat tells the first ones again. All of it
 * ends when what it fired for is over (the deed), and when nothing is left.
 *
 *   an answer ─ deed_within ─► round 1: alert, steps and repeats anew ─ an answer ─ deed_within ─► ... ─► round 3
 *
 * An answer stops it. Where the rule gives the deed a time, and it is not done by then, all begins again, so often at most.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "proto/shape.h"

#define ESCALATION_ROUNDS_MAX 3 /* behind the first one */

/* What was told so far. */
struct told_so_far {
    int64_t first_at; /* of the first alert, ms since 1970 UTC */
    int64_t steps;    /* the last step that was told, 0: none but the first alert */
    int64_t repeats;  /* the last repeat that was told, 0: none */
};

struct next_telling {
    int64_t at;
    int64_t step; /* one of the two is not 0 */
    int64_t repeat;
};

/* False when nothing is left to be told. */
bool escalation_next(const struct wire_rule *rule, const struct told_so_far *told, struct next_telling *next);

/* When what was answered at this time, in this round, begins again without the deed; 0: never. */
int64_t escalation_again(const struct wire_rule *rule, int64_t round, int64_t answered_at);
