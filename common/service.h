/* The skeleton that all services share: settings, log, keys, loop, bus, control door, readiness, signals, drain.
 *
 * A service's main.c is a descriptor:
 *     int main(int argc, char **argv) { return service_main(&intake_service, argc, argv); }
 *
 * Life: settings are read, the state directory <data>/<name> is made (0700) and locked (a second process of the same
 * service refuses to start), the bus is opened, `start` is called, the loop runs. SIGTERM or SIGINT: `drain` is called;
 * the service calls service_drained() when nothing is held any more, or DRAIN_MS ends it; then `stop`. Readiness goes to sd_notify
 * (READY=1, STATUS=, STOPPING=1, WATCHDOG=1) and to the control door (verbs status and verify).
 * Exit codes: 0 stopped, 1 could not start, 2 usage, 74 (EX_IOERR) an I/O error of what must be durable,
 * 70 (EX_SOFTWARE) a fault of the program, 65 (EX_DATAERR) damaged data or a position that does not fit.
 * The supervisor does not restart after 65: a person must look.
 */
#pragma once

#include <sysexits.h>

#include "common/bus.h"
#include "common/repair.h"
#include "common/request.h"

struct service;

/* Fills `answer` when verification is done and hands it to service_verified(); may take as long as it needs. */
typedef void (*service_verify)(struct service *service, const struct reply_to *to);

struct service_spec {
    const char *name;    /* "intake" */
    const char *summary; /* one line, for --help */
    enum edge control;   /* its control edge */
    size_t state_size;   /* zeroed memory at service->state */
    int (*start)(struct service *service, struct error *error);
    void (*drain)(struct service *service);
    void (*stop)(struct service *service);
    service_verify verify;
    repair_run repair; /* run in place of all that by --repair */
};

struct service {
    const struct service_spec *spec;
    uv_loop_t *loop;
    struct config *config;
    struct log log;
    struct metrics metrics;
    struct bus *bus;
    char state_dir[4096];
    char keys_dir[4096];
    void *state;
    struct service_private *internal;
};

int service_main(const struct service_spec *spec, int argc, char **argv);

/* Ready or, with the reason (English, for operators), not. */
void service_set_ready(struct service *service, bool ready, const char *reason);
/* The position that the status tells. */
void service_set_position(struct service *service, const char *position, uint64_t seq);
void service_drained(struct service *service);
/* Stops the process at once with `exit_code` after logging `error`: no receipts, no drain (fail stop). */
_Noreturn void service_fail(struct service *service, int exit_code, const struct error *error);
/* Answers a verify request. `first_fault` NULL when everything fits. */
void service_verified(struct service *service, const struct reply_to *to, int64_t checked, const char *position,
                      const char *first_fault);
