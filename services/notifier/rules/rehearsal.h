/* The rehearsal: trials (trial.h) as they are asked for at the door, one at a time. It follows the journal from its beginning
 * with a consumer of its own and asks the aggregator for figures as they stood; the notifier's own work goes on beside it.
 */
#pragma once

#include "common/call.h"
#include "common/stream/consumer.h"
#include "services/notifier/rules/trial.h"

struct notifier;

struct rehearsal {
    struct notifier *notifier;
    struct caller *caller;
    struct consumer *consumer;
    struct trial trial;
    struct arena *rule_arena;   /* the rule that is tried */
    struct arena *answer_arena; /* an answer of the aggregator, the answer of the trial */
    struct event rule;
    struct reply_to to;
    struct position position; /* what is folded */
    struct position head;
    struct buffer payload;
    int64_t until; /* by then it is over, on the monotonic clock in ms */
    bool busy;
    bool asking; /* a question has no answer yet */
};

int rehearsal_open(struct notifier *notifier, struct error *error);
void rehearsal_close(struct notifier *notifier);

/* A request `try` of who may make it: answered when the trial is over. */
void rehearsal_take(struct notifier *notifier, const struct request *request, const struct reply_to *to);

/* Each second: one that takes too long is given up. */
void rehearsal_tick(struct notifier *notifier);
