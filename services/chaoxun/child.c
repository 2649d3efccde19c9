/* Children: each run of a service has handles of its own, which outlive it until its last line was read. */
#include "services/chaoxun/child.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

#include "common/clock.h"
#include "services/chaoxun/log_line.h"
#include "services/chaoxun/trampoline.h"

#define CHUNK 65536
#define CANNOT_RUN 127
#define USAGE_STATUS 2

struct child_run {
    uv_process_t process;
    uv_pipe_t errors;
    int open_handles;
    struct child *child;
    struct line_splitter splitter;
    char chunk[CHUNK];
};

bool child_end_is_final(int64_t status, int signal) {
    return signal == 0 && (status == EX_DATAERR || status == USAGE_STATUS);
}

int child_init(struct child *child, uv_loop_t *loop, const struct service_row *row, const char *const *arguments,
               struct error *error) {
    child->loop = loop;
    child->row = row;
    child->state = CHILD_DOWN;
    if (!service_binary(row, child->binary, sizeof child->binary)) {
        return error_setf(error, ERR_IO, "chaoxun-%s is not beside chaoxun", row->name);
    }
    uint32_t count = 0;
    for (; arguments[count] && count + 1 < CHILD_ARGUMENTS_MAX; count++) {
        child->arguments[count] = strdup(arguments[count]);
        if (!child->arguments[count]) {
            return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
        }
    }
    uv_timer_init(loop, &child->restart);
    child->restart.data = child;
    return 0;
}

/* ---- the end of a run ---- */

static void restart_due(uv_timer_t *timer) {
    struct child *child = timer->data;
    if (!child->stopping && child->state == CHILD_WAITING) {
        child_start(child);
    }
}

static void settle(struct child *child, int64_t status, int signal) {
    struct child_end end = {.status = status, .signal = signal, .pause_ms = -1};
    end.lived_ms = (clock_monotonic_us() - child->started_us) / 1000;
    child->quick_ends = end.lived_ms >= BACKOFF_HEALTHY_MS ? 1 : child->quick_ends + 1;
    if (child->stopping) {
        child->state = CHILD_DOWN;
    } else if (child_end_is_final(status, signal)) {
        child->state = CHILD_STAYS_DOWN;
    } else {
        child->state = CHILD_WAITING;
        end.pause_ms = backoff_next(&child->backoff, end.lived_ms);
        uv_timer_start(&child->restart, restart_due, (uint64_t)end.pause_ms, 0);
    }
    child->ended(child, &end);
}

static void run_closed(uv_handle_t *handle) {
    struct child_run *run = handle->data;
    if (--run->open_handles == 0) {
        free(run);
    }
}

static void exited(uv_process_t *process, int64_t status, int signal) {
    struct child_run *run = process->data;
    run->child->run = NULL;
    uv_close((uv_handle_t *)process, run_closed);
    settle(run->child, status, signal);
}

/* ---- its lines ---- */

static void take_line(void *data, struct text line) {
    struct child_run *run = data;
    run->child->line(run->child, line);
}

static void give_chunk(uv_handle_t *handle, size_t suggested, uv_buf_t *chunk) {
    struct child_run *run = handle->data;
    (void)suggested;
    *chunk = uv_buf_init(run->chunk, sizeof run->chunk);
}

static void read_errors(uv_stream_t *stream, ssize_t length, const uv_buf_t *chunk) {
    struct child_run *run = stream->data;
    if (length > 0) {
        line_split(&run->splitter, chunk->base, (size_t)length, take_line, run);
    } else if (length < 0) {
        line_split_end(&run->splitter, take_line, run);
        uv_close((uv_handle_t *)stream, run_closed);
    }
}

/* ---- starting ---- */

static struct child_run *new_run(struct child *child) {
    struct child_run *run = calloc(1, sizeof *run);
    if (run) {
        run->child = child;
        run->process.data = run;
        uv_pipe_init(child->loop, &run->errors, 0);
        run->errors.data = run;
        run->open_handles = 2;
    }
    return run;
}

/* A session of its own, so that Ctrl-C at the terminal reaches `chaoxun up` alone, which stops them in order. */
static int spawn(struct child *child, struct child_run *run) {
    char parent[24];
    char *arguments[CHILD_ARGUMENTS_MAX + 5] = {(char *)(uintptr_t) "chaoxun", (char *)(uintptr_t)TRAMPOLINE_WORD,
                                                parent, child->binary};
    for (int i = 0; child->arguments[i]; i++) {
        arguments[4 + i] = child->arguments[i];
    }
    snprintf(parent, sizeof parent, "%ld", (long)getpid());
    uv_stdio_container_t streams[3] = {
        {.flags = UV_IGNORE},
        {.flags = UV_IGNORE},
        {.flags = UV_CREATE_PIPE | UV_WRITABLE_PIPE, .data.stream = (uv_stream_t *)&run->errors}};
    uv_process_options_t options = {.file = "/proc/self/exe",
                                    .args = arguments,
                                    .env = child->environment,
                                    .exit_cb = exited,
                                    .flags = UV_PROCESS_DETACHED,
                                    .stdio = streams,
                                    .stdio_count = 3};
    return uv_spawn(child->loop, &run->process, &options);
}

void child_start(struct child *child) {
    if (child->run || child->stopping) {
        return;
    }
    child->started_us = clock_monotonic_us();
    struct child_run *run = new_run(child);
    if (!run) {
        settle(child, CANNOT_RUN, 0);
        return;
    }
    int result = spawn(child, run);
    if (result != 0) {
        uv_close((uv_handle_t *)&run->errors, run_closed);
        uv_close((uv_handle_t *)&run->process, run_closed);
        char text[200];
        snprintf(text, sizeof text, "cannot start: %s", uv_strerror(result));
        child->line(child, text_of(text));
        settle(child, CANNOT_RUN, 0);
        return;
    }
    child->run = run;
    child->state = CHILD_RUNNING;
    uv_read_start((uv_stream_t *)&run->errors, give_chunk, read_errors);
}

/* ---- stopping ---- */

void child_stop(struct child *child, int signal) {
    child->stopping = true;
    uv_timer_stop(&child->restart);
    if (child->run) {
        uv_process_kill(&child->run->process, signal);
    } else if (child->state == CHILD_WAITING) {
        child->state = CHILD_DOWN;
    }
}

bool child_is_up(const struct child *child) {
    return child->run != NULL;
}

void child_close(struct child *child) {
    for (int i = 0; i < CHILD_ARGUMENTS_MAX; i++) {
        free(child->arguments[i]);
        child->arguments[i] = NULL;
    }
    if (child->restart.data) {
        uv_close((uv_handle_t *)&child->restart, NULL);
    }
}
