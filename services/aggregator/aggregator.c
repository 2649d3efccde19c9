/* The aggregator's life: its state is loaded, the stream goes on from there, each block is folded, told and saved. */
#include "services/aggregator/aggregator.h"

#include <inttypes.h>
#include <stdio.h>

#include "common/clock.h"
#include "services/aggregator/fold.h"

#define CREDIT_BLOCKS 16
#define QUESTION_BYTES_MAX (64 * 1024 * 1024) /* what the rows of one answer may take before they are encoded */

#define BEHIND_EVENTS 20000 /* from so many on, changes are told and saved less often */
#define TELL_PAUSE_MS 100   /* between two tellings then */

/* ---- the stream ---- */

/* Far behind, nobody is helped by news of every block: they come together, a few times a second. */
static void tell(struct aggregator *aggregator, bool behind) {
    uint64_t now = uv_now(aggregator->service->loop);
    if (!behind || now - aggregator->told_ms >= TELL_PAUSE_MS) {
        aggregator->told_ms = now;
        live_request(aggregator);
    }
}

static void warm_when_ready(struct aggregator *aggregator) {
    if (aggregator->progress.ready) {
        warmer_wake(&aggregator->warmer);
    }
}

static int on_block(void *data, const struct journal_block *block, const struct position *after, struct error *error) {
    struct aggregator *aggregator = data;
    int result = fold_block(aggregator->tally, block, after, aggregator->event_arena, error);
    if (result < 0) {
        return result;
    }
    metrics_add(&aggregator->service->metrics, METRIC_EVENTS_FOLDED, block->count);
    metrics_set(&aggregator->service->metrics, METRIC_REPORTS_LIVE, aggregator->tally->reports.live);
    bool behind = progress_head(&aggregator->progress) && aggregator->progress.head.seq > after->seq + BEHIND_EVENTS;
    tell(aggregator, behind);
    progress_folded(&aggregator->progress, &aggregator->tally->position);
    waitings_wake(&aggregator->waitings);
    saver_request(&aggregator->saver, behind);
    warm_when_ready(aggregator);
    return 0;
}

static void on_head(void *data, const struct position *head, bool connected) {
    struct aggregator *aggregator = data;
    if (connected) {
        progress_heard(&aggregator->progress, head);
        warm_when_ready(aggregator);
    }
}

/* Whatever it is, the figures cannot go on: a person must look. Only a lack of memory may pass by itself. */
static void on_stopped(void *data, const struct error *error) {
    struct aggregator *aggregator = data;
    service_fail(aggregator->service, error->code == ERR_NO_MEMORY ? EX_SOFTWARE : EX_DATAERR, error);
}

static int open_stream(struct aggregator *aggregator, struct error *error) {
    struct service *service = aggregator->service;
    struct consumer_options options = {
        .bus = service->bus,
        .loop = service->loop,
        .log = &service->log,
        .patient = aggregator->topics == 0, /* live.c */
        .credit = CREDIT_BLOCKS,
        .position = aggregator->tally->position,
        .hash = aggregator->tally->hash,
        .block = on_block,
        .stopped = on_stopped,
        .head = on_head,
        .data = aggregator,
    };
    return consumer_open(&aggregator->consumer, &options, error);
}

/* ---- start ---- */

/* A change is told before it is saved: else a crash in between would leave it untold. */
static void on_saving(void *data) {
    live_tell(data);
}

/* A state file that does not load is no loss: everything in it is folded again. */
static int open_store(struct aggregator *aggregator, struct error *error) {
    struct service *service = aggregator->service;
    char path[4200];
    int64_t start = clock_monotonic_us();
    snprintf(path, sizeof path, "%s/aggregator.db", service->state_dir);
    int result = store_open(&aggregator->store, path, &aggregator->tally, error);
    if (result == -ERR_CORRUPT) {
        log_write(&service->log, LOG_LEVEL_WARN, "state moved aside, folding again", "why=\"%s\"", error->text);
        result = store_move_aside(path, error);
        if (result == 0) {
            result = store_open(&aggregator->store, path, &aggregator->tally, error);
        }
    }
    if (result == 0) {
        log_write(&service->log, LOG_LEVEL_INFO, "state loaded", "seq=%" PRIu64 " reports=%u micros=%" PRId64,
                  aggregator->tally->position.seq, aggregator->tally->reports.live, clock_monotonic_us() - start);
        if (aggregator->tally->position.seq == 0) {
            log_write(&service->log, LOG_LEVEL_INFO, "nothing is kept yet, folding from the beginning", "");
        }
        struct saver_options options = {.service = service,
                                        .tally = aggregator->tally,
                                        .store = &aggregator->store,
                                        .taking = on_saving,
                                        .data = aggregator};
        result = saver_open(&aggregator->saver, &options, error);
        if (result < 0) {
            store_close(&aggregator->store);
        }
    }
    return result;
}

static int open_arenas(struct aggregator *aggregator, struct error *error) {
    aggregator->event_arena = arena_create(SIZE_MAX);
    aggregator->question_arena = arena_create(QUESTION_BYTES_MAX);
    bool made = aggregator->event_arena && aggregator->question_arena;
    return made ? 0 : error_set(error, ERR_NO_MEMORY, (struct error_words){0});
}

static int open_warmer(struct aggregator *aggregator, struct error *error) {
    return warmer_open(&aggregator->warmer, aggregator->service->loop, aggregator->tally, error);
}

static int open_waitings(struct aggregator *aggregator, struct error *error) {
    metrics_set(&aggregator->service->metrics, METRIC_REPORTS_LIVE, aggregator->tally->reports.live);
    progress_start(&aggregator->progress, aggregator->service, &aggregator->tally->position);
    return waitings_open(&aggregator->waitings, &aggregator->progress, &aggregator->consumer, aggregator, error);
}

int aggregator_start(struct service *service, struct error *error) {
    static int (*const steps[])(struct aggregator *, struct error *) = {
        open_arenas, open_store, open_warmer, open_waitings, live_open, door_open, open_stream};
    struct aggregator *aggregator = service->state;
    aggregator->service = service;
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        int result = steps[i](aggregator, error);
        if (result < 0) {
            aggregator_stop(service);
            return result;
        }
    }
    return 0;
}

/* ---- drain, stop ---- */

static void on_saved(void *data) {
    service_drained(data);
}

void aggregator_drain(struct service *service) {
    struct aggregator *aggregator = service->state;
    verification_close(aggregator);
    warmer_close(&aggregator->warmer);
    waitings_close(&aggregator->waitings);
    consumer_close(&aggregator->consumer);
    saver_finish(&aggregator->saver, on_saved, service);
}

void aggregator_stop(struct service *service) {
    struct aggregator *aggregator = service->state;
    verification_close(aggregator);
    warmer_close(&aggregator->warmer);
    waitings_close(&aggregator->waitings);
    consumer_close(&aggregator->consumer);
    live_close(aggregator);
    saver_close(&aggregator->saver);
    tally_destroy(&aggregator->tally);
    rows_free(&aggregator->rows);
    rows_free(&aggregator->before);
    squads_free(&aggregator->squads);
    squads_free(&aggregator->squads_before);
    hours_rows_free(&aggregator->hours);
    overlaps_free(&aggregator->overlaps);
    buffer_free(&aggregator->answer);
    arena_destroy(&aggregator->event_arena);
    arena_destroy(&aggregator->question_arena);
}
