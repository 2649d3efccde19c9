/* chaoxun-archiver: keeps every version of every report, and searches them. */
#include "services/archiver/archiver.h"

static const struct service_spec archiver_spec = {
    .name = "archiver",
    .summary = "keeps every version of every report, searches them, forgets what is erased",
    .control = EDGE_CONTROL_ARCHIVER,
    .state_size = sizeof(struct archiver),
    .start = archiver_start,
    .drain = archiver_drain,
    .stop = archiver_stop,
    .verify = verification_start,
    .repair = archiver_repair,
};

int main(int argc, char **argv) {
    return service_main(&archiver_spec, argc, argv);
}
