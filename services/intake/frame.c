/* Receipts as the shapes of the wire, so that they are encoded as they stand. */
#include "services/intake/frame.h"

#include <assert.h>
#include <stdlib.h>

#define TEXTS_MAX (16 * 1024 * 1024) /* of one frame: FRAME_EVENTS_MAX receipts with all their faults fit */
#define MANY_FAULTS (1024 * 1024)    /* beyond so many bytes of faults only the first of an event is told */
#define RENDERED_MAX 300             /* bytes of a fault's text */

struct frame *frame_create(const struct reply_to *to, uint32_t count) {
    struct frame *frame = calloc(1, sizeof *frame + count * sizeof *frame->receipts);
    if (frame) {
        frame->to = *to;
        frame->count = count;
        frame->undecided = count + 1;
    }
    return frame;
}

void frame_destroy(struct frame **frame) {
    if (*frame) {
        arena_destroy(&(*frame)->arena);
        free(*frame);
        *frame = NULL;
    }
}

size_t frame_size(const struct frame *frame) {
    return sizeof *frame + frame->count * sizeof *frame->receipts + (frame->arena ? arena_used(frame->arena) : 0);
}

static struct arena *texts_of(struct frame *frame) {
    if (!frame->arena) {
        frame->arena = arena_create(TEXTS_MAX);
    }
    return frame->arena;
}

/* An empty text when there is no memory: the code still says what is wrong. */
static struct text keep_text(struct frame *frame, const char *data, size_t length) {
    struct arena *arena = length > 0 ? texts_of(frame) : NULL;
    char *copy = arena ? arena_copy(arena, data, length) : NULL;
    return (struct text){copy ? copy : "", copy ? (uint32_t)length : 0};
}

static struct wire_receipt *begin(struct frame *frame, uint32_t index, const struct id *id, enum status status) {
    assert(index < frame->count);
    struct wire_receipt *receipt = &frame->receipts[index];
    *receipt = (struct wire_receipt){.status = (int32_t)status};
    wire_set(&receipt->present, FIELD_receipt_status);
    if (id) {
        receipt->id = *id;
        wire_set(&receipt->present, FIELD_receipt_id);
    }
    return receipt;
}

static void set_seq(struct wire_receipt *receipt, uint64_t seq) {
    receipt->seq = (int64_t)seq;
    wire_set(&receipt->present, FIELD_receipt_seq);
    receipt->durability = text_of("fsynced");
    wire_set(&receipt->present, FIELD_receipt_durability);
}

void frame_stored(struct frame *frame, uint32_t index, const struct id *id, uint64_t seq) {
    set_seq(begin(frame, index, id, STATUS_STORED), seq);
}

void frame_duplicate(struct frame *frame, uint32_t index, const struct id *id, uint64_t seq) {
    set_seq(begin(frame, index, id, STATUS_DUPLICATE), seq);
}

/* ---- faults ---- */

static struct text render(struct frame *frame, const struct fault *fault, enum error_language language) {
    char text[RENDERED_MAX];
    size_t length = fault_render(fault, language, text, sizeof text);
    return keep_text(frame, text, length);
}

static void fill_fault(struct frame *frame, const struct fault *fault, struct wire_fault *wire) {
    *wire = (struct wire_fault){.field = keep_text(frame, fault->field, strlen(fault->field)),
                                .code = text_of(error_wire(fault->code)),
                                .limit = keep_text(frame, fault->limit, strlen(fault->limit)),
                                .value = keep_text(frame, fault->value, strlen(fault->value)),
                                .text = render(frame, fault, LANGUAGE_ZH),
                                .text_en = render(frame, fault, LANGUAGE_EN)};
    wire_set(&wire->present, FIELD_fault_field);
    wire_set(&wire->present, FIELD_fault_code);
    wire_set(&wire->present, FIELD_fault_text);
    wire_set(&wire->present, FIELD_fault_text_en);
    if (wire->limit.length > 0) {
        wire_set(&wire->present, FIELD_fault_limit);
    }
    if (wire->value.length > 0) {
        wire_set(&wire->present, FIELD_fault_value);
    }
}

static void set_faults(struct frame *frame, struct wire_receipt *receipt, const struct faults *faults) {
    struct arena *arena = texts_of(frame);
    uint32_t count = arena && arena_used(arena) > MANY_FAULTS && faults->count > 1 ? 1 : faults->count;
    struct wire_fault *items = arena && count > 0 ? arena_alloc(arena, count * sizeof *items) : NULL;
    if (!items) {
        return;
    }
    for (uint32_t i = 0; i < count; i++) {
        fill_fault(frame, &faults->items[i], &items[i]);
    }
    receipt->faults = (struct list){items, count};
    wire_set(&receipt->present, FIELD_receipt_faults);
}

void frame_warn(struct frame *frame, uint32_t index, const struct warnings *warnings) {
    struct wire_receipt *receipt = &frame->receipts[index];
    struct arena *arena = warnings->count > 0 ? texts_of(frame) : NULL;
    if (arena && warnings_tell(warnings, WARNINGS_ANY, arena, &receipt->warnings) == 0) {
        wire_set(&receipt->present, FIELD_receipt_warnings);
    }
}

static void set_fault(struct frame *frame, struct wire_receipt *receipt, enum error_code code) {
    struct faults faults;
    faults_clear(&faults);
    faults_add(&faults, code, NULL, NULL, (struct text){0});
    set_faults(frame, receipt, &faults);
}

void frame_conflict(struct frame *frame, uint32_t index, const struct id *id) {
    set_fault(frame, begin(frame, index, id, STATUS_CONFLICT), ERR_CONFLICT);
}

void frame_rejected(struct frame *frame, uint32_t index, const struct id *id, const struct faults *faults) {
    set_faults(frame, begin(frame, index, id, STATUS_REJECTED), faults);
}

void frame_busy(struct frame *frame, uint32_t index, const struct id *id, int64_t retry_after_ms, enum error_code why) {
    struct wire_receipt *receipt = begin(frame, index, id, STATUS_BUSY);
    receipt->retry_after = retry_after_ms;
    wire_set(&receipt->present, FIELD_receipt_retry_after);
    if (why != ERR_OK) {
        set_fault(frame, receipt, why);
    }
}

/* ---- deciding ---- */

/* Most frames lie in one block: its position is kept in the frame itself. */
void frame_set_position(struct frame *frame, uint32_t index, const struct position *position) {
    struct wire_receipt *receipt = &frame->receipts[index];
    if (frame->position_seq == 0) {
        position_format(position, frame->position);
        frame->position_seq = position->seq;
    }
    if (frame->position_seq == position->seq) {
        receipt->position = text_of(frame->position);
    } else {
        char text[POSITION_TEXT_SIZE];
        position_format(position, text);
        receipt->position = keep_text(frame, text, strlen(text));
    }
    if (receipt->position.length > 0) {
        wire_set(&receipt->present, FIELD_receipt_position);
    }
}

bool frame_decided(struct frame *frame) {
    assert(frame->undecided > 0);
    frame->undecided--;
    return frame->undecided == 0;
}
