/* Merging: when a message goes out, the others of its group go with it. They become superseded, and point to the alert whose
 * message carries them; should that be cancelled before it went, they wait again by themselves.
 *
 * What the journal hears comes in this order: the carried ones, then that the message is sending. So whatever a crash takes
 * away, none is sent twice and none is lost. Within the transaction of a turn, or of a fold. Reads no clock. 0 or < 0.
 */
#pragma once

#include "services/notifier/store.h"

#define MERGE_MAX 200 /* what is more goes with the next message */

enum merge_verdict {
    MERGE_JOINS,
    MERGE_STAYS,    /* something of its own holds it: a silence, another rule */
    MERGE_REPLACED, /* a later alert about the same is there */
    MERGE_ANSWERED  /* somebody answered it meanwhile */
};

/* About a message that could go with another: enum merge_verdict, or < 0. */
typedef int (*merge_judge)(void *data, const struct outbox_row *row, struct error *error);

/* Whether a message waits for others: 1 and until when, and whether for a digest; 0 it does not. */
int merge_wait(struct store *store, const struct outbox_row *row, int64_t *until, bool *digest, struct error *error);

/* The message goes out now, for the first time: what may go with it does. */
int merge_gather(struct store *store, const struct outbox_row *row, int64_t now, merge_judge judge, void *data,
                 struct error *error);

/* The message was cancelled; `maybe`: it may have gone out before. What it carries waits by itself. */
int merge_release(struct store *store, const struct outbox_row *row, bool maybe, int64_t now, struct error *error);

/* The message came to another state. Where it was given up, what it carries was not told either and shares its end, to be seen
 * and sent again as any other; where it goes once more, or arrived after all, that is carried again. `tells`: the journal is
 * to hear of it (else it follows from what the journal has, and so has the same time). */
int merge_follow(struct store *store, const struct outbox_row *row, bool tells, struct error *error);

/* A person has it sent again by itself: it is carried no more. */
int merge_leave(struct store *store, const struct outbox_row *row, struct error *error);

/* Folded from a delivery.updated: what it says of groups. `row` is as it is now. */
int merge_fold(struct store *store, const struct outbox_row *row, const struct wire_delivery *delivery,
               struct error *error);

/* How many others the message carries, or < 0. */
int merge_carries(struct store *store, const struct outbox_row *row, struct error *error);

/* The alerts whose messages the message of `notice` to this person carries, at most MERGE_MAX. How many, or < 0. */
int merge_carried(struct store *store, const struct id *notice, struct text person, struct id *carried,
                  struct error *error);

/* Where it carries others: title and text of `notice`, which is the row's own, become those of all of them, in the arena. */
int merge_texts(struct store *store, const struct outbox_row *row, struct notice_row *notice, struct arena *arena,
                struct error *error);
