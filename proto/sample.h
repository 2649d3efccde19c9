/* Sample values of any shape, within the limits of its rows: for test vectors, property tests and load.
 *
 * The same seed always gives the same values. Texts mix Chinese, ASCII and a character beyond 16 bits.
 */
#pragma once

#include "common/arena.h"
#include "proto/event.h"

struct sampler {
    uint64_t state;      /* the seed; moves on */
    struct arena *arena; /* owns what the values refer to */
    bool failed;         /* the arena was full: the values made since are not to be used */
};

uint64_t sample_below(struct sampler *sampler, uint64_t bound); /* 0 to bound - 1; any number when bound is 0 */

/* Fills `value` (zeroed first): every required field among `fields`, and each optional one by chance. */
void sample_shape(struct sampler *sampler, const struct shape *shape, uint64_t fields, void *value);

/* A client's event of `type` that also keeps the rules between fields (validate.h). */
void sample_event(struct sampler *sampler, enum event_type type, struct event *event);
