/* Whether a question that asks for a position (at_least) can be answered. Pure. */
#pragma once

#include "proto/position.h"

enum wait_verdict {
    WAIT_ANSWER, /* the position is folded */
    WAIT_HOLD,   /* it is in the journal and will be folded */
    WAIT_ASK     /* only the journal's head as of now tells whether it exists */
};

/* `own`: what is folded. `head`: the journal's head as last heard, NULL when nothing was heard; `fresh`: it was asked
 * for after the question came. Returns enum wait_verdict, -ERR_OTHER_JOURNAL or -ERR_BEYOND.
 *
 * A position of an older epoch is refused, also where the events up to it were kept: only what the present epoch tells
 * can be compared. */
int wait_judge(const struct position *own, const struct position *head, bool fresh, const struct position *wanted,
               struct error *error);
