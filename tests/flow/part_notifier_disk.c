/* The notifier on a disk that fails when it is told so: SIGUSR1 full, SIGUSR2 room again, SIGHUP syncs fail. For
 * fault/test_notifier_disk.py. */
#include <signal.h>
#include <sqlite3.h>

#include "services/notifier/notifier.h"
#include "tests/unit/fault_vfs.h"

static struct fault_plan *plan; /* for the signal handlers */

static void on_full(int number) {
    (void)number;
    plan->write_result = SQLITE_FULL;
    plan->writes_left = 0;
}

static void on_room(int number) {
    (void)number;
    plan->writes_left = -1;
}

static void on_broken(int number) {
    (void)number;
    plan->sync_result = SQLITE_IOERR_FSYNC;
    plan->syncs_left = 0;
}

int main(int argc, char **argv) {
    static const struct service_spec spec = {.name = "notifier",
                                             .summary = "under test",
                                             .control = EDGE_CONTROL_NOTIFIER,
                                             .state_size = sizeof(struct notifier),
                                             .start = notifier_start,
                                             .drain = notifier_drain,
                                             .stop = notifier_stop,
                                             .verify = verification_start};
    plan = fault_vfs_install();
    signal(SIGUSR1, on_full);
    signal(SIGUSR2, on_room);
    signal(SIGHUP, on_broken);
    return service_main(&spec, argc, argv);
}
