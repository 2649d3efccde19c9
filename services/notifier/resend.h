/* Sent again: a person has what reached nobody go out once more, one message or all of a notice. */
#pragma once

#include "services/notifier/store.h"

/* Folds a notice.resent: of the messages it means, those that are at an end without having reached anybody wait to be sent
 * (course_resend); others, and those without an address, stay as they are. Within the caller's transaction. 0 or an error
 * of database.h. */
int resend(struct store *store, const struct event *event, struct error *error);
