/* Random values of any shape, all within the limits of their rows: for property tests. */
#pragma once

#include "common/arena.h"
#include "proto/event.h"

/* A generator of its own, so that a seed always gives the same values. */
struct random {
    uint64_t state;
};

uint64_t random_below(struct random *random, uint64_t bound);

/* Fills `value` (zeroed first): every required field of `fields` and each optional one by chance. */
void random_shape(struct random *random, const struct shape *shape, uint64_t fields, struct arena *arena, void *value);

/* An event of `type` that also keeps the rules between fields (validate.h). */
void random_event(struct random *random, enum event_type type, struct arena *arena, struct event *event);
