/* The archiver's life: the record is opened, the stream goes on from where it stands, questions are answered. */
#include "services/archiver/archiver.h"

#include <errno.h>
#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <sys/resource.h>

#include "common/clock.h"

#define QUESTION_BYTES_MAX ((size_t)1 << 20)
#define FOLDING_NICE 10
#define TIMERS 3

/* ---- threads ---- */

static void release(struct archiver *archiver) {
    desk_free(archiver);
    record_close(&archiver->record);
    question_free(&archiver->question);
    arena_destroy(&archiver->event_arena);
    arena_destroy(&archiver->question_arena);
}

void archiver_work(struct archiver *archiver, uv_work_t *work, uv_work_cb run, uv_after_work_cb worked) {
    archiver->threads++;
    if (uv_queue_work(archiver->service->loop, work, run, worked) != 0) {
        struct error error;
        error_set(&error, ERR_NO_MEMORY, (struct error_words){0});
        service_fail(archiver->service, EX_SOFTWARE, &error);
    }
}

/* What is held at the end: questions at the desk, and files that are being made anew. */
static void check_drained(struct archiver *archiver) {
    if (archiver->draining && archiver->threads == 0) {
        service_drained(archiver->service);
    }
}

void archiver_worked(struct archiver *archiver) {
    archiver->threads--;
    if (archiver->stopped) {
        if (archiver->threads == 0) {
            release(archiver);
        }
        return;
    }
    cleaner_step(archiver);
    check_drained(archiver);
}

/* ---- the record ---- */

void archiver_condemn(struct archiver *archiver, const struct error *error) {
    struct error also;
    log_error(&archiver->service->log, LOG_LEVEL_ERROR, "record damaged, to be folded again", error);
    record_remove(archiver->path, &also);
    service_fail(archiver->service, EX_SOFTWARE, error);
}

/* A record that does not open is no loss: everything in it is folded again. It is not kept: it holds what may have to be
 * forgotten. */
static int open_record(struct archiver *archiver, struct error *error) {
    struct service *service = archiver->service;
    int64_t start = clock_monotonic_us();
    snprintf(archiver->path, sizeof archiver->path, "%s/archiver.db", service->state_dir);
    int result = verification_remove(archiver, error);
    if (result == 0) {
        result = record_open(&archiver->record, archiver->path, error);
    }
    if (result == -ERR_CORRUPT) {
        log_error(&service->log, LOG_LEVEL_WARN, "record removed, folding again", error);
        result = record_remove(archiver->path, error);
        if (result == 0) {
            result = record_open(&archiver->record, archiver->path, error);
        }
    }
    if (result == 0) {
        struct record_counts counts = record_counts(archiver->record);
        log_write(&service->log, LOG_LEVEL_INFO, "record opened",
                  "reports=%" PRId64 " versions=%" PRId64 " micros=%" PRId64, counts.reports, counts.versions,
                  clock_monotonic_us() - start);
    }
    return result;
}

/* ---- start ---- */

static int open_memory(struct archiver *archiver, struct error *error) {
    archiver->event_arena = arena_create(SIZE_MAX);
    archiver->question_arena = arena_create(QUESTION_BYTES_MAX);
    bool made = archiver->event_arena && archiver->question_arena;
    return made ? 0 : error_set(error, ERR_NO_MEMORY, (struct error_words){0});
}

static int open_key(struct archiver *archiver, struct error *error) {
    struct key_pair pair;
    int result = keys_load_pair(archiver->service->keys_dir, "archiver", &pair, error);
    if (result == 0) {
        bookmark_key(pair.secret_key, archiver->key);
        keys_wipe(&pair);
    }
    return result;
}

static int open_timers(struct archiver *archiver, struct error *error) {
    uv_loop_t *loop = archiver->service->loop;
    uv_timer_t *timers[TIMERS] = {&archiver->again, &archiver->keep, &archiver->cleaner.timer};
    int result = 0;
    for (int i = 0; i < TIMERS && result == 0; i++) {
        result = uv_timer_init(loop, timers[i]);
        timers[i]->data = archiver;
    }
    if (result != 0) {
        return error_setf(error, ERR_IO, "uv_timer_init: %s", uv_strerror(result));
    }
    archiver->cleaner.work.data = archiver;
    archiver->open = true;
    return 0;
}

static void nothing(uv_work_t *work) {
    (void)work;
}

static void nothing_done(uv_work_t *work, int status) {
    struct archiver *archiver = work->data;
    (void)status;
    archiver_worked(archiver);
}

/* Where processors are short, receipts and live figures come first, and the record follows with what is left: the
 * loop's thread, which folds, steps back (FOLDING_NICE of its weight of 1,024 leaves 110, so that it always goes on).
 * Questions are answered in threads that begin before and keep their rank; so does the thread that receives. */
static int step_back(struct archiver *archiver, struct error *error) {
    (void)error;
    archiver->begun.data = archiver;
    archiver_work(archiver, &archiver->begun, nothing, nothing_done); /* makes the threads */
    /* Also where the whole house was given real-time priority. */
    bool batch = sched_setscheduler(0, SCHED_BATCH, &(struct sched_param){0}) == 0;
    if (!batch || setpriority(PRIO_PROCESS, 0, FOLDING_NICE) != 0) {
        log_write(&archiver->service->log, LOG_LEVEL_WARN, "folding keeps its priority", "error=\"%s\"",
                  strerror(errno));
    }
    return 0;
}

static int open_waitings(struct archiver *archiver, struct error *error) {
    struct position position;
    struct hash hash;
    record_place(archiver->record, &position, &hash);
    if (position.seq == 0) {
        log_write(&archiver->service->log, LOG_LEVEL_INFO, "nothing is kept yet, folding from the beginning", "");
    }
    progress_start(&archiver->progress, archiver->service, &position);
    return waitings_open(&archiver->waitings, &archiver->progress, &archiver->consumer, archiver, error);
}

/* What was forgotten before the last end is cleaned away first; the stream is opened after it. */
static int follow(struct archiver *archiver, struct error *error) {
    if (record_is_unclean(archiver->record)) {
        cleaner_request(archiver);
        return 0;
    }
    stream_tell(archiver);
    return stream_open(archiver, error);
}

int archiver_start(struct service *service, struct error *error) {
    static int (*const steps[])(struct archiver *, struct error *) = {
        open_memory, open_key, open_record, open_timers, open_waitings, door_open, step_back, follow};
    struct archiver *archiver = service->state;
    archiver->service = service;
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        int result = steps[i](archiver, error);
        if (result < 0) {
            archiver_stop(service);
            return result;
        }
    }
    return 0;
}

/* ---- drain, stop ---- */

/* Nothing new is begun; what runs in threads comes to its end. */
static void shut(struct archiver *archiver) {
    verification_close(archiver);
    waitings_close(&archiver->waitings);
    desk_refuse(archiver);
    stream_close(archiver);
    if (archiver->open) {
        uv_timer_stop(&archiver->again);
    }
}

void archiver_drain(struct service *service) {
    struct archiver *archiver = service->state;
    archiver->draining = true;
    shut(archiver);
    cleaner_finish(archiver);
    check_drained(archiver);
}

void archiver_stop(struct service *service) {
    struct archiver *archiver = service->state;
    archiver->draining = true;
    shut(archiver);
    if (archiver->open) {
        archiver->open = false;
        uv_close((uv_handle_t *)&archiver->again, NULL);
        uv_close((uv_handle_t *)&archiver->keep, NULL);
        uv_close((uv_handle_t *)&archiver->cleaner.timer, NULL);
    }
    archiver->stopped = true;
    if (archiver->threads == 0) {
        release(archiver);
    }
}
