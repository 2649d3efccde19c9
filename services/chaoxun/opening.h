/* The opening of `chaoxun up`, beside the supervisor on a thread of its own, since it uses blocking clients: waits for
 * intake, hands in the organisation and the demonstration, waits until everything is ready, and says so. */
#pragma once

#include <stdatomic.h>

#include "services/chaoxun/first_start.h"
#include "services/chaoxun/organisation.h"

struct opening {
    const struct session *session;
    struct organisation *organisation; /* no events: nothing is handed in */
    const char *demo;                  /* a CSV file, or NULL */
    const struct first_start *first;
    int64_t started_us;
    atomic_bool stop; /* ends it within about a second */

    /* results */
    bool failed;
    struct error error;
};

/* Runs to the end. Prints its progress on standard output. */
void opening_run(struct opening *opening);
