/* Sums with their kinds of approximation. */
#include "services/aggregator/sum.h"

#include <assert.h>

#include "common/error.h"
#include "proto/shape.h"

int sum_add(struct sum *sum, int64_t value, enum approx approx) {
    int64_t result = 0;
    if (__builtin_add_overflow(sum->value, value, &result)) {
        return -(int)ERR_TOO_BIG;
    }
    sum->value = result;
    sum->counts[approx]++;
    return 0;
}

void sum_take(struct sum *sum, int64_t value, enum approx approx) {
    assert(sum->counts[approx] > 0);
    bool over = __builtin_sub_overflow(sum->value, value, &sum->value);
    assert(!over);
    (void)over;
    sum->counts[approx]--;
}

void sum_part(struct sum *from, const struct sum *part) {
    bool over = __builtin_sub_overflow(from->value, part->value, &from->value);
    assert(!over);
    (void)over;
    for (int kind = 0; kind < APPROX_COUNT; kind++) {
        assert(from->counts[kind] >= part->counts[kind]);
        from->counts[kind] -= part->counts[kind];
    }
}

uint64_t sum_frequency(const struct sum *sum) {
    uint64_t frequency = 0;
    for (int kind = 0; kind < APPROX_COUNT; kind++) {
        frequency += sum->counts[kind];
    }
    return frequency;
}

bool sum_is_empty(const struct sum *sum) {
    return sum_frequency(sum) == 0;
}

const char *sum_mark(const struct sum *sum) {
    bool at_least = sum->counts[APPROX_AT_LEAST] > 0;
    bool below = sum->counts[APPROX_BELOW] > 0;
    enum approx mark = APPROX_EXACT;
    if (sum->counts[APPROX_ABOUT] > 0 || (at_least && below)) {
        mark = APPROX_ABOUT;
    } else if (at_least) {
        mark = APPROX_AT_LEAST;
    } else if (below) {
        mark = APPROX_BELOW;
    }
    return word_chinese(KIND_APPROX, mark);
}
