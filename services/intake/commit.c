/* Commits: a batch is sealed when no other is under way, and its receipts go out when it is durable. */
#include <assert.h>
#include <inttypes.h>

#include "common/clock.h"
#include "common/failpoint.h"
#include "services/intake/intake.h"

#ifdef PLANTED_EARLY_RECEIPT
static void give_receipts(struct intake *intake, const struct batch *batch);
#endif

/* ---- sealing ---- */

static void seal(struct intake *intake) {
    struct batch *batch = intake->pending.oldest;
    if (batch && batch->count > 0 && committer_is_idle(intake->committer)) {
        bool quick = committer_is_quick(intake->committer, batch);
        pending_close_oldest(&intake->pending);
#ifdef PLANTED_EARLY_RECEIPT /* a test builds this: receipts before the commit, and a power cut must show it */
        give_receipts(intake, batch);
        buffer_clear(&batch->tickets);
#endif
        (quick ? committer_commit : committer_submit)(intake->committer, batch);
    }
}

static void on_seal(uv_check_t *handle) {
    struct intake *intake = handle->data;
    uv_check_stop(handle);
    uv_idle_stop(&intake->awake);
    seal(intake);
}

static void on_awake(uv_idle_t *handle) {
    (void)handle; /* the loop does not sleep while this is active: `seal` runs in the same turn */
}

void commit_request(struct intake *intake) {
    if (committer_is_idle(intake->committer)) {
        uv_idle_start(&intake->awake, on_awake);
        uv_check_start(&intake->seal, on_seal);
    }
}

/* ---- it is durable ---- */

static void decide_ticket(struct intake *intake, const struct ticket *ticket) {
    if (frame_decided(ticket->frame)) {
        door_answer(intake, ticket->frame);
    }
}

static void give_receipts(struct intake *intake, const struct batch *batch) {
    const struct ticket *tickets = batch_tickets(batch);
    uint32_t count = batch_ticket_count(batch);
    for (uint32_t i = 0; i < count; i++) {
        if (tickets[i].position) {
            frame_set_position(tickets[i].frame, tickets[i].index, &intake->head);
        }
        decide_ticket(intake, &tickets[i]);
    }
}

static void committed(struct intake *intake, struct batch *batch, const struct commit_result *result) {
    struct service *service = intake->service;
    duplicates_commit(&intake->duplicates, batch_ids(batch), batch->count, clock_now());
    intake->head = result->after;
    char position[POSITION_TEXT_SIZE];
    position_format(&intake->head, position);
    service_set_position(service, position, intake->head.seq);
    metrics_add(&service->metrics, METRIC_BLOCKS, 1);
    metrics_add(&service->metrics, METRIC_COMMIT_MICROS, result->micros);
    if (batch->erasing) {
        erase_done(intake);
    }
    if (intake->rights_changed) {
        intake->rights_changed = false;
        stream_server_review(intake->stream);
    }
    FAILPOINT("intake-before-receipt");
    give_receipts(intake, batch);
    FAILPOINT("intake-before-publication");
    /* Sides of this very block may be among those that an erasure took out. */
    stream_server_appended(intake->stream, &intake->head, batch->erasing ? NULL : &result->block, result->on_loop);
}

/* ---- it is not ---- */

static void take_receipts_back(struct intake *intake, const struct batch *batch, enum error_code why) {
    const struct ticket *tickets = batch_tickets(batch);
    uint32_t count = batch_ticket_count(batch);
    for (uint32_t i = 0; i < count; i++) {
        const struct wire_receipt *receipt = &tickets[i].frame->receipts[tickets[i].index];
        bool has_id = wire_has(receipt->present, FIELD_receipt_id);
        struct id id = receipt->id;
        frame_busy(tickets[i].frame, tickets[i].index, has_id ? &id : NULL, RETRY_SPACE_MS, why);
        decide_ticket(intake, &tickets[i]);
    }
}

/* Nothing of the batch was stored. What waits behind it was decided as if it were: it is given up too. */
static void give_up(struct intake *intake, struct batch *batch, const struct error *error) {
    log_error(&intake->service->log, LOG_LEVEL_WARN, "nothing stored, clients are told to wait", error);
    take_receipts_back(intake, batch, error->code);
    pending_recycle(&intake->pending, &batch);
    while (intake->pending.oldest) {
        batch = pending_take(&intake->pending);
        take_receipts_back(intake, batch, error->code);
        pending_recycle(&intake->pending, &batch);
    }
    pending_restart(&intake->pending, intake->head.seq + 1);
    duplicates_drop_pending(&intake->duplicates);
    history_forget(&intake->history);
    intake->days.known = false;
    if (intake_load_directory(intake) < 0) {
        decide_failed(intake);
    }
}

void commit_finished(void *data, struct batch *batch, const struct commit_result *result) {
    struct intake *intake = data;
    if (result->code != 0 && result->code != -ERR_NO_SPACE && result->code != -ERR_BUSY) {
        service_fail(intake->service, result->code == -ERR_CORRUPT ? EX_DATAERR : EX_IOERR, &result->error);
    }
    struct batch *oldest = pending_take(&intake->pending);
    assert(oldest == batch);
    if (result->code == 0) {
        committed(intake, oldest, result);
        pending_recycle(&intake->pending, &oldest);
        days_tick(intake);
    } else {
        give_up(intake, oldest, &result->error);
    }
    commit_request(intake);
    intake_check_drained(intake);
}
