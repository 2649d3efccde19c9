/* Metrics: counters and gauges of metrics.def, and their text in the Prometheus exposition format. Loop thread only. */
#pragma once

#include <stdint.h>

#include "proto/codec.h"

enum metric {
#define METRIC(NAME, name, kind, unit, services, prose) METRIC_##NAME,
#include "proto/tables/metrics.def"
#undef METRIC
    METRIC_COUNT
};

struct metrics {
    int64_t values[METRIC_COUNT];
};

static inline void metrics_add(struct metrics *metrics, enum metric metric, int64_t by) {
    metrics->values[metric] += by;
}

static inline void metrics_set(struct metrics *metrics, enum metric metric, int64_t value) {
    metrics->values[metric] = value;
}

/* Appends the rows that `service` has, each with # HELP, # TYPE and the label service="...". */
void metrics_render(const struct metrics *metrics, const char *service, struct buffer *out);
