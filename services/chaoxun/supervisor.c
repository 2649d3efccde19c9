/* The supervisor: what it says to the person at the terminal, and the stages of stopping. */
#include "services/chaoxun/supervisor.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

#include "services/chaoxun/log_line.h"

#define GRACE_MS 1000
#define SHORT_MAX 1200

/* ---- what is said ---- */

static void child_line(struct child *child, struct text line) {
    struct supervisor *supervisor = child->data;
    logbook_write(&supervisor->logbook, line);
    if (supervisor->verbose || log_line_level(line) >= LOG_LEVEL_WARN) {
        char text[SHORT_MAX];
        log_line_shorten(line, child->row->name, text, sizeof text);
        printf("%s\n", text);
        fflush(stdout);
    }
}

static void describe_end(const struct child_end *end, char *out, size_t size) {
    if (end->signal != 0) {
        snprintf(out, size, "ended by signal %d (%s)", end->signal, strsignal(end->signal));
    } else {
        snprintf(out, size, "ended with status %lld", (long long)end->status);
    }
}

static const char *advice(const struct child_end *end) {
    if (end->pause_ms >= 0) {
        return "";
    }
    return end->status == EX_DATAERR ? "; its data do not fit and it stays down: look into the log, restore a backup, "
                                       "or stop everything and see chaoxun verify --repair; "
                                       "the other services go on"
                                     : "; it stays down, since its settings are wrong: look into the log";
}

/* The log's page may have been turned meanwhile. */
static const struct log *own_log(struct supervisor *supervisor) {
    supervisor->log.descriptor = supervisor->logbook.descriptor;
    return &supervisor->log;
}

static void tell_end(struct supervisor *supervisor, const struct child *child, const struct child_end *end) {
    char what[120];
    describe_end(end, what, sizeof what);
    log_write(own_log(supervisor), end->pause_ms < 0 ? LOG_LEVEL_ERROR : LOG_LEVEL_WARN, "service ended",
              "name=%s status=%lld signal=%d lived_ms=%lld pause_ms=%lld", child->row->name, (long long)end->status,
              end->signal, (long long)end->lived_ms, (long long)end->pause_ms);
    if (end->pause_ms < 0) {
        printf("%s: %s%s\n", child->row->name, what, advice(end));
    } else {
        printf("%s: %s; starts again in %lld ms\n", child->row->name, what, (long long)end->pause_ms);
    }
    fflush(stdout);
}

/* ---- stopping ---- */

static void stop_next(struct supervisor *supervisor);

/* The lowest stage in which something runs; 0 when all are down. */
static unsigned stage(const struct supervisor *supervisor) {
    unsigned lowest = 0;
    for (uint32_t i = 0; i < supervisor->count; i++) {
        const struct child *child = &supervisor->children[i];
        if (child_is_up(child) && (lowest == 0 || child->row->stop < lowest)) {
            lowest = child->row->stop;
        }
    }
    return lowest;
}

void supervisor_tell_order(const struct supervisor *supervisor, FILE *out) {
    const char *between = "";
    for (unsigned which = 1; which <= SERVICES_MAX; which++) {
        for (uint32_t i = 0; i < supervisor->count; i++) {
            if (supervisor->children[i].row->stop == which) {
                fprintf(out, "%s%s", between, supervisor->children[i].row->name);
                between = " + ";
            }
        }
        between = *between != '\0' ? ", " : "";
    }
}

static void signal_stage(struct supervisor *supervisor, unsigned which, int signal) {
    for (uint32_t i = 0; i < supervisor->count; i++) {
        if (supervisor->children[i].row->stop == which) {
            child_stop(&supervisor->children[i], signal);
        }
    }
}

static void bound_passed(uv_timer_t *timer) {
    struct supervisor *supervisor = timer->data;
    printf("Not drained within %" PRId64 " ms: killed.\n", supervisor->drain_ms + GRACE_MS);
    signal_stage(supervisor, stage(supervisor), SIGKILL);
}

static void stop_next(struct supervisor *supervisor) {
    unsigned which = stage(supervisor);
    uv_timer_stop(&supervisor->bound);
    if (which == 0) {
        supervisor->all_down(supervisor->data);
        return;
    }
    signal_stage(supervisor, which, SIGTERM);
    uv_timer_start(&supervisor->bound, bound_passed, (uint64_t)(supervisor->drain_ms + GRACE_MS), 0);
}

void supervisor_stop(struct supervisor *supervisor) {
    if (supervisor->stopping) {
        for (uint32_t i = 0; i < supervisor->count; i++) {
            child_stop(&supervisor->children[i], SIGKILL);
        }
        return;
    }
    supervisor->stopping = true;
    for (uint32_t i = 0; i < supervisor->count; i++) {
        supervisor->children[i].stopping = true; /* what dies now is not started again */
        if (!child_is_up(&supervisor->children[i])) {
            child_stop(&supervisor->children[i], SIGTERM);
        }
    }
    stop_next(supervisor);
}

/* ---- ends ---- */

static bool in_vain(const struct supervisor *supervisor, const struct child *child, const struct child_end *end) {
    if (supervisor->was_ready || end->status == EX_DATAERR) {
        return false;
    }
    return end->pause_ms < 0 || child->quick_ends >= SUPERVISOR_TRIES;
}

static void child_ended(struct child *child, const struct child_end *end) {
    struct supervisor *supervisor = child->data;
    if (!supervisor->stopping) {
        tell_end(supervisor, child, end);
        if (in_vain(supervisor, child, end)) {
            supervisor->given_up(supervisor->data, child);
        }
        return;
    }
    log_write(own_log(supervisor), LOG_LEVEL_INFO, "service stopped", "name=%s status=%lld signal=%d", child->row->name,
              (long long)end->status, end->signal);
    bool stage_goes_on = false;
    for (uint32_t i = 0; i < supervisor->count; i++) {
        const struct child *other = &supervisor->children[i];
        stage_goes_on = stage_goes_on || (child_is_up(other) && other->row->stop == child->row->stop);
    }
    if (!stage_goes_on) {
        stop_next(supervisor);
    }
}

/* ---- setting up ---- */

/* Without what belongs to this process alone: its line to systemd. */
static char **make_environment(void) {
    size_t count = 0;
    while (environ[count]) {
        count++;
    }
    char **copy = calloc(count + 1, sizeof *copy);
    size_t kept = 0;
    for (size_t i = 0; copy && i < count; i++) {
        bool own = strncmp(environ[i], "NOTIFY_SOCKET=", 14) == 0 || strncmp(environ[i], "WATCHDOG_", 9) == 0;
        if (!own) {
            copy[kept++] = environ[i];
        }
    }
    return copy;
}

static int open_child(struct supervisor *supervisor, const struct service_row *row, const struct session *session,
                      struct error *error) {
    char data[SERVICE_DATA_SIZE];
    const char *arguments[CHILD_ARGUMENTS_MAX];
    service_arguments(session, row, data, arguments, CHILD_ARGUMENTS_MAX);
    struct child *child = &supervisor->children[supervisor->count++];
    *child = (struct child){
        .line = child_line, .ended = child_ended, .data = supervisor, .environment = supervisor->environment};
    return child_init(child, supervisor->loop, row, arguments, error);
}

int supervisor_open(struct supervisor *supervisor, uv_loop_t *loop, const struct session *session,
                    struct error *error) {
    const struct service_row *rows[SERVICES_MAX];
    uint32_t count = service_installed(rows);
    char path[LOGBOOK_PATH_MAX];
    supervisor->loop = loop;
    supervisor->drain_ms = config_int(session->config, SETTING_DRAIN_MS);
    supervisor->environment = make_environment();
    uv_timer_init(loop, &supervisor->bound);
    supervisor->bound.data = supervisor;
    supervisor->logbook.descriptor = -1;
    int result = session_path(session, "chaoxun.log", path, sizeof path, error);
    if (result == 0) {
        result = logbook_open(&supervisor->logbook, path, error);
    }
    supervisor->log = (struct log){.service = "up", .least = LOG_LEVEL_INFO};
    for (uint32_t i = 0; i < count && result == 0; i++) {
        result = open_child(supervisor, rows[i], session, error);
    }
    return result;
}

void supervisor_start(struct supervisor *supervisor) {
    for (uint32_t i = 0; i < supervisor->count; i++) {
        child_start(&supervisor->children[i]);
    }
}

void supervisor_close(struct supervisor *supervisor) {
    if (supervisor->closed) {
        return;
    }
    supervisor->closed = true;
    for (uint32_t i = 0; i < supervisor->count; i++) {
        child_close(&supervisor->children[i]);
    }
    uv_close((uv_handle_t *)&supervisor->bound, NULL);
    logbook_close(&supervisor->logbook);
    free(supervisor->environment);
    supervisor->environment = NULL;
}
