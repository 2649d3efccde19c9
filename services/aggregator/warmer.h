/* The warmer: makes sums that no question has needed yet while the loop has nothing else to do, so that the first questions
 * after a start cost no more than the others. It begins when the service is ready: what is folded before that is added to
 * nothing. It works for about WARM_MS at a time; what comes in meanwhile waits no longer than that. */
#pragma once

#include <stdbool.h>

#include <uv.h>

#include "common/error.h"
#include "services/aggregator/views.h"

#define WARM_MS 2

struct tally;

struct warmer {
    uv_idle_t idle;
    struct tally *tally; /* NULL until it is opened */
    struct view_warming views;
    bool views_done;
    bool begun;
};

/* 0 or -ERR_IO. */
int warmer_open(struct warmer *warmer, uv_loop_t *loop, struct tally *tally, struct error *error);
void warmer_begin(struct warmer *warmer); /* the first time it is called */
void warmer_close(struct warmer *warmer); /* also when it is not open */

/* How many sums of reports are made by the by: their memory stays a small part of that of the reports. */
uint32_t warmer_views_most(const struct tally *tally);
