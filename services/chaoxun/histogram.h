/* Latencies by count, in buckets that grow with the value: 64 for each doubling, so that a percentile is right within
 * 1.6 %. Pure. */
#pragma once

#include <stdint.h>

#define HISTOGRAM_SUB_BUCKETS 64
#define HISTOGRAM_BUCKETS (40 * HISTOGRAM_SUB_BUCKETS)

struct histogram {
    uint64_t counts[HISTOGRAM_BUCKETS];
    uint64_t total;
    int64_t most;
};

/* `value` in any unit, 0 or more; `times` equal values at once. */
void histogram_add(struct histogram *histogram, int64_t value, uint64_t times);
void histogram_merge(struct histogram *into, const struct histogram *from);

/* The value below which `permille` of 1000 values lie (its bucket's upper end); 0 when there are none. */
int64_t histogram_at(const struct histogram *histogram, uint32_t permille);
