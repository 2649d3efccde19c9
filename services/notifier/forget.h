/* Forgetting: what tells who a person is, or what one event said, leaves the store. Rows stay, with the person's number.
 * What was still to be sent to them will not be: it waits to be cancelled. Within the caller's transaction; when that is
 * committed, the log is emptied too.
 */
#pragma once

#include "services/notifier/store.h"

int forget_person(struct store *store, struct text person, struct error *error);

/* What was not sent of a notice or alert will not be: it waits to be cancelled. Its text stays. */
int forget_unsent(struct store *store, int64_t notice_seq, struct error *error);

/* What one event brought: a contact.set, a notice.issued, an alert.raised, a rule.set, a silence.set, a delivery.updated, a
 * notice.answered. Of other events nothing is kept here. */
int forget_event(struct store *store, const struct id *event, struct error *error);
