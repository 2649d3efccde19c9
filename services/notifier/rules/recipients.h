/* Recipients of an alert: contacts by relation and post, as they are now.
 *
 *   own      the unit that the alert is about; where it has no such contact, the nearest unit above it that has one, below
 *            the brigade
 *   above    the unit above it, or the nearest above that one that has such a contact
 *   brigade  the root
 *   unit     the unit that is named
 *
 * Errors as of database.h.
 */
#pragma once

#include "proto/event.h"
#include "services/notifier/contacts.h"

/* Walks the contacts in the order of their ranks; a person may come several times. How many, or < 0. `take` returns 0 or
 * ends the walk with < 0. */
int recipients_each(struct contacts *contacts, const struct wire_recipient *recipient, struct text unit,
                    int (*take)(void *data, const struct contact_row *row), void *data, struct error *error);
