/* Progress along the stream. */
#include "common/stream/progress.h"

#include <inttypes.h>
#include <stdio.h>

#define REASON_PAUSE_MS 1000

static void tell_position(const struct progress *progress) {
    char position[POSITION_TEXT_SIZE];
    position_format(&progress->own, position);
    service_set_position(progress->service, position, progress->own.seq);
}

static void tell_readiness(struct progress *progress) {
    if (progress->ready || !progress->head_known) {
        return;
    }
    uint64_t now = uv_now(progress->service->loop);
    if (progress->own.seq >= progress->goal) {
        progress->ready = true;
        service_set_ready(progress->service, true, "");
    } else if (progress->reason_told == 0 || now - progress->reason_told >= REASON_PAUSE_MS) {
        char reason[80];
        snprintf(reason, sizeof reason, "folding: seq %" PRIu64 " of %" PRIu64, progress->own.seq, progress->goal);
        service_set_ready(progress->service, false, reason);
        progress->reason_told = now;
    }
}

void progress_start(struct progress *progress, struct service *service, const struct position *own) {
    *progress = (struct progress){.service = service, .own = *own};
    service_set_ready(service, false, "waiting for intake");
    tell_position(progress);
}

void progress_folded(struct progress *progress, const struct position *own) {
    progress->own = *own;
    tell_position(progress);
    tell_readiness(progress);
}

void progress_heard(struct progress *progress, const struct position *head) {
    if (!progress->head_known) {
        progress->goal = head->seq;
    }
    progress->head = *head;
    progress->head_known = true;
    tell_readiness(progress);
}

void progress_reply_head(const struct progress *progress, const struct reply_to *to) {
    char position[POSITION_TEXT_SIZE];
    position_format(&progress->own, position);
    struct wire_stream_head answer = {.position = text_of(position)};
    wire_set(&answer.present, FIELD_stream_head_position);
    reply_shape(to, "head", shape_of(SHAPE_stream_head), &answer);
}
