/* A tiny service in a process of its own. */
#include "tests/unit/service_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/service.h"

/* ---- the tiny service: intake's name and keys, nothing else ---- */

struct tiny {
    uv_timer_t soon;
    struct service *service;
};

static bool asked(const char *what) {
    const char *mode = getenv("TINY");
    return mode && strcmp(mode, what) == 0;
}

static void on_soon(uv_timer_t *timer) {
    struct tiny *tiny = timer->data;
    if (asked("fail")) {
        struct error error;
        error_setf(&error, ERR_IO, "the disk is gone");
        service_fail(tiny->service, EX_IOERR, &error);
    }
    service_set_position(tiny->service, "0000000000000001.1.42.0000000000000000", 42);
    service_set_ready(tiny->service, true, NULL);
}

static int tiny_start(struct service *service, struct error *error) {
    struct tiny *tiny = service->state;
    if (asked("damaged")) {
        return error_set(error, ERR_CORRUPT, (struct error_words){.field = "journal", .value = "row 7"});
    }
    if (asked("unable")) {
        return error_setf(error, ERR_IO, "cannot");
    }
    tiny->service = service;
    uv_timer_init(service->loop, &tiny->soon);
    tiny->soon.data = tiny;
    uv_timer_start(&tiny->soon, on_soon, 10, 0);
    return 0;
}

static void on_drain_done(uv_timer_t *timer) {
    struct tiny *tiny = timer->data;
    log_write(&tiny->service->log, LOG_LEVEL_INFO, "drained well", "");
    service_drained(tiny->service);
}

static void tiny_drain(struct service *service) {
    struct tiny *tiny = service->state;
    if (!asked("stuck")) {
        uv_timer_start(&tiny->soon, on_drain_done, 10, 0);
    }
}

static void tiny_stop(struct service *service) {
    struct tiny *tiny = service->state;
    uv_close((uv_handle_t *)&tiny->soon, NULL);
}

static void tiny_verify(struct service *service, const struct reply_to *to) {
    service_verified(service, to, 7, "p", asked("unfit") ? "row 3" : NULL);
}

static const struct service_spec tiny_spec = {
    .name = "intake",
    .summary = "a service for tests",
    .control = EDGE_CONTROL_INTAKE,
    .state_size = sizeof(struct tiny),
    .start = tiny_start,
    .drain = tiny_drain,
    .stop = tiny_stop,
    .verify = tiny_verify,
};

/* ---- running it ---- */

static void open_notify(struct running *running) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%.80s/notify", running->fixture.folder);
    running->notify = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    assert_true(running->notify >= 0);
    assert_int_equal(bind(running->notify, (struct sockaddr *)&address, sizeof address), 0);
    setenv("NOTIFY_SOCKET", address.sun_path, 1);
}

void service_fixture_open(struct running *running) {
    *running = (struct running){.output = -1};
    bus_fixture_open(&running->fixture);
    open_notify(running);
}

pid_t service_fixture_spawn(struct running *running, int *output, const char *mode, const char *extra) {
    char data[FIXTURE_PATH_SIZE + 16];
    snprintf(data, sizeof data, "--data=%s", running->fixture.folder);
    int pipes[2];
    assert_int_equal(pipe2(pipes, O_CLOEXEC), 0);
    fflush(NULL);
    pid_t process = fork();
    assert_true(process >= 0);
    if (process == 0) {
        dup2(pipes[1], STDERR_FILENO);
        dup2(pipes[1], STDOUT_FILENO);
        setenv("TINY", mode, 1);
        char *arguments[] = {"chaoxun-intake", data, (char *)extra, NULL};
        _exit(service_main(&tiny_spec, extra ? 3 : 2, arguments));
    }
    close(pipes[1]);
    *output = pipes[0];
    return process;
}

void service_fixture_start(struct running *running, const char *mode, const char *extra) {
    running->process = service_fixture_spawn(running, &running->output, mode, extra);
}

/* Reads the rest of the log and the exit code; kills what does not end. */
int service_fixture_wait(struct running *running, pid_t process, int output) {
    struct pollfd poll_output = {.fd = output, .events = POLLIN};
    ssize_t got = 1;
    while (got > 0) {
        if (poll(&poll_output, 1, WAIT_MS) <= 0) {
            kill(process, SIGKILL);
        }
        got = read(output, running->log + running->log_length, sizeof running->log - 1 - running->log_length);
        running->log_length += got > 0 ? (size_t)got : 0;
    }
    running->log[running->log_length] = '\0';
    close(output);
    int status;
    assert_int_equal(waitpid(process, &status, 0), process);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

int service_fixture_finish(struct running *running) {
    return service_fixture_wait(running, running->process, running->output);
}

void service_fixture_close(struct running *running) {
    close(running->notify);
    unsetenv("NOTIFY_SOCKET");
    bus_fixture_close(&running->fixture);
}

/* Waits for a datagram of sd_notify that contains `wanted`. */
bool service_fixture_notified(const struct running *running, const char *wanted) {
    struct pollfd poll_notify = {.fd = running->notify, .events = POLLIN};
    char text[600];
    while (poll(&poll_notify, 1, WAIT_MS) > 0) {
        ssize_t length = recv(running->notify, text, sizeof text - 1, 0);
        text[length > 0 ? length : 0] = '\0';
        if (strstr(text, wanted)) {
            return true;
        }
    }
    return false;
}
