/* A tiny service (intake's name and keys, nothing else) in a process of its own, for tests of the skeleton. */
#pragma once

#include <sys/types.h>

#include "tests/unit/bus_fixture.h"

#define WAIT_MS 20000

struct running {
    struct bus_fixture fixture;
    pid_t process;
    int output; /* its log */
    int notify; /* our end of NOTIFY_SOCKET */
    char log[16384];
    size_t log_length;
};

void service_fixture_open(struct running *running);
void service_fixture_close(struct running *running);

/* What the service does: "" lives; "fail", "damaged", "unable", "stuck" and "unfit" are what they say. `extra` is one
 * more argument or NULL. */
void service_fixture_start(struct running *running, const char *mode, const char *extra);
pid_t service_fixture_spawn(struct running *running, int *output, const char *mode, const char *extra);

/* Reads the rest of the log into `running->log`; the exit code, or the negative signal. Kills what does not end. */
int service_fixture_wait(struct running *running, pid_t process, int output);
int service_fixture_finish(struct running *running);

/* Waits for a datagram of sd_notify that contains `wanted`. */
bool service_fixture_notified(const struct running *running, const char *wanted);
