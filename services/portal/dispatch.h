/* Single events on their way to intake: those of one session that come in during one turn of the loop go as one frame.
 *
 * A session has at most two frames under way; what comes meanwhile waits for the first answer and goes together. So a
 * lone client waits for nobody, and many share what a message costs. An event is sent once, never again: whoever gets
 * an error instead of a receipt does not know whether it is stored, and asks again with the same id. What waited because
 * intake was not connected, and whose client has gone meanwhile, is dropped.
 */
#pragma once

#include "services/portal/exchange.h"

struct dispatch;

/* An event and who waits for its receipt; the sender's memory until `done`. */
struct parcel {
    struct text event; /* MessagePack */
    struct call_asker asker;
    uint64_t since; /* dispatch's own: when it came, uv_now */
    /* Runs once, on the loop. The receipt is NULL when the result's error says why; both are borrowed. */
    void (*done)(const struct call_result *result, const struct wire_receipt *receipt, void *data);
    void *data;
    struct parcel *next;
};

int dispatch_open(struct dispatch **dispatch, struct portal *portal, struct error *error);
/* After intake's caller was closed; what still waits ends with ERR_UNAVAILABLE. */
void dispatch_close(struct dispatch **dispatch);

/* Without memory `done` runs before this returns. */
void dispatch_send(struct dispatch *dispatch, const struct principal *principal, struct parcel *parcel);
