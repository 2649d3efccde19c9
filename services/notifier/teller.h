/* The teller: hands the tellings to intake, in order, in frames, one frame under way; what got a receipt is removed, and
 * what the journal now knows as sending is handed over.
 *
 * Without an answer (intake is away, busy, too slow) the same is sent again: the ids are the same, so nothing counts
 * twice. What intake refuses for good is told in the log as an error and dropped; what would have been sent with it is
 * tried again later, for nothing goes out that the journal does not know of; who waits for it (receipts.h) hears of it.
 */
#pragma once

#include "common/call.h"
#include "services/notifier/receipts.h"
#include "services/notifier/tellings.h"
#include "services/notifier/turn.h"

#define TELLER_FRAME_EVENTS 256
#define TELLER_FRAME_BYTES 61440 /* a frame of the least message-max holds them */

enum told {
    TOLD_NOT,    /* not yet: again */
    TOLD_NOW,    /* it is in the journal, and was not before this process told it */
    TOLD_BEFORE, /* a process before this one told it, and may have handed the message over */
    TOLD_REFUSED /* never will it be in the journal */
};

/* One event of the frame. */
struct told_item {
    int64_t number;
    int64_t row;
    enum channel channel;
    int32_t attempt;
    bool sending;
    enum told told;
    bool goes;    /* the message is handed over when this is durable */
    struct id id; /* of an event of no message: who waits for it is told */
    struct receipt_refusal refusal;
};

struct teller {
    struct work work; /* first: the receipts of the frame, as work of a turn */
    struct notifier *notifier;
    struct caller *caller;
    uv_timer_t timer;
    bool open;
    bool busy;         /* a frame has no answer yet, or its receipts are not durable */
    bool failing;      /* the last frame got no receipts */
    int64_t after;     /* all tellings up to this one are done with */
    int64_t inherited; /* up to this one they are of a process before */
    int64_t pause_ms;  /* before the next frame */
    struct told_item items[TELLER_FRAME_EVENTS];
    uint32_t count;
    struct buffer frame;
    struct arena *arena; /* the receipts being read */
};

int teller_open(struct notifier *notifier, struct error *error);
void teller_close(struct notifier *notifier);

/* There may be something to tell. */
void teller_wake(struct notifier *notifier);

/* Nothing more can be told now: all is told, or intake is away. */
bool teller_is_idle(const struct notifier *notifier);
