/* The skeleton of all services: from the command line to the exit code. */
#include "common/service.h"

#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/manager.h"
#include "common/process.h"
#include "common/service_internal.h"

enum { EXIT_STOPPED = 0, EXIT_NOT_STARTED = 1, EXIT_USAGE = 2 };

/* ---- readiness ---- */

void service_set_ready(struct service *service, bool ready, const char *reason) {
    struct service_private *internal = service->internal;
    const char *text = reason ? reason : "";
    bool changed = internal->ready != ready || strcmp(internal->reason, text) != 0;
    internal->ready = ready;
    snprintf(internal->reason, sizeof internal->reason, "%s", text);
    if (!changed) {
        return;
    }
    log_write(&service->log, LOG_LEVEL_INFO, ready ? "ready" : "not ready", "reason=\"%s\"", internal->reason);
    bool first = ready && !internal->announced;
    internal->announced = internal->announced || ready;
    manager_tell("%sSTATUS=%s %s", first ? "READY=1\n" : "", ready ? "ready" : "not ready:", internal->reason);
}

void service_set_position(struct service *service, const char *position, uint64_t seq) {
    snprintf(service->internal->position, sizeof service->internal->position, "%s", position);
    metrics_set(&service->metrics, METRIC_POSITION_SEQ, (int64_t)seq);
}

/* ---- the end ---- */

void service_drained(struct service *service) {
    if (service->internal->phase == SERVICE_DRAINING) {
        uv_stop(service->loop);
    }
}

static void on_drain_over(uv_timer_t *timer) {
    struct service *service = timer->data;
    log_write(&service->log, LOG_LEVEL_WARN, "drain cut short", "after_ms=%lld",
              (long long)config_int(service->config, SETTING_DRAIN_MS));
    uv_stop(service->loop);
}

static void on_signal(uv_signal_t *handle, int number) {
    struct service *service = handle->data;
    struct service_private *internal = service->internal;
    if (internal->phase == SERVICE_DRAINING) {
        uv_stop(service->loop); /* asked twice: do not wait */
        return;
    }
    internal->phase = SERVICE_DRAINING;
    log_write(&service->log, LOG_LEVEL_INFO, "stopping", "signal=%d", number);
    manager_tell("STOPPING=1");
    service_set_ready(service, false, "stopping");
    uv_timer_start(&internal->drain, on_drain_over, (uint64_t)config_int(service->config, SETTING_DRAIN_MS), 0);
    if (service->spec->drain) {
        service->spec->drain(service);
    } else {
        service_drained(service);
    }
}

_Noreturn void service_fail(struct service *service, int exit_code, const struct error *error) {
    log_error(&service->log, LOG_LEVEL_ERROR, "failed, stopping at once", error);
    _exit(exit_code);
}

/* ---- the loop and its handles ---- */

static void on_watchdog(uv_timer_t *timer) {
    (void)timer;
    manager_tell("WATCHDOG=1");
}

static void adopt(struct service *service, uv_handle_t *handle) {
    handle->data = service;
    service->internal->handles++;
}

static int open_handles(struct service *service, struct error *error) {
    struct service_private *internal = service->internal;
    const int numbers[] = {SIGTERM, SIGINT};
    for (int i = 0; i < 2; i++) {
        int result = uv_signal_init(service->loop, &internal->signals[i]);
        if (result == 0) {
            adopt(service, (uv_handle_t *)&internal->signals[i]);
            result = uv_signal_start(&internal->signals[i], on_signal, numbers[i]);
        }
        if (result != 0) {
            return error_setf(error, ERR_IO, "uv_signal: %s", uv_strerror(result));
        }
    }
    uv_timer_init(service->loop, &internal->watchdog);
    adopt(service, (uv_handle_t *)&internal->watchdog);
    uv_timer_init(service->loop, &internal->drain);
    adopt(service, (uv_handle_t *)&internal->drain);
    uint64_t watchdog_us = 0;
    if (manager_watches(&watchdog_us)) {
        uint64_t half_ms = watchdog_us / 2000 > 0 ? watchdog_us / 2000 : 1;
        uv_timer_start(&internal->watchdog, on_watchdog, 0, half_ms);
    }
    return 0;
}

static void close_handles(struct service *service) {
    struct service_private *internal = service->internal;
    uv_handle_t *handles[] = {(uv_handle_t *)&internal->signals[0], (uv_handle_t *)&internal->signals[1],
                              (uv_handle_t *)&internal->watchdog, (uv_handle_t *)&internal->drain};
    for (int i = 0; i < internal->handles; i++) {
        uv_close(handles[i], NULL);
    }
}

/* ---- start and stop ---- */

static int open_directories(struct service *service, struct error *error) {
    char run[4096];
    int result =
        config_state_dir(service->config, service->spec->name, service->state_dir, sizeof service->state_dir, error);
    if (result == 0) {
        result = config_keys_dir(service->config, service->keys_dir, sizeof service->keys_dir, error);
    }
    if (result == 0) {
        result = config_run_dir(service->config, run, sizeof run, error);
    }
    if (result == 0) {
        result = process_make_directory(service->state_dir, error);
    }
    if (result == 0) {
        result = process_make_directory(run, error);
    }
    return result != 0 ? result : process_lock(service->state_dir, &service->internal->lock, error);
}

static int open_service(struct service *service, struct error *error) {
    int result = open_directories(service, error);
    if (result == 0) {
        result = open_handles(service, error);
    }
    struct bus_options options = {.loop = service->loop,
                                  .config = service->config,
                                  .log = &service->log,
                                  .metrics = &service->metrics,
                                  .service = service->spec->name};
    if (result == 0) {
        result = bus_open(&service->bus, &options, error);
    }
    if (result == 0) {
        result = service_control_open(service, error);
    }
    return result != 0 ? result : service->spec->start(service, error);
}

/* A handle that `stop` forgot must not keep the process. */
static void leave_behind(uv_handle_t *handle, void *data) {
    const struct service *service = data;
    if (!uv_is_closing(handle)) {
        log_write(&service->log, LOG_LEVEL_DEBUG, "handle left open", "type=%s",
                  uv_handle_type_name(uv_handle_get_type(handle)));
        uv_unref(handle);
    }
}

/* The loop runs on until the last handle is closed; what a failed start left behind is not waited for. */
static void close_service(struct service *service, bool started) {
    if (started && service->spec->stop) {
        service->spec->stop(service);
    }
    bus_close(&service->bus);
    close_handles(service);
    uv_walk(service->loop, leave_behind, service);
    uv_run(service->loop, started ? UV_RUN_DEFAULT : UV_RUN_NOWAIT);
    uv_loop_close(service->loop);
    if (service->internal->lock >= 0) {
        close(service->internal->lock);
    }
}

/* Damage needs a person; the supervisor does not start the service again after it. */
static int exit_code_of(const struct error *error) {
    switch (error->code) {
    case ERR_CORRUPT:
    case ERR_AHEAD:
    case ERR_HASH_DIFFERS:
    case ERR_OTHER_JOURNAL:
    case ERR_BEYOND:
        return EX_DATAERR;
    case ERR_BAD_SETTING:
        return EXIT_USAGE;
    default:
        return EXIT_NOT_STARTED;
    }
}

static int run(struct service *service) {
    struct error error;
    int result = open_service(service, &error);
    if (result != 0) {
        log_error(&service->log, LOG_LEVEL_ERROR, "cannot start", &error);
        manager_tell("STATUS=cannot start: %s", error.text);
        close_service(service, false);
        return exit_code_of(&error);
    }
    if (service->internal->phase == SERVICE_STARTING) {
        service->internal->phase = SERVICE_RUNNING;
    }
    log_write(&service->log, LOG_LEVEL_INFO, "started", "version=" CHAOXUN_VERSION " pid=%ld control=%s",
              (long)getpid(), bus_endpoint(service->internal->control));
    uv_run(service->loop, UV_RUN_DEFAULT);
    close_service(service, true);
    log_write(&service->log, LOG_LEVEL_INFO, "stopped", "");
    return EXIT_STOPPED;
}

/* ---- the command line ---- */

/* 0 or 1 when the answer is already given, -1 to go on. */
static int answer_questions(const struct service_spec *spec, int argc, char **argv) {
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--version") == 0) {
            printf("chaoxun-%s %s\n", spec->name, CHAOXUN_VERSION);
            return fflush(stdout) == 0 ? EXIT_STOPPED : EXIT_NOT_STARTED;
        }
        if (strcmp(argv[i], "--help") == 0) {
            printf("chaoxun-%s: %s\n\nUsage: chaoxun-%s [--name=value ...]\n       --help, --version\n"
                   "       --repair [--drop]: chaoxun verify --help\n\n",
                   spec->name, spec->summary, spec->name);
            config_help(stdout, spec->name);
            return fflush(stdout) == 0 ? EXIT_STOPPED : EXIT_NOT_STARTED;
        }
    }
    return -1;
}

static int configure_and_run(struct service *service, int argc, char **argv) {
    struct error error;
    if (config_load(&service->config, service->spec->name, argc, argv, &error) != 0) {
        log_error(&service->log, LOG_LEVEL_ERROR, "cannot start", &error);
        return error.code == ERR_NO_MEMORY ? EXIT_NOT_STARTED : EXIT_USAGE;
    }
    service->log.least = (enum log_level)log_level_parse(config_text(service->config, SETTING_LOG_LEVEL));
    metrics_set(&service->metrics, METRIC_START_TIME, clock_now() / 1000);
    int result = EXIT_NOT_STARTED;
    service->state = calloc(1, service->spec->state_size > 0 ? service->spec->state_size : 1);
    if (service->state && uv_loop_init(&service->internal->loop) == 0) {
        service->loop = &service->internal->loop;
        result = run(service);
    } else {
        log_write(&service->log, LOG_LEVEL_ERROR, "cannot start", "error=\"no memory or no event loop\"");
    }
    free(service->state);
    config_destroy(&service->config);
    return result;
}

int service_main(const struct service_spec *spec, int argc, char **argv) {
    int answered = answer_questions(spec, argc, argv);
    if (answered >= 0) {
        return answered;
    }
    if (spec->repair && repair_is_asked(argc, argv)) {
        return repair_main(spec->name, spec->repair, argc, argv);
    }
    process_harden();
    struct service_private internal = {.lock = -1, .reason = "starting"};
    struct service service = {.spec = spec, .internal = &internal, .log = {spec->name, LOG_LEVEL_INFO, STDERR_FILENO}};
    if (sodium_init() < 0) {
        log_write(&service.log, LOG_LEVEL_ERROR, "cannot start", "error=\"libsodium does not start\"");
        return EXIT_NOT_STARTED;
    }
    return configure_and_run(&service, argc, argv);
}
