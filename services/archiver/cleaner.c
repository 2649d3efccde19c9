/* Cleaning: after an erasure the record's files are made anew, without holding up the loop or the questions.
 *
 *   SOON      more erasures may follow at once: they are cleaned away together
 *   COPYING   the stream is closed, a thread copies the record; questions are answered from the old files
 *   WAITING   for the last question that reads the old files; new ones are held
 *   SWAPPING  a thread puts the copy in place; then everything goes on
 *
 * Until then the position of the erasure counts as not folded: who waits for it (at_least) waits for its end. */
#include "services/archiver/archiver.h"

#define SOON_MS 100
#define RETRY_MS 60000

static void begin_copy(struct archiver *archiver);

static void on_timer(uv_timer_t *timer) {
    begin_copy(timer->data);
}

static void go_on(struct archiver *archiver, bool failed) {
    struct cleaner *cleaner = &archiver->cleaner;
    cleaner->state = CLEANER_IDLE;
    cleaner->failed = failed;
    desk_go_on(archiver);
    if (archiver->draining) {
        return;
    }
    stream_tell(archiver);
    stream_open_later(archiver, 0);
    verification_step(archiver);
    if (failed) {
        cleaner->state = CLEANER_SOON;
        uv_timer_start(&cleaner->timer, on_timer, RETRY_MS, 0);
    }
}

/* ---- the second step ---- */

static void swap(uv_work_t *work) {
    struct archiver *archiver = work->data;
    archiver->cleaner.result = record_clean_swap(archiver->record, &archiver->cleaner.error);
}

static void swapped(uv_work_t *work, int status) {
    struct archiver *archiver = work->data;
    (void)status;
    if (archiver->cleaner.result < 0) {
        archiver_condemn(archiver, &archiver->cleaner.error);
    }
    log_write(&archiver->service->log, LOG_LEVEL_INFO, "erased from the files", "");
    go_on(archiver, false);
    archiver_worked(archiver);
}

void cleaner_step(struct archiver *archiver) {
    struct cleaner *cleaner = &archiver->cleaner;
    if (cleaner->state == CLEANER_WAITING && archiver->threads == 0) {
        cleaner->state = CLEANER_SWAPPING;
        desk_close_readers(archiver);
        archiver_work(archiver, &cleaner->work, swap, swapped);
    }
}

/* ---- the first step ---- */

static void copy(uv_work_t *work) {
    struct archiver *archiver = work->data;
    archiver->cleaner.result = record_clean_copy(archiver->record, &archiver->cleaner.error);
}

static void copied(uv_work_t *work, int status) {
    struct archiver *archiver = work->data;
    struct cleaner *cleaner = &archiver->cleaner;
    (void)status;
    if (cleaner->result == -ERR_CORRUPT) {
        archiver_condemn(archiver, &cleaner->error);
    }
    if (cleaner->result < 0) {
        log_error(&archiver->service->log, LOG_LEVEL_WARN, "erased, but not yet from the files; trying again",
                  &cleaner->error);
        go_on(archiver, true);
    } else {
        cleaner->state = CLEANER_WAITING;
        desk_hold(archiver);
    }
    archiver_worked(archiver); /* the next step begins when no other thread runs */
}

static void begin_copy(struct archiver *archiver) {
    uv_timer_stop(&archiver->again);
    stream_close(archiver);
    archiver->cleaner.state = CLEANER_COPYING;
    archiver_work(archiver, &archiver->cleaner.work, copy, copied);
}

void cleaner_request(struct archiver *archiver) {
    struct cleaner *cleaner = &archiver->cleaner;
    if (record_is_unclean(archiver->record) && cleaner->state == CLEANER_IDLE) {
        cleaner->state = CLEANER_SOON;
        uv_timer_start(&cleaner->timer, on_timer, SOON_MS, 0);
    }
}

void cleaner_finish(struct archiver *archiver) {
    uv_timer_stop(&archiver->cleaner.timer);
    if (archiver->cleaner.state == CLEANER_SOON && !archiver->cleaner.failed) {
        begin_copy(archiver);
    }
}
