/* The opening: hands in the organisation and the demonstration, and tells the first password. `chaoxun up` runs it beside
 * the supervisor on a thread of its own, since it uses blocking clients; `chaoxun setup` by itself. */
#pragma once

#include <stdatomic.h>

#include "services/chaoxun/first_start.h"
#include "services/chaoxun/organisation.h"

struct opening {
    const struct session *session;
    const char *demo;    /* a CSV file, or NULL */
    int64_t patience_us; /* how long intake is waited for; 0: until `stop` */
    int64_t started_us;  /* of the monotonic clock */
    atomic_bool stop;    /* ends it within about a second */
    struct first_start first;
    struct organisation organisation; /* no events: nothing is handed in */

    /* results of opening_run */
    bool failed;
    struct error error;
};

/* The options by which a command says what the opening hands in. */
#define OPENING_OPTIONS \
    {.name = "organisation", \
     .kind = OPTION_TEXT, \
     .word = "FILE", \
     .prose = "brigade and squads (JSON), created at the first start"}, \
        {.name = "demo", \
         .kind = OPTION_TEXT, \
         .word = "FILE", \
         .prose = "demonstration reports (CSV), handed in at the first start"}, \
    { \
        .name = "new-password", .kind = OPTION_FLAG, .prose = "make another password and token for the account office" \
    }

/* Makes password and token, reads the organisation, looks whether the demonstration can be read. `opening` is zeroed,
 * but for what the caller has set; `session` has its settings and its key. */
int opening_prepare(struct opening *opening, const struct options *options, struct error *error);
void opening_free(struct opening *opening);

/* Waits for intake, hands in. -ERR_UNAVAILABLE when it was stopped or intake not ready in time. */
int opening_hand_in(struct opening *opening, struct error *error);

/* How to sign in; with the new password when a person at a terminal reads it. */
void opening_say_sign_in(const struct opening *opening);

/* Hands in, waits until everything is ready, says so. Prints its progress on standard output. */
void opening_run(struct opening *opening);
