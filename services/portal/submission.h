/* A submission: the events of one POST, the frame that goes to intake, and the receipts that come of both.
 *
 * The portal does not decide what is valid: intake does. But what cannot be read as an event cannot be sent on; such
 * an event gets its `rejected` receipt here, and the others go on without it. Pure: values in, values out; everything
 * lives in the arena but for `frame`, which submission_free releases.
 */
#pragma once

#include <jansson.h>

#include "proto/codec.h"
#include "services/portal/exchange.h"

struct submission {
    bool single; /* one event was sent, not an array */
    uint32_t count;
    struct wire_receipt *receipts; /* per event; those sent on are empty until submission_merge */
    uint32_t *sent;                /* indexes of the events in the frame */
    uint32_t sent_count;           /* 0: nothing to ask intake for */
    struct buffer frame;           /* MessagePack: one event map, or an array of them */
};

/* From JSON text. `unit` and `by` are the principal's where the client left them out; `now` (ms) fills `at`.
 * < 0: the document as a whole cannot be read (not JSON, too many events). */
int submission_read_json(struct submission *submission, struct text body, const struct principal *principal,
                         int64_t now, struct arena *arena, struct error *error);

/* From MessagePack, sent on as it is: < 0 when it is not one well-formed event or array of them. */
int submission_read_msgpack(struct submission *submission, struct text body, struct arena *arena, struct error *error);

void submission_free(struct submission *submission);

/* Puts intake's `receipts` (payload of its answer) into their places. */
int submission_merge(struct submission *submission, struct text payload, struct arena *arena, struct error *error);

/* The HTTP status: of one event by its receipt; of an array 201 (any stored), 200 (all duplicates), the common status of
 * all that failed, or 207 when results are mixed. */
int submission_status(const struct submission *submission);

/* Milliseconds after which busy events may be sent again; 0 when none is busy. */
int64_t submission_retry_after(const struct submission *submission);

/* A `rejected` receipt with all faults; false when there is no memory. */
bool receipt_reject(struct wire_receipt *receipt, const struct id *id, const struct faults *faults,
                    struct arena *arena);
