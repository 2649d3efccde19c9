/* One supervised service: its process, the lines it writes, its restarts. Loop thread only. */
#pragma once

#include <uv.h>

#include "services/chaoxun/backoff.h"
#include "services/chaoxun/services.h"

#define CHILD_ARGUMENTS_MAX 64

struct child_run;

enum child_state {
    CHILD_DOWN, /* not started, or ended while stopping */
    CHILD_RUNNING,
    CHILD_WAITING,   /* for its restart */
    CHILD_STAYS_DOWN /* ended in a way that a restart would not heal */
};

struct child_end {
    int64_t status; /* exit status, when `signal` is 0 */
    int signal;
    int64_t lived_ms;
    int64_t pause_ms; /* before the restart; -1: it stays down */
};

struct child {
    const struct service_row *row;
    uv_loop_t *loop;
    enum child_state state;
    bool stopping; /* no restarts any more */
    char binary[SESSION_PATH_MAX];
    char *arguments[CHILD_ARGUMENTS_MAX]; /* of the service, owned; NULL-terminated */
    char **environment;                   /* borrowed */
    struct backoff backoff;
    uint32_t quick_ends; /* ends in a row without BACKOFF_HEALTHY_MS of life */
    int64_t started_us;
    struct child_run *run;
    uv_timer_t restart;

    void (*line)(struct child *child, struct text line);
    void (*ended)(struct child *child, const struct child_end *end);
    void *data;
};

/* `child` is zeroed and set up: row, callbacks, environment. Arguments are copied from `arguments` (NULL-terminated,
 * without the program). */
int child_init(struct child *child, uv_loop_t *loop, const struct service_row *row, const char *const *arguments,
               struct error *error);

/* Starts it, when it does not run. A start that fails counts as an end with status 127. */
void child_start(struct child *child);

/* Ends it: no restart follows. `signal` is sent when it runs. */
void child_stop(struct child *child, int signal);
bool child_is_up(const struct child *child);

/* Closes its handles; the loop must run once more before `child` may go. Only when it is not up. */
void child_close(struct child *child);

/* Whether a restart is in vain: damaged data (65), wrong usage (2). */
bool child_end_is_final(int64_t status, int signal);
