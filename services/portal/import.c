/* POST /api/v1/import: a CSV file in, batch after batch, and what became of its rows. */
#include "common/import/import.h"

#include <stdio.h>
#include <stdlib.h>
#include <uv.h>

#include "common/clock.h"
#include "services/portal/delegate.h"
#include "services/portal/exchange.h"
#include "services/portal/import_summary.h"
#include "services/portal/squads.h"
#include "services/portal/upload.h"

#define BATCH_ROWS 100
#define BATCH_BYTES_MAX (32 * 1024 * 1024)
#define RETRY_MS 500
#define RETRY_MS_MAX 2000
#define PATIENCE_MS 30000 /* without any receipt */

struct import_job {
    struct exchange *exchange;
    struct import *import;
    const struct squads *squads;
    struct import_options options;
    struct import_summary summary;
    bool amend;              /* rows whose 编号 is known with other content replace it */
    struct arena *arena;     /* of the batch */
    struct import_row *rows; /* BATCH_ROWS of them */
    uint32_t row_count;
    uint32_t pending[BATCH_ROWS]; /* indexes of the rows in the frame */
    bool amending[BATCH_ROWS];    /* by row: sent as an amendment now */
    uint32_t pending_count;
    uint64_t rows_tried;
    int64_t progress_us; /* when the last receipt came */
    uv_timer_t *retry;   /* frees itself when closed */
};

static void next_batch(struct import_job *job);

/* ---- the end ---- */

static void on_retry_closed(uv_handle_t *handle) {
    free(handle);
}

static void free_job(struct import_job *job) {
    if (job->retry) {
        uv_close((uv_handle_t *)job->retry, on_retry_closed);
    }
    import_close(&job->import);
    arena_destroy(&job->arena);
    import_summary_free(&job->summary);
    free(job->rows);
    free(job);
}

static void finish(struct import_job *job) {
    struct exchange *exchange = job->exchange;
    struct import_summary *summary = &job->summary;
    uint32_t rows = import_row_count(job->import);
    /* Rows that were never tried are the caller's to send again. */
    summary->busy += (int64_t)(rows - job->rows_tried);
    exchange->abandon = NULL;
    exchange_answer_json(exchange, import_summary_status(summary),
                         import_summary_document(summary, import_encoding(job->import), rows));
    free_job(job);
}

static void fail(struct import_job *job, const struct error *error) {
    job->exchange->abandon = NULL;
    exchange_fail(job->exchange, error);
    free_job(job);
}

static void fail_memory(struct import_job *job) {
    struct error error;
    error_set(&error, ERR_NO_MEMORY, (struct error_words){0});
    fail(job, &error);
}

static void give_up(struct import_job *job) {
    job->summary.busy += job->pending_count;
    finish(job);
}

static void abandon(struct exchange *exchange) {
    give_up(exchange->work);
}

/* ---- sending ---- */

static void receipts_came(const struct call_result *result, void *data);

static bool encode_row(struct import_job *job, uint32_t index, struct buffer *frame) {
    if (!job->amending[index]) {
        return codec_encode_event(&job->rows[index].event, PART_CLIENT, frame) == 0;
    }
    struct event event;
    import_amend(&job->rows[index], job->arena, &event);
    return codec_encode_event(&event, PART_CLIENT, frame) == 0;
}

static void send_pending(struct import_job *job) {
    struct buffer frame = {0};
    /* An array with a 16-bit count (MessagePack specification). */
    uint8_t header[3] = {0xDC, (uint8_t)(job->pending_count >> 8), (uint8_t)job->pending_count};
    buffer_append(&frame, header, sizeof header);
    bool whole = !frame.failed;
    for (uint32_t i = 0; whole && i < job->pending_count; i++) {
        whole = encode_row(job, job->pending[i], &frame);
    }
    if (!whole) {
        buffer_free(&frame);
        fail_memory(job);
        return;
    }
    delegate_submit(job->exchange->portal, &job->exchange->principal, &frame, 0, exchange_asker(job->exchange),
                    receipts_came, job);
    buffer_free(&frame);
}

static void on_retry(uv_timer_t *timer) {
    send_pending(timer->data);
}

/* Sends the pending rows again after a while, or gives up when nothing has come for too long. */
static void retry_later(struct import_job *job, int64_t after_ms) {
    int64_t silent_ms = (clock_monotonic_us() - job->progress_us) / 1000;
    const struct exchange *exchange = job->exchange;
    if (silent_ms > PATIENCE_MS || exchange->portal->draining || !exchange_is_awaited(exchange)) {
        give_up(job);
        return;
    }
    if (!job->retry) {
        job->retry = calloc(1, sizeof *job->retry);
        if (!job->retry) {
            fail_memory(job);
            return;
        }
        uv_timer_init(job->exchange->portal->service->loop, job->retry);
        job->retry->data = job;
    }
    int64_t wait = after_ms > 0 && after_ms < RETRY_MS_MAX ? after_ms : RETRY_MS;
    uv_timer_start(job->retry, on_retry, (uint64_t)wait, 0);
}

/* ---- receipts ---- */

/* What one receipt means: counted, or the row goes again. True when it goes again. */
static bool goes_again(struct import_job *job, uint32_t index, const struct wire_receipt *receipt) {
    if (receipt->status == STATUS_BUSY) {
        return true;
    }
    if (receipt->status == STATUS_CONFLICT && job->amend && !job->amending[index]) {
        job->amending[index] = true;
        return true;
    }
    import_summary_receipt(&job->summary, job->rows[index].row, job->amending[index], receipt);
    return false;
}

static void take_receipts(struct import_job *job, const struct wire_receipt *receipts) {
    uint32_t again = 0;
    int64_t wait = 0;
    bool progress = false;
    for (uint32_t i = 0; i < job->pending_count; i++) {
        uint32_t index = job->pending[i];
        wait = receipts[i].status == STATUS_BUSY && receipts[i].retry_after > wait ? receipts[i].retry_after : wait;
        progress = progress || receipts[i].status != STATUS_BUSY;
        if (goes_again(job, index, &receipts[i])) {
            job->pending[again++] = index;
        }
    }
    job->pending_count = again;
    job->progress_us = progress ? clock_monotonic_us() : job->progress_us;
    if (again == 0) {
        next_batch(job);
    } else if (progress) {
        send_pending(job);
    } else {
        retry_later(job, wait);
    }
}

static bool worth_a_retry(enum error_code code) {
    return code == ERR_BUSY || code == ERR_NO_SPACE || code == ERR_UNAVAILABLE || code == ERR_TIMED_OUT;
}

static void receipts_came(const struct call_result *result, void *data) {
    struct import_job *job = data;
    struct error error = result->error;
    if (worth_a_retry(error.code)) {
        retry_later(job, result->retry_after);
        return;
    }
    if (error.code != ERR_OK) {
        fail(job, &error);
        return;
    }
    struct arena *arena = arena_create(BATCH_BYTES_MAX);
    struct wire_receipts receipts = {0};
    struct faults faults = {0};
    bool fits = arena && codec_decode(shape_of(SHAPE_receipts), result->payload, arena, &receipts, &faults) == 0 &&
                receipts.receipts.count == job->pending_count;
    if (fits) {
        take_receipts(job, receipts.receipts.items);
    } else {
        error_setf(&error, ERR_INTERNAL, "intake's receipts do not fit what was sent");
        fail(job, &error);
    }
    arena_destroy(&arena);
}

/* ---- rows ---- */

/* Reads rows until the batch is full; 0, or < 0 without memory. */
static int read_batch(struct import_job *job) {
    arena_reset(job->arena);
    job->row_count = job->pending_count = 0;
    while (job->row_count < BATCH_ROWS) {
        struct import_row *row = &job->rows[job->row_count];
        int result = import_next(job->import, job->arena, row);
        if (result <= 0) {
            return result;
        }
        job->rows_tried++;
        import_summary_warnings(&job->summary, row);
        if (faults_any(&row->faults)) {
            import_summary_faults(&job->summary, row);
            continue;
        }
        job->amending[job->row_count] = false;
        job->pending[job->pending_count++] = job->row_count++;
    }
    return 0;
}

static void next_batch(struct import_job *job) {
    if (read_batch(job) < 0) {
        fail_memory(job);
    } else if (job->pending_count == 0) {
        finish(job);
    } else {
        send_pending(job);
    }
}

/* ---- the beginning ---- */

static bool find_unit(void *data, struct text name, char *path) {
    const struct import_job *job = data;
    const struct squad *squad = squads_find(job->squads, name);
    if (!squad || squad->unit.length > EVENT_UNIT_MAX) {
        return false;
    }
    snprintf(path, EVENT_UNIT_MAX + 1, "%.*s", (int)squad->unit.length, squad->unit.data);
    return true;
}

/* The units are known: opens the file. */
static void begin(const struct squads *squads, void *data) {
    struct import_job *job = data;
    struct exchange *exchange = job->exchange;
    struct buffer part = {0};
    struct text file;
    struct error error;
    if (!squads) {
        free_job(job);
        return;
    }
    job->squads = squads;
    job->options = (struct import_options){.default_unit =
                                               exchange->principal.role == ROLE_SQUAD ? exchange->principal.unit : NULL,
                                           .unit = find_unit,
                                           .data = job,
                                           .by = text_of(exchange->principal.account)};
    int result = upload_read(exchange, &part, &file, &error);
    if (result == 0) {
        result = import_open(&job->import, file, &job->options, &error);
    }
    buffer_free(&part);
    if (result < 0) {
        fail(job, &error);
        return;
    }
    job->progress_us = clock_monotonic_us();
    exchange->work = job;
    exchange->abandon = abandon;
    next_batch(job);
}

void route_import(struct exchange *exchange) {
    static const char *const parameters[] = {"amend", NULL};
    struct error error = {0};
    bool amend = false;
    if (target_only(&exchange->target, parameters, &error) < 0 ||
        target_flag(&exchange->target, "amend", &amend, &error) < 0) {
        exchange_fail(exchange, &error);
        return;
    }
    struct import_job *job = calloc(1, sizeof *job);
    bool whole = job && import_summary_start(&job->summary) && (job->arena = arena_create(BATCH_BYTES_MAX)) != NULL &&
                 (job->rows = calloc(BATCH_ROWS, sizeof *job->rows)) != NULL;
    if (!whole) {
        error_set(&error, ERR_NO_MEMORY, (struct error_words){0});
        exchange_fail(exchange, &error);
        if (job) {
            free_job(job);
        }
        return;
    }
    job->exchange = exchange;
    job->amend = amend;
    squads_ask(exchange, begin, job);
}
