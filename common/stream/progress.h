/* How far a service has folded the stream, and whether it is ready: when the head of the journal that it first heard of
 * is folded. Tells the skeleton its position and, about once a second, what is still missing.
 */
#pragma once

#include "common/service.h"
#include "proto/position.h"

struct progress {
    struct service *service; /* borrowed */
    struct position own;     /* what is folded */
    struct position head;    /* of the journal, as last heard */
    bool head_known;         /* else `head` says nothing */
    uint64_t goal;           /* seq of the head that was first heard */
    bool ready;              /* the goal was reached once: stays so */
    uint64_t reason_told;    /* ms of the loop, when the reason was last told */
};

/* Not ready: "waiting for intake". `own`: where the service stands. */
void progress_start(struct progress *progress, struct service *service, const struct position *own);

/* `own` is folded now. */
void progress_folded(struct progress *progress, const struct position *own);

/* The journal's head was heard: as a consumer's `head`, or in an answer to consumer_ask_head. */
void progress_heard(struct progress *progress, const struct position *head);

/* Answers a request `head`: where the service stands. */
void progress_reply_head(const struct progress *progress, const struct reply_to *to);

/* NULL while none was heard of. */
static inline const struct position *progress_head(const struct progress *progress) {
    return progress->head_known ? &progress->head : NULL;
}
