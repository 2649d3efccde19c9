/* Verification of the journal in slices, so that the loop goes on with its work in between. What only the log holds is
 * moved first: it is the database that is verified, and whoever reads its file afterwards finds all of it. */
#include "services/intake/intake.h"

#define SLICE_BLOCKS 4

static void finish(struct intake *intake, const char *first_fault) {
    struct verification *verification = &intake->verification;
    char position[POSITION_TEXT_SIZE];
    position_format(&intake->head, position);
    verification->active = false;
    uv_idle_stop(&verification->slices);
    service_verified(intake->service, &verification->to, verification->checked, position, first_fault);
}

static void on_slice(uv_idle_t *handle) {
    struct intake *intake = handle->data;
    struct verification *verification = &intake->verification;
    struct error error;
    if (verification->settle > 0 && committer_is_settled(intake->committer, verification->settle) == 0) {
        return;
    }
    verification->settle = 0;
    int result = journal_verify(intake->reader, &verification->seq, &verification->hash, SLICE_BLOCKS,
                                &verification->checked, &error);
    if (result <= 0) {
        finish(intake, result < 0 ? error.text : NULL);
    }
}

void verification_start(struct service *service, const struct reply_to *to) {
    struct intake *intake = service->state;
    struct verification *verification = &intake->verification;
    if (verification->active) {
        struct error error;
        error_set(&error, ERR_BUSY, (struct error_words){.limit = "1000"});
        reply_error(to, &error, 1000, NULL);
        return;
    }
    verification->active = true;
    verification->to = *to;
    verification->seq = 0;
    verification->hash = (struct hash){{0}};
    verification->checked = 0;
    verification->settle = intake->head.seq;
    committer_ask_settle(intake->committer);
    uv_idle_start(&verification->slices, on_slice);
}

int verification_open(struct intake *intake, struct error *error) {
    int result = uv_idle_init(intake->service->loop, &intake->verification.slices);
    if (result != 0) {
        return error_setf(error, ERR_IO, "uv_idle_init: %s", uv_strerror(result));
    }
    intake->verification.slices.data = intake;
    intake->handles++;
    return 0;
}
