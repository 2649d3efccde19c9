/* chaoxun setup: the organisation and the first account, where the services are started one by one. */
#include <stdio.h>

#include "common/clock.h"
#include "services/chaoxun/command.h"
#include "services/chaoxun/opening.h"

#define WAIT_SECONDS 60
#define MICROSECONDS 1000000

static int run_setup(const struct options *options) {
    struct session session;
    struct error error;
    struct opening opening = {.session = &session,
                              .demo = option_text(options, "demo"),
                              .patience_us = MICROSECONDS * option_int(options, "wait", WAIT_SECONDS),
                              .started_us = clock_monotonic_us()};
    int result = session_open(&session, options, NULL, NULL, &error);
    if (result == 0) {
        result = opening_prepare(&opening, options, &error);
    }
    if (result == 0) {
        result = opening_hand_in(&opening, &error);
    }
    if (result == 0) {
        opening_say_sign_in(&opening);
    }
    int status = result != 0 ? command_fail(options, &error) : 0;
    opening_free(&opening);
    session_close(&session);
    return status;
}

static const struct option_row rows[] = {
    OPENING_OPTIONS,
    {.name = "wait",
     .kind = OPTION_INT,
     .word = "SECONDS",
     .prose = "how long intake is waited for (default: 60)",
     .min = 1,
     .max = 3600},
    {.name = NULL},
};

const struct command command_setup = {
    .name = "setup",
    .summary = "create the organisation and the first account, where systemd or compose start the services",
    .usage = "--organisation FILE [OPTION...]",
    .about =
        "Does what chaoxun up does at its first start: hands the organisation, the account office and the "
        "demonstration\n"
        "in to intake, which must run, and makes the account's password (<data>/first-password), its token\n"
        "(<data>/token) and <data>/portal/bootstrap, by which the portal learns them when it starts: run this before\n"
        "the portal is started, or start the portal again. Run again it adds nothing and changes no password. Keys\n"
        "must be there (chaoxun keys init). Run by root it gives the bootstrap to the owner of <data>/portal.\n",
    .options = rows,
    .run = run_setup,
};
