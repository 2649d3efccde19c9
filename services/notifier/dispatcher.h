/* The dispatcher: what is due becomes sending, so many at a time per channel as the setting says; what the journal then
 * knows as sending is handed to its channel; what came of it is work for the next turn.
 */
#pragma once

#include <uv.h>

#include "proto/codec.h"
#include "services/notifier/hook.h"
#include "services/notifier/notices.h"
#include "services/notifier/outbox.h"

struct notifier;

struct dispatcher {
    int parallel;                 /* messages under way per channel at most; of e-mails four times as many */
    int under_way[CHANNEL_COUNT]; /* sending: waiting for the journal, or handed over */
    int change[CHANNEL_COUNT];    /* of that, by the turn that is not committed yet */
    int ended[CHANNEL_COUNT];     /* of what is under way: its result waits for a turn */
    bool more;                    /* the turn left something that is due */
    int64_t paced[CHANNEL_COUNT]; /* until then nothing more of the channel goes; 0: it does */
};

/* A turn begins. */
void dispatcher_begin(struct dispatcher *dispatcher);

/* Within a turn: a row of the channel is sending and waits for the journal; or is with the channel no more. */
void dispatcher_add(struct dispatcher *dispatcher, enum channel channel);
void dispatcher_remove(struct dispatcher *dispatcher, enum channel channel);

/* Within a turn: what is due becomes sending, as far as there is room; or expired, cancelled, held: for a gateway, or
 * until a time (restraint/restraint.h). */
int dispatcher_lease(struct notifier *notifier, struct error *error);

/* The turn is durable. */
void dispatcher_committed(struct notifier *notifier);

/* The journal knows that the row is sending: it goes out. */
void dispatcher_hand_over(struct notifier *notifier, int64_t number);

/* What a message says: the text of its notice, and behind it how it can be answered: `reply`, the words of its code
 * (replies.h; "": none), and, where the notice is to be confirmed, the recipient's own link (in e-mails, and in SMS what of
 * both fits, for nothing is cut; `ref` NULL: a link as long that confirms nothing). It may lie in `out`, which the caller
 * frees. NULL without memory. */
const char *dispatcher_text(const struct hook *hook, enum channel channel, const struct id *ref,
                            const struct notice_row *notice, const char *reply, struct buffer *out);

/* Nothing is under way. */
bool dispatcher_is_idle(const struct dispatcher *dispatcher);
