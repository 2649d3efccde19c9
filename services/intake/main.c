/* chaoxun-intake: takes events in, makes them durable, numbers them, and serves the stream. */
#include "services/intake/intake.h"

static const struct service_spec intake_spec = {
    .name = "intake",
    .summary = "takes events in, makes them durable, gives receipts, serves the stream",
    .control = EDGE_CONTROL_INTAKE,
    .state_size = sizeof(struct intake),
    .start = intake_start,
    .drain = intake_drain,
    .stop = intake_stop,
    .verify = verification_start,
    .repair = intake_repair,
};

int main(int argc, char **argv) {
    return service_main(&intake_spec, argc, argv);
}
