/* The fold: a block of the stream into the store, as one transaction with its position.
 *
 * unit.set, client.set, contact.set   names, keys, whom a unit's messages reach
 * notice.issued                       the notice, and a message (pending) to each person it reaches by each channel for
 *                                     which there is an address, whatever is configured
 * delivery.updated                    the notifier's own word: taken where it is newer than the row, as after notifier.db
 *                                     was lost or put back. What this process told itself is never newer
 * notice.resent                       what does not go by itself any more waits for its turn again: its age counts from now
 * rule.set, silence.set,              rules/fold_rules.h: what rules say, what they fire on, the alerts that come back
 * alert.raised, alert.cleared,
 * and what rules follow
 * person.erased                       contacts, names, addresses and words of the person go; the rows stay
 * text.redacted                       the same of what one event brought; of a notice its title and text
 *
 * The fold sends nothing and tells nothing: what it finds to be done waits in the outbox and among the tellings. Reads no
 * clock.
 */
#pragma once

#include "common/journal/block.h"
#include "services/notifier/store.h"

/* What a block brought, beside what is in the store. */
struct fold_news {
    int64_t notices;     /* how many were issued */
    int64_t alerts;      /* how many were raised */
    int64_t messages;    /* how many were added to the outbox */
    int64_t unreached;   /* alerts that reach nobody */
    struct buffer units; /* paths of the units that were named, each with a space behind it; the caller's */
};

/* 0; -ERR_CORRUPT when a block's bytes do not fit; errors of the store: then the transaction is rolled back and the position
 * is that of the block before. `arena` is reset. */
int fold_block(struct store *store, const struct journal_block *block, const struct position *after,
               struct arena *arena, struct fold_news *news, struct error *error);
