/* A turn: what one turn of the loop brings (results of channels, reports, receipts), committed as one transaction
 * together with what becomes due, and what follows from it when it is durable.
 *
 * Without room on the disk nothing happens: work waits and is done again in a second. Any other error of the commit ends
 * the process.
 */
#pragma once

#include <uv.h>

#include "services/notifier/outbox.h"

struct notifier;

/* A piece of work, embedded in what it is about. */
struct work {
    struct work *next;
    /* Within the transaction. May run again, after a rollback: changes nothing but the store and the work itself. */
    int (*apply)(struct notifier *notifier, struct work *work, struct error *error);
    /* It is durable. Gives the work's memory back. */
    void (*done)(struct notifier *notifier, struct work *work);
    /* There was no room: gives it up. NULL: it waits for the next turn. */
    void (*refuse)(struct notifier *notifier, struct work *work, const struct error *error);
};

/* What the changes of a turn add to the metrics when they are durable. */
struct turn_counts {
    int64_t changes;
    int64_t delivered;
    int64_t undelivered;
    int64_t repeats;
    int64_t overrides; /* urgent ones that went in spite of restraint */
};

struct turn {
    uv_idle_t idle;   /* a turn is wanted */
    uv_timer_t timer; /* it is wanted then */
    bool open;
    struct work *first;
    struct work *last;
    struct turn_counts counts;
};

int turn_open(struct notifier *notifier, struct error *error);
/* Commits what work there still is. */
void turn_close(struct notifier *notifier);

void turn_add(struct notifier *notifier, struct work *work);
/* It waits for others that come soon, so that they are one commit. */
void turn_add_soon(struct notifier *notifier, struct work *work);
/* Something may have become due. */
void turn_want(struct notifier *notifier);
void turn_want_in(struct notifier *notifier, int64_t pause_ms);

/* Within a turn: writes a row whose course moved on from `before`, and the event that tells it, as change_write. */
int turn_change(struct notifier *notifier, struct outbox_row *row, const struct course *before, struct text words,
                struct error *error);
