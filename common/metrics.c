/* Metrics: the text of the Prometheus exposition format 0.0.4. */
#include "common/metrics.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct metric_row {
    const char *name;
    const char *kind;
    const char *services;
    const char *prose;
};

static const struct metric_row rows[METRIC_COUNT] = {
#define COUNTER "counter"
#define GAUGE "gauge"
#define METRIC(NAME, name, kind, unit, services, prose) [METRIC_##NAME] = {name, kind, services, prose},
#include "proto/tables/metrics.def"
#undef METRIC
#undef GAUGE
#undef COUNTER
};

void metrics_render(const struct metrics *metrics, const char *service, struct buffer *out) {
    for (int metric = 0; metric < METRIC_COUNT; metric++) {
        const struct metric_row *row = &rows[metric];
        if (strcmp(row->services, "all") != 0 && !words_hold(row->services, service)) {
            continue;
        }
        char text[600];
        int length = snprintf(text, sizeof text, "# HELP %s %s\n# TYPE %s %s\n%s{service=\"%s\"} %" PRId64 "\n",
                              row->name, row->prose, row->name, row->kind, row->name, service, metrics->values[metric]);
        buffer_append(out, text, (size_t)length < sizeof text ? (size_t)length : sizeof text - 1);
    }
}
