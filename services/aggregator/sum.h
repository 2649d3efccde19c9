/* A sum that knows how sure it is: the value, and how many numbers of each kind of approximation are in it.
 *
 * Integers only: people, minutes, or thousandths of a measure's unit. A sum over the range of int64_t is refused with
 * -ERR_TOO_BIG and left as it was; nothing saturates.
 */
#pragma once

#include "common/error.h"
#include "proto/types.h"

struct sum {
    int64_t value;
    uint32_t counts[APPROX_COUNT]; /* by enum approx */
};

int sum_add(struct sum *sum, int64_t value, enum approx approx);
void sum_take(struct sum *sum, int64_t value, enum approx approx); /* what was added before */

static inline int sum_merge(struct sum *into, const struct sum *from) {
    int64_t value = 0;
    if (__builtin_add_overflow(into->value, from->value, &value)) {
        return -(int)ERR_TOO_BIG;
    }
    into->value = value;
    for (int kind = 0; kind < APPROX_COUNT; kind++) {
        into->counts[kind] += from->counts[kind];
    }
    return 0;
}

void sum_part(struct sum *from, const struct sum *part); /* the opposite of sum_merge */
bool sum_is_empty(const struct sum *sum);                /* no number is in it; a sum of zeros is not empty */

uint64_t sum_frequency(const struct sum *sum); /* how many numbers are in it */

/* The sign to print before it: all exact "", exact and at least "≥", exact and below "近", else "约". */
const char *sum_mark(const struct sum *sum);
