/* The stream into the record: block by block, closed and opened again where the record needs its time. */
#include "services/archiver/archiver.h"
#include "services/archiver/fold.h"

#define CREDIT_BLOCKS 16 /* folding one takes up to 10 ms: the loop turns in between */
#define SPACE_RETRY_MS 1000
/* A commit costs as much as folding ten reports: while block follows block, one keeps what came in this time, or
 * RECORD_HELD_MAX events. Nobody waits for it: a question for a position that is held is a commit at once (door.c). */
#define HELD_MS 50
#define HELD_WAITED_MS 2 /* while questions wait for positions that are not folded */

/* What was forgotten counts as folded when it is gone from the files too. */
void stream_tell(struct archiver *archiver) {
    struct record_counts counts = record_counts(archiver->record);
    struct position position;
    struct hash hash;
    metrics_set(&archiver->service->metrics, METRIC_REPORTS_LIVE, counts.reports);
    metrics_set(&archiver->service->metrics, METRIC_VERSIONS, counts.versions);
    if (record_is_unclean(archiver->record) && !archiver->cleaner.failed) {
        return;
    }
    record_place(archiver->record, &position, &hash);
    progress_folded(&archiver->progress, &position);
    waitings_wake(&archiver->waitings);
}

static void on_stopped(void *data, const struct error *error);

void stream_keep(struct archiver *archiver) {
    struct position held;
    struct error error;
    uv_timer_stop(&archiver->keep);
    if (record_held(archiver->record, &held) == 0) {
        return;
    }
    int result = record_commit(archiver->record, &error);
    if (result == -ERR_CORRUPT) {
        archiver_condemn(archiver, &error);
    }
    if (result < 0) {
        consumer_close(&archiver->consumer); /* it stands behind what was rolled back */
        on_stopped(archiver, &error);
        return;
    }
    stream_tell(archiver);
    cleaner_request(archiver);
    verification_step(archiver);
}

static void on_keep(uv_timer_t *timer) {
    stream_keep(timer->data);
}

static int on_block(void *data, const struct journal_block *block, const struct position *after, struct error *error) {
    struct archiver *archiver = data;
    struct position held;
    bool damaged = false;
    int result = fold_block(archiver->record, block, after, archiver->event_arena, &damaged, error);
    if (damaged) {
        archiver_condemn(archiver, error);
    }
    if (result < 0) {
        return result;
    }
    metrics_add(&archiver->service->metrics, METRIC_EVENTS_FOLDED, block->count);
    bool much = record_held(archiver->record, &held) >= RECORD_HELD_MAX;
    if (much || record_is_unclean(archiver->record) || archiver->verification) {
        stream_keep(archiver);
    } else if (!uv_is_active((uv_handle_t *)&archiver->keep)) {
        uv_timer_start(&archiver->keep, on_keep, archiver->waitings.count > 0 ? HELD_WAITED_MS : HELD_MS, 0);
    }
    return 0;
}

static void on_head(void *data, const struct position *head, bool connected) {
    struct archiver *archiver = data;
    if (connected) {
        progress_heard(&archiver->progress, head);
    }
}

/* No room, and nothing is kept of what was held: it is asked for again. All else ends the service; a journal that does not
 * fit needs a person. */
static void on_stopped(void *data, const struct error *error) {
    struct archiver *archiver = data;
    if (error->code == ERR_NO_SPACE || error->code == ERR_BUSY) {
        log_error(&archiver->service->log, LOG_LEVEL_WARN, "record not written, trying again", error);
        stream_open_later(archiver, SPACE_RETRY_MS);
        return;
    }
    int status = error->code == ERR_NO_MEMORY ? EX_SOFTWARE : error->code == ERR_IO ? EX_IOERR : EX_DATAERR;
    service_fail(archiver->service, status, error);
}

int stream_open(struct archiver *archiver, struct error *error) {
    struct service *service = archiver->service;
    struct consumer_options options = {
        .bus = service->bus,
        .loop = service->loop,
        .log = &service->log,
        .side = true,
        .credit = CREDIT_BLOCKS,
        .block = on_block,
        .stopped = on_stopped,
        .head = on_head,
        .data = archiver,
    };
    record_place(archiver->record, &options.position, &options.hash);
    return consumer_open(&archiver->consumer, &options, error);
}

/* What cannot be kept is rolled back, and comes again from where the record stands then. */
void stream_close(struct archiver *archiver) {
    struct error error;
    consumer_close(&archiver->consumer);
    if (archiver->open) {
        uv_timer_stop(&archiver->keep);
    }
    if (archiver->record && record_commit(archiver->record, &error) < 0) {
        log_error(&archiver->service->log, LOG_LEVEL_WARN, "record not written, to be folded again", &error);
    }
}

static void on_again(uv_timer_t *timer) {
    struct archiver *archiver = timer->data;
    struct error error;
    if (stream_open(archiver, &error) < 0) {
        service_fail(archiver->service, EX_SOFTWARE, &error);
    }
}

void stream_open_later(struct archiver *archiver, uint64_t pause_ms) {
    stream_close(archiver);
    if (!archiver->draining) {
        uv_timer_start(&archiver->again, on_again, pause_ms, 0);
    }
}
