/* The warmer: what makes the next question cheap is done while nobody asks. When the service is ready it makes sums that no
 * question has needed yet, of reports, of hours and of what is owed, and finds which months were late; what is folded before
 * that is added to nothing. Later, when nothing was folded for a moment, it adds what came to the sums that are kept. It works for
 * about WARM_MS at a time: what comes in meanwhile waits no longer. */
#pragma once

#include <stdbool.h>

#include <uv.h>

#include "common/error.h"
#include "services/aggregator/squads.h"
#include "services/aggregator/views.h"

#define WARM_MS 2
#define WARM_QUIET_MS 20

struct warmer {
    uv_idle_t idle;
    uv_timer_t quiet;
    struct tally *tally; /* NULL until it is opened */
    struct view_warming views;
    bool views_done;
    struct squads squads;
};

/* 0 or -ERR_IO. */
int warmer_open(struct warmer *warmer, uv_loop_t *loop, struct tally *tally, struct error *error);
void warmer_wake(struct warmer *warmer);  /* the service is ready, or something was folded since */
void warmer_close(struct warmer *warmer); /* also when it is not open */

/* How many sums of reports are made by the by: their memory stays a small part of that of the reports. */
uint32_t warmer_views_most(const struct tally *tally);
