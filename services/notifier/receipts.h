/* Receipts: who waits until the journal has an event, or refuses it, before somebody is told that it is done.
 *
 *     receipts_wait(notifier, &wait)     the event is among the tellings, and that is durable
 *     wait.settled(notifier, &wait, refusal)     once: NULL, the journal has it; else why not
 *
 * Those who wait are in memory only: after a death who asked asks again. Bounded: more than RECEIPTS_WAITING_MAX are refused.
 */
#pragma once

#include "common/error.h"
#include "proto/types.h"

#define RECEIPTS_WAITING_MAX 1024

struct notifier;

/* Why the journal will never have it. */
struct receipt_refusal {
    enum error_code code;
    char text[ERROR_TEXT_MAX]; /* in Chinese */
};

/* Embedded in who waits, which gives its memory back in `settled`. */
struct receipt_wait {
    struct receipt_wait *next;
    struct id event;
    void (*settled)(struct notifier *notifier, struct receipt_wait *wait, const struct receipt_refusal *refusal);
};

struct receipts {
    struct receipt_wait *first;
    int waiting;
    bool closed;
};

/* False when too many wait, or nothing more comes. */
bool receipts_wait(struct notifier *notifier, struct receipt_wait *wait);

/* All that wait for this event. */
void receipts_settle(struct notifier *notifier, const struct id *event, const struct receipt_refusal *refusal);

/* Nothing more comes: `settled` of all that wait runs with ERR_UNAVAILABLE. */
void receipts_close(struct notifier *notifier);
