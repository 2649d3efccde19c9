/* What the outbox holds, for people to look at. Statements are prepared when somebody asks. Errors as of database.h. */
#pragma once

#include "common/database.h"
#include "proto/types.h"

/* A row's place in the list: those that wait for a person (next_at 0) first, then by the time at which they go. */
struct held_place {
    int64_t next_at; /* before all others: -1 */
    int64_t number;
};

/* The places behind `after` of messages to contacts of `within` and below (empty: all), at most `max`: how many, or < 0. */
int held_list(struct database *database, struct held_place after, struct text within, struct held_place *places,
              int max, struct error *error);

struct held_sum {
    int64_t timed;   /* that go by themselves */
    int64_t waiting; /* for a person */
};

/* By channel, of `within` and below. */
int held_sums(struct database *database, struct text within, struct held_sum sums[CHANNEL_COUNT], struct error *error);
