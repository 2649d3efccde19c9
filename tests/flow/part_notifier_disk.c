/* The notifier on a disk that fails when a signal says so (fault_vfs.h), for fault/test_notifier_disk.py. */
#include "services/notifier/notifier.h"
#include "tests/unit/fault_vfs.h"

int main(int argc, char **argv) {
    static const struct service_spec spec = {.name = "notifier",
                                             .summary = "under test",
                                             .control = EDGE_CONTROL_NOTIFIER,
                                             .state_size = sizeof(struct notifier),
                                             .start = notifier_start,
                                             .drain = notifier_drain,
                                             .stop = notifier_stop,
                                             .verify = verification_start};
    fault_vfs_install_for_signals();
    return service_main(&spec, argc, argv);
}
