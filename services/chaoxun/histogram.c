/* The histogram: bucket by the position of the highest bit and the six bits behind it. */
#include "services/chaoxun/histogram.h"

#define SUB_BITS 6

static uint32_t bucket_of(int64_t value) {
    uint64_t bits = value > 0 ? (uint64_t)value : 0;
    if (bits < HISTOGRAM_SUB_BUCKETS) {
        return (uint32_t)bits;
    }
    uint32_t highest = 63U - (uint32_t)__builtin_clzll(bits);
    uint32_t shift = highest - SUB_BITS;
    uint32_t bucket = (shift + 1) * HISTOGRAM_SUB_BUCKETS + (uint32_t)(bits >> shift) - HISTOGRAM_SUB_BUCKETS;
    return bucket < HISTOGRAM_BUCKETS ? bucket : HISTOGRAM_BUCKETS - 1;
}

/* The largest value of a bucket. */
static int64_t bucket_end(uint32_t bucket) {
    uint32_t group = bucket / HISTOGRAM_SUB_BUCKETS;
    int64_t inside = bucket % HISTOGRAM_SUB_BUCKETS;
    if (group == 0) {
        return inside;
    }
    return ((inside + HISTOGRAM_SUB_BUCKETS + 1) << (group - 1)) - 1;
}

void histogram_add(struct histogram *histogram, int64_t value, uint64_t times) {
    histogram->counts[bucket_of(value)] += times;
    histogram->total += times;
    histogram->most = value > histogram->most ? value : histogram->most;
}

void histogram_merge(struct histogram *into, const struct histogram *from) {
    for (uint32_t bucket = 0; bucket < HISTOGRAM_BUCKETS; bucket++) {
        into->counts[bucket] += from->counts[bucket];
    }
    into->total += from->total;
    into->most = from->most > into->most ? from->most : into->most;
}

int64_t histogram_at(const struct histogram *histogram, uint32_t permille) {
    uint64_t rank = (histogram->total * permille + 999) / 1000;
    uint64_t seen = 0;
    for (uint32_t bucket = 0; bucket < HISTOGRAM_BUCKETS && rank > 0; bucket++) {
        seen += histogram->counts[bucket];
        if (seen >= rank) {
            int64_t end = bucket_end(bucket);
            return end < histogram->most ? end : histogram->most;
        }
    }
    return 0;
}
