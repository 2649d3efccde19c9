/* The supervisor: all children, their start, and their stop in the order of the flow. Loop thread only. */
#pragma once

#include <stdio.h>

#include "services/chaoxun/child.h"
#include "services/chaoxun/logbook.h"

/* Quick ends in a row, before everything was ready once, after which a service is given up. */
#define SUPERVISOR_TRIES 5

struct supervisor {
    uv_loop_t *loop;
    struct child children[SERVICES_MAX];
    uint32_t count;
    struct logbook logbook;
    struct log log; /* of the supervisor itself, into the logbook */
    bool verbose;   /* every line on the terminal, not warnings and errors alone */
    bool was_ready; /* everything was ready once */
    bool stopping;
    bool closed;
    int64_t drain_ms;
    uv_timer_t bound;
    char **environment;

    void (*given_up)(void *data, const struct child *child); /* a start is in vain */
    void (*all_down)(void *data);                            /* after supervisor_stop */
    void *data;
};

/* Sets up a child for every installed service; `session` gives settings and data directory, its options the settings
 * that are handed on. */
int supervisor_open(struct supervisor *supervisor, uv_loop_t *loop, const struct session *session, struct error *error);
void supervisor_start(struct supervisor *supervisor);

/* Writes the names in the order in which they stop, + between those that stop together: "portal, notifier, intake". */
void supervisor_tell_order(const struct supervisor *supervisor, FILE *out);

/* Stops what runs, stage by stage, each within the drain time and a second; then all_down. A second call kills. */
void supervisor_stop(struct supervisor *supervisor);

/* Closes handles and log; nothing runs any more. */
void supervisor_close(struct supervisor *supervisor);
