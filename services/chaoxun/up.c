/* chaoxun up: everything on one machine, supervised, with one log. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/manager.h"
#include "services/chaoxun/command.h"
#include "services/chaoxun/doors.h"
#include "services/chaoxun/files.h"
#include "services/chaoxun/opening.h"
#include "services/chaoxun/supervisor.h"
#include "services/chaoxun/up_lock.h"

#define SIGNALS 3

struct up {
    struct session session;
    struct opening opening;
    struct supervisor supervisor;
    uv_loop_t loop;
    uv_work_t work;
    uv_signal_t signals[SIGNALS];
    int lock;
    bool stopping;
    bool down;
    bool opened; /* the opening has ended */
    int status;
};

/* ---- before anything runs ---- */

static int make_folders(struct up *up, struct error *error) {
    char run[SESSION_PATH_MAX];
    int result = directory_make(config_text(up->session.config, SETTING_DATA), error);
    if (result == 0) {
        result = up_lock_take(&up->session, &up->lock, error);
    }
    if (result == 0) {
        result = config_run_dir(up->session.config, run, sizeof run, error);
    }
    if (result == 0) {
        result = directory_make(run, error);
    }
    return result != 0 ? result : keys_init(up->session.keys_dir, error);
}

/* The port of an earlier life would be taken for this one's. */
static void forget_port(const struct session *session) {
    char path[SESSION_PATH_MAX];
    if (session_path(session, "portal/port", path, sizeof path, NULL) == 0) {
        unlink(path);
    }
}

static const char *demo_file(const struct options *options) {
    return option_given(options, "no-demo") ? NULL : option_text(options, "demo");
}

static int prepare(struct up *up, const struct options *options, struct error *error) {
    int result = session_settings(&up->session, options, error);
    const struct service_row *missing = service_missing();
    if (result == 0 && missing) {
        result = error_setf(error, ERR_IO, "chaoxun-%s does not lie beside this program: build it, or install it whole",
                            missing->name);
    }
    if (result == 0) {
        result = make_folders(up, error);
    }
    if (result == 0) {
        result = keys_load_pair(up->session.keys_dir, "operator", &up->session.pair, error);
    }
    if (result == 0) {
        result = doors_check(&up->session, error);
    }
    if (result == 0) {
        up->opening = (struct opening){.session = &up->session, .demo = demo_file(options)};
        result = opening_prepare(&up->opening, options, error);
    }
    if (result == 0) {
        forget_port(&up->session);
    }
    return result;
}

/* ---- the end ---- */

/* When nothing runs and the opening is over, the loop has nothing left to wait for. */
static void close_when_over(struct up *up) {
    if (!up->down || !up->opened) {
        return;
    }
    supervisor_close(&up->supervisor);
    for (int i = 0; i < SIGNALS; i++) {
        if (!uv_is_closing((uv_handle_t *)&up->signals[i])) {
            uv_close((uv_handle_t *)&up->signals[i], NULL);
        }
    }
}

static void all_down(void *data) {
    struct up *up = data;
    up->down = true;
    close_when_over(up);
}

static void stop(struct up *up, int status) {
    up->status = up->stopping ? up->status : status;
    up->stopping = true;
    atomic_store(&up->opening.stop, true);
    supervisor_stop(&up->supervisor);
}

static void on_signal(uv_signal_t *handle, int signal) {
    struct up *up = handle->data;
    if (!up->stopping) {
        printf("Stopping (%s): ", strsignal(signal));
        supervisor_tell_order(&up->supervisor, stdout);
        printf(" drain in this order. Once more to kill them.\n");
        fflush(stdout);
        manager_tell("STOPPING=1");
    }
    stop(up, 0);
}

static void given_up(void *data, const struct child *child) {
    struct up *up = data;
    if (!up->stopping) {
        printf("%s does not start: everything is stopped; the reason stands above and in %s\n", child->row->name,
               up->supervisor.logbook.path);
        fflush(stdout);
        stop(up, EXIT_REFUSED);
    }
}

/* ---- the opening ---- */

static void run_opening(uv_work_t *work) {
    struct up *up = work->data;
    opening_run(&up->opening);
}

static void opening_ended(uv_work_t *work, int status) {
    struct up *up = work->data;
    (void)status;
    up->opened = true;
    if (up->opening.failed) {
        stop(up, command_fail(up->session.options, &up->opening.error));
    } else if (!up->stopping) {
        up->supervisor.was_ready = true;
        manager_tell("READY=1");
    }
    first_start_wipe(&up->opening.first);
    close_when_over(up);
}

static void start_opening(struct up *up) {
    up->opening.started_us = clock_monotonic_us();
    up->work.data = up;
    uv_queue_work(&up->loop, &up->work, run_opening, opening_ended);
}

static void listen_signals(struct up *up) {
    static const int numbers[SIGNALS] = {SIGINT, SIGTERM, SIGHUP};
    for (int i = 0; i < SIGNALS; i++) {
        struct sigaction before;
        uv_signal_init(&up->loop, &up->signals[i]);
        up->signals[i].data = up;
        /* Under nohup(1) it outlives its terminal. */
        bool ignored = numbers[i] == SIGHUP && sigaction(SIGHUP, NULL, &before) == 0 && before.sa_handler == SIG_IGN;
        if (!ignored) {
            uv_signal_start(&up->signals[i], on_signal, numbers[i]);
        }
    }
}

static void say_start(const struct up *up) {
    printf("潮讯 Chaoxun %s: starting", CHAOXUN_VERSION);
    for (uint32_t i = 0; i < up->supervisor.count; i++) {
        printf("%s %s", i > 0 ? "," : "", up->supervisor.children[i].row->name);
    }
    printf("; data in %s\n", config_text(up->session.config, SETTING_DATA));
    fflush(stdout);
}

static void run_all(struct up *up) {
    signal(SIGPIPE, SIG_IGN); /* a terminal that went must not stop the services */
    listen_signals(up);
    say_start(up);
    supervisor_start(&up->supervisor);
    start_opening(up);
    uv_run(&up->loop, UV_RUN_DEFAULT);
    printf("Stopped.\n");
    fflush(stdout);
}

static int run_up(const struct options *options) {
    struct up *up = calloc(1, sizeof *up);
    struct error error;
    if (!up || uv_loop_init(&up->loop) != 0) {
        free(up);
        error_set(&error, ERR_NO_MEMORY, (struct error_words){0});
        return command_fail(options, &error);
    }
    up->lock = -1;
    up->supervisor = (struct supervisor){
        .verbose = option_given(options, "verbose"), .given_up = given_up, .all_down = all_down, .data = up};
    int result = prepare(up, options, &error);
    if (result == 0) {
        result = supervisor_open(&up->supervisor, &up->loop, &up->session, &error);
        if (result == 0) {
            run_all(up);
        } else {
            supervisor_close(&up->supervisor);
            uv_run(&up->loop, UV_RUN_DEFAULT);
        }
    }
    int status = result != 0 ? command_fail(options, &error) : up->status;
    uv_loop_close(&up->loop);
    opening_free(&up->opening);
    session_close(&up->session);
    if (up->lock >= 0) {
        close(up->lock);
    }
    free(up);
    return status;
}

static const struct option_row rows[] = {
    OPENING_OPTIONS,
    {.name = "no-demo", .kind = OPTION_FLAG, .prose = "start without the demonstration"},
    {.name = "verbose", .kind = OPTION_FLAG, .prose = "every line of the log on the terminal too"},
    {.name = NULL},
};

const struct command command_up = {
    .name = "up",
    .summary = "start everything on this machine and keep it running",
    .usage = "[--data DIR] [--port N] [OPTION...]",
    .about =
        "Makes the data directory and the keys, starts the services that lie beside this program, and starts again "
        "what\n"
        "ends (at once, then after 100 ms to 5 s; not after status 65, which means damage: a person must look). At "
        "the\n"
        "first start the organisation and the account office are created; its password is shown once and kept in\n"
        "<data>/first-password, its token in <data>/token. All logs go to <data>/chaoxun.log (3 files of 10 MB),\n"
        "warnings to the terminal too. Ctrl-C or SIGTERM lets the services finish what they hold, then stops them.\n"
        "Settings are handed on to the services: chaoxun help settings.\n",
    .options = rows,
    .run = run_up,
};
