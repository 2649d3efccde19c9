/* The warmer: makes sums that no question has needed yet while the loop has nothing else to do, so that the first question
 * about hours, or about what is owed, costs no more after a start than the others. It begins when the service is ready: what is folded before that is
 * added to nothing. */
#pragma once

#include <stdbool.h>

#include <uv.h>

#include "common/error.h"
#include "services/aggregator/squads.h"

struct warmer {
    uv_idle_t idle;
    struct tally *tally; /* NULL until it is opened */
    struct squads squads;
    bool begun;
};

/* 0 or -ERR_IO. */
int warmer_open(struct warmer *warmer, uv_loop_t *loop, struct tally *tally, struct error *error);
void warmer_begin(struct warmer *warmer); /* the first time it is called */
void warmer_close(struct warmer *warmer); /* also when it is not open */
