/* A submit frame in flight: its receipts, answered together when each of its events is decided.
 *
 * A receipt is decided at once (rejected, busy, a duplicate of something stored) or when the batch that it depends on is durable.
 * The frame owns the texts of its receipts. Loop thread only; nothing blocks.
 */
#pragma once

#include "common/request.h"
#include "proto/position.h"
#include "proto/warnings.h"

struct frame {
    struct reply_to to;
    struct arena *arena; /* texts and faults of receipts; NULL until one is needed */
    char position[POSITION_TEXT_SIZE];
    uint64_t position_seq; /* of `position`; 0: none yet */
    size_t held;           /* bytes noted for it while it waits; 0: it does not */
    uint32_t count;
    uint32_t undecided; /* receipts, and one for the door, which still reads the frame */
    struct wire_receipt receipts[];
};

/* NULL: no memory. Nothing is decided. */
struct frame *frame_create(const struct reply_to *to, uint32_t count);
void frame_destroy(struct frame **frame);

/* Bytes that it holds. */
size_t frame_size(const struct frame *frame);

/* Sets what a receipt says; it is decided by frame_decided. `id` may be NULL: not readable. */
void frame_stored(struct frame *frame, uint32_t index, const struct id *id, uint64_t seq);
void frame_duplicate(struct frame *frame, uint32_t index, const struct id *id, uint64_t seq);
void frame_warn(struct frame *frame, uint32_t index, const struct warnings *warnings); /* of what is stored, or was */
void frame_conflict(struct frame *frame, uint32_t index, const struct id *id);
void frame_rejected(struct frame *frame, uint32_t index, const struct id *id, const struct faults *faults);
/* `why`: ERR_OK, or a code to tell besides, as ERR_NO_SPACE. Nothing that was said before remains. */
void frame_busy(struct frame *frame, uint32_t index, const struct id *id, int64_t retry_after_ms, enum error_code why);

/* The position for a stored or duplicate receipt. Without memory it is left out. */
void frame_set_position(struct frame *frame, uint32_t index, const struct position *position);

/* One more receipt is decided, or the door has read the frame to its end; true when it was the last. */
bool frame_decided(struct frame *frame);
