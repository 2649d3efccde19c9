/* Calls: requests from one service to another over the bus, each answered once or timed out.
 *
 * A caller owns one connecting socket. Many calls may be open at a time; answers are matched by correlation. The
 * callback runs exactly once per call, on the loop: with the answer, or with an error (ERR_TIMED_OUT, ERR_BUSY when it
 * could not be sent, ERR_UNAVAILABLE when the caller is closed). It may make further calls.
 */
#pragma once

#include "common/request.h"

struct caller;

struct call_result {
    struct text verb;    /* "receipts", "error", ...; empty when there was no answer */
    struct text payload; /* borrowed, dies with the callback */
    struct error error;  /* code ERR_OK when there is an answer that is no `error` */
    int64_t retry_after; /* ms, from an error answer */
    char as_of[120];     /* from an error answer; may be empty */
};

/* Fills `error`, `retry_after` and `as_of` from the payload of an `error` answer; `arena` is for decoding. */
void call_read_error(struct text payload, struct arena *arena, struct call_result *result);

typedef void (*call_done)(const struct call_result *result, void *data);

int caller_open(struct caller **caller, struct bus *bus, uv_loop_t *loop, enum edge edge, struct error *error);
void caller_close(struct caller **caller); /* open calls end with ERR_UNAVAILABLE */

/* `delegate` may be empty. The payload is copied. */
/* Without memory, and while caller_close runs, `done` is called before call_send returns; else never. */
void call_send(struct caller *caller, const char *verb, struct text payload, struct text delegate, int64_t timeout_ms,
               call_done done, void *data);
