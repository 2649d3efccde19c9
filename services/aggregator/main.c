/* chaoxun-aggregator: folds the stream into live totals and answers questions about them. */
#include "services/aggregator/aggregator.h"

static const struct service_spec aggregator_spec = {
    .name = "aggregator",
    .summary = "folds the stream into totals, answers questions about them, tells each change",
    .control = EDGE_CONTROL_AGGREGATOR,
    .state_size = sizeof(struct aggregator),
    .start = aggregator_start,
    .drain = aggregator_drain,
    .stop = aggregator_stop,
    .verify = verification_start,
    .repair = aggregator_repair,
};

int main(int argc, char **argv) {
    return service_main(&aggregator_spec, argc, argv);
}
