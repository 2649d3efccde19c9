/* Restraint of a row of the outbox: what is known of it, decided, and its buckets kept, in the transaction of the turn. */
#pragma once

#include "services/notifier/notifier.h"

/* -ERR_BAD_SETTING says what is wrong. */
int restrain_settings(struct restraint_rules *rules, const struct config *config, struct error *error);

/* Decides about a row whose time has come, which was as `before`. 0 or < 0. */
int restrain(struct notifier *notifier, const struct outbox_row *row, const struct course *before,
             struct restraint_decision *decision, struct error *error);

/* Whether what is held until a time would go sooner now, as after settings were changed: 1 or 0. */
int restrain_again(struct notifier *notifier, const struct outbox_row *row, struct error *error);

/* A merge_judge (grouping/merge.h) whose data is the notifier: whether something of its own holds back a message that could go
 * with another. */
int restrain_joins(void *data, const struct outbox_row *row, struct error *error);

/* Why it is held, for the office. */
struct text restrain_words(enum restraint_reason reason);
