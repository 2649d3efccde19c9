/* A change: a message took a step of its course, and the journal is to be told.
 *
 * Row and telling are written in one transaction, so that nothing becomes true here that the journal does not hear of.
 * The event's id follows from the message, the attempt, the state and the time: the same change has the same id.
 */
#pragma once

#include "services/notifier/store.h"

/* What was refused for good and is of an alert goes on by the alert's next channel; where there is none, what it carries shares
 * its end (merge.h).
 *
 * Writes `row`, whose course has just changed, and the event that tells it. `words`: the provider's, "" for none; the row's
 * own stay where `words.data` is NULL. Within the caller's transaction. */
int change_write(struct store *store, struct outbox_row *row, struct text words, struct error *error);

/* Of the event that tells how the row stands. */
struct id change_id(const struct outbox_row *row);
