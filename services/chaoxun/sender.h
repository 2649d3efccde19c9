/* Hands events in: several frames under way at a time, each event until it has a final receipt.
 *
 * Frames without an answer are sent again with the same ids (the broken connection heals below), so that nothing is
 * lost when intake dies and nothing counts twice: `duplicate` is as good as `stored`. Events that are `busy` go again
 * after retry_after. One thread; calls block.
 */
#pragma once

#include <stdatomic.h>

#include "common/client.h"
#include "proto/event.h"
#include "proto/shape.h"

#define SENDER_FRAME_EVENTS_MAX 100
#define SENDER_WINDOW_MAX 64

struct sender;

/* One final receipt: stored, duplicate, conflict or rejected. `number` counts the events as they were added, from 0. */
typedef void (*sender_receipt)(void *data, uint64_t number, const struct wire_receipt *receipt);

struct sender_options {
    struct client *client; /* borrowed; connected to SUBMIT */
    uint32_t frame_events; /* at most, per frame */
    uint32_t window;       /* frames under way */
    int64_t patience_ms;   /* gives up after so long without any answer */
    sender_receipt receipt;
    void *data;
    const atomic_bool *stop; /* may be NULL; once true, calls end with ERR_UNAVAILABLE */
};

int sender_open(struct sender **sender, const struct sender_options *options, struct error *error);
void sender_close(struct sender **sender);

/* Adds an event; it is encoded at once. Waits while the window is full. -ERR_UNAVAILABLE when patience ends, or the
 * error with which the frame was refused as a whole. */
int sender_add(struct sender *sender, const struct event *event, struct error *error);

/* Sends what is left and waits until every event has its receipt. */
int sender_finish(struct sender *sender, struct error *error);

/* How often frames were sent again, for lack of an answer or because intake was busy. */
uint64_t sender_repeats(const struct sender *sender);
