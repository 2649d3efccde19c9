/* Calls: requests from one service to another over the bus, each answered once or timed out.
 *
 * A caller owns one connecting socket. Many calls may be open at a time; answers are matched by correlation. The
 * callback runs exactly once per call, on the loop: with the answer, or with an error (ERR_TIMED_OUT, ERR_BUSY when it
 * could not be sent, ERR_UNAVAILABLE when the caller is closed). It may make further calls.
 *
 * While the other service is not connected (it starts, or starts again) or reads too slowly, a call is held, in order,
 * and goes out as soon as there is room: for half of its time at most, so that the rest is left for the answer, and
 * within the bounds of hall.h; beyond them it ends with ERR_BUSY. Its time runs from the call on, held or not. It is sent
 * once: what was on its way when the connection broke is not sent again.
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
    bool held;           /* the call was held for a while */
};

/* Fills `error`, `retry_after` and `as_of` from the payload of an `error` answer; `arena` is for decoding. */
void call_read_error(struct text payload, struct arena *arena, struct call_result *result);

typedef void (*call_done)(const struct call_result *result, void *data);

int caller_open(struct caller **caller, struct bus *bus, uv_loop_t *loop, enum edge edge, struct error *error);
void caller_close(struct caller **caller); /* open calls end with ERR_UNAVAILABLE */

/* Who waits for the answer: a held call of which `waits` says that nobody does ends with ERR_BUSY in place of being
 * sent. `waits` NULL: somebody always does. */
struct call_asker {
    bool (*waits)(const void *who);
    const void *who;
};

struct call_question {
    const char *verb;
    struct text payload;
    struct text delegate; /* may be empty */
    int64_t timeout_ms;
    bool at_once; /* never held: whether the other service is there is what is asked */
    struct call_asker asker;
};

/* What the question borrows is copied; the asker must live until `done`.
 * Without memory, and while caller_close runs, `done` is called before call_ask returns; else never. */
void call_ask(struct caller *caller, const struct call_question *question, call_done done, void *data);

/* The same for somebody who always waits. */
void call_send(struct caller *caller, const char *verb, struct text payload, struct text delegate, int64_t timeout_ms,
               call_done done, void *data);
