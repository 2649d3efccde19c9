/* Pruning: what rules keep of things that are over goes when nothing can need it any more, so that notifier.db does not grow
 * with the years. Notices, messages and readings are the record, and stay.
 *
 *   incidents, alerts  cleared, and the last alert so old that none of its messages can still be unsent (expire-hours is a
 *                      year at most); or never cleared, with nothing more to tell, and older than any rule looks back
 *   matters            begun so long ago that no rule can wait for them any more (hours is a year at most, and what was due a
 *                      year ago is not told). A problem that is opened again afterwards is a matter anew
 *   looked             farther back than a rule looks anyway
 *
 * Folded from clock.day, every 28 days, by its time: a journal that is folded anew prunes the same. What was pruned and fires
 * again has the id of its first alert, which the journal knows.
 */
#pragma once

#include "services/notifier/store.h"

/* Within a transaction. `event`: the clock.day. 0 or < 0. */
int prune_fold(struct store *store, const struct event *event, struct error *error);
