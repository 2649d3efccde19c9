/* POST /api/v1/events: events in, receipts out. */
#include <stdio.h>

#include "common/clock.h"
#include "common/failpoint.h"
#include "proto/json.h"
#include "services/portal/answer.h"
#include "services/portal/delegate.h"
#include "services/portal/dispatch.h"
#include "services/portal/exchange.h"
#include "services/portal/submission.h"

#define MSGPACK_MEDIA_TYPE "application/msgpack"
#define RECEIPTS_MEDIA_TYPES "application/json, application/msgpack"

/* A submission on its way; in the exchange's arena. */
struct posting {
    struct exchange *exchange;
    struct submission submission;
    struct parcel parcel; /* of a single event */
};

static void answer_receipts(struct posting *posting) {
    struct exchange *exchange = posting->exchange;
    struct submission *submission = &posting->submission;
    struct wire_receipts receipts = {.receipts = {submission->receipts, submission->count}};
    wire_set(&receipts.present, FIELD_receipts_receipts);
    int64_t retry_after = submission_retry_after(submission);
    if (retry_after > 0) {
        exchange_add_header(exchange, "Retry-After", "%d", (int)((retry_after + 999) / 1000));
    }
    int status = submission_status(submission);
    if (exchange_accepts(exchange, MSGPACK_MEDIA_TYPE)) {
        struct buffer body = {0};
        codec_encode(shape_of(SHAPE_receipts), &receipts, &body);
        exchange_answer(exchange, status, MSGPACK_MEDIA_TYPE, &body);
    } else {
        exchange_answer_shape(exchange, status, SHAPE_receipts, &receipts);
    }
    submission_free(submission);
}

static void receipts_came(const struct call_result *result, void *data) {
    struct posting *posting = data;
    struct exchange *exchange = posting->exchange;
    struct error error = result->error;
    FAILPOINT("portal-before-answer");
    if (error.code != ERR_OK) {
        exchange_fail_call(exchange, result);
    } else if (submission_merge(&posting->submission, result->payload, exchange->arena, &error) < 0) {
        exchange_fail(exchange, &error);
    } else {
        answer_receipts(posting);
        return;
    }
    submission_free(&posting->submission);
}

static void receipt_came(const struct call_result *result, const struct wire_receipt *receipt, void *data) {
    struct posting *posting = data;
    if (receipt) {
        posting->submission.receipts[0] = *receipt;
        answer_receipts(posting);
        return;
    }
    exchange_fail_call(posting->exchange, result);
    submission_free(&posting->submission);
}

/* An event alone goes with those of other requests; an array is a frame of its own. */
static void send_on(struct posting *posting) {
    struct portal *portal = posting->exchange->portal;
    const struct principal *principal = &posting->exchange->principal;
    const struct buffer *frame = &posting->submission.frame;
    if (posting->submission.single) {
        posting->parcel.event = (struct text){(const char *)frame->data, (uint32_t)frame->length};
        posting->parcel.asker = exchange_asker(posting->exchange);
        posting->parcel.done = receipt_came;
        posting->parcel.data = posting;
        dispatch_send(portal->dispatch, principal, &posting->parcel);
    } else {
        delegate_submit(portal, principal, frame, 0, exchange_asker(posting->exchange), receipts_came, posting);
    }
}

static int read_body(struct exchange *exchange, struct submission *submission, struct error *error) {
    struct text body = exchange_body(exchange);
    if (exchange_media_is(exchange, MSGPACK_MEDIA_TYPE) || exchange_media_is(exchange, "application/x-msgpack")) {
        return submission_read_msgpack(submission, body, exchange->arena, error);
    }
    if (exchange_media_is(exchange, "application/json")) {
        return submission_read_json(submission, body, &exchange->principal, clock_now(), exchange->arena, error);
    }
    const char *media_type = exchange_request_header(exchange, MHD_HTTP_HEADER_CONTENT_TYPE);
    return problem_error(error, ERR_BAD_MEDIA, "", RECEIPTS_MEDIA_TYPES, text_of(media_type));
}

void route_events(struct exchange *exchange) {
    struct error error;
    struct posting *posting = arena_alloc(exchange->arena, sizeof *posting);
    if (!posting) {
        error_set(&error, ERR_NO_MEMORY, (struct error_words){0});
        exchange_fail(exchange, &error);
        return;
    }
    posting->exchange = exchange;
    exchange->brief = true;
    if (read_body(exchange, &posting->submission, &error) < 0) {
        exchange_fail(exchange, &error);
    } else if (posting->submission.sent_count == 0) {
        answer_receipts(posting);
    } else {
        send_on(posting);
    }
}
