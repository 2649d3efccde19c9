/* The lookout: every second it is seen whether a rule has something to do (duty.h), and it is done: in a turn what needs no
 * question, then one question at a time to the aggregator. Nothing before the gate is open, nothing new while draining.
 *
 * An aggregator that does not answer is asked again in ten seconds; a rule then looks as of the time of the answer, and fires
 * for the times that it missed.
 *
 * Before what waited for a digest or a group goes out, all rules that ask look once more at what they have open
 * (lookout_is_fresh): what is over is not told.
 */
#pragma once

#include "common/call.h"
#include "services/notifier/rules/duty.h"
#include "services/notifier/turn.h"

struct lookout {
    struct work work; /* first: what is due, as work of a turn */
    struct notifier *notifier;
    struct caller *caller;
    struct arena *arena;        /* of a duty */
    struct arena *answer_arena; /* the answer being read */
    struct buffer payload;
    struct duty_question question; /* under way, or answered */
    struct buffer answer;          /* its bytes */
    int64_t rest_until;            /* the aggregator did not answer: on the monotonic clock, ms */
    bool open;
    bool busy;     /* the work is queued, or a question is under way */
    bool answered; /* the work is to take the answer */
    bool failing;  /* the last question got no answer */
    struct look_again {
        char behind[RULE_NAME_BYTES + 1]; /* rules up to this name were asked for */
        int64_t wanted_us;                /* since when, on the monotonic clock; 0: it is not */
        int64_t begun_at;                 /* ms since 1970 UTC; 0: not begun */
        int64_t fresh_at;                 /* when it began last time, and all of them answered; 0: never */
    } again;
};

int lookout_open(struct notifier *notifier, struct error *error);
/* No more questions; work that is queued may still run. */
void lookout_close(struct notifier *notifier);
/* Behind the last turn. */
void lookout_free(struct notifier *notifier);

/* Whether what rules have open was looked at within the last seconds, or cannot be: nobody answers, and a message is not kept
 * for that. Else it soon will be: 1, 0 or < 0. */
int lookout_is_fresh(struct notifier *notifier, struct error *error);

/* Each second. */
void lookout_tick(struct notifier *notifier);
