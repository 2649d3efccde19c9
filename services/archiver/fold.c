/* The fold, type by type. */
#include "services/archiver/fold.h"

#include <assert.h>

#include "services/archiver/people.h"

static int fold_unit(struct record *record, const struct event *event, const struct record_bytes *bytes,
                     struct error *error) {
    (void)bytes;
    return record_set_unit(record, event->unit, event->body->unit.name, error);
}

static int fold_erased(struct record *record, const struct event *event, const struct record_bytes *bytes,
                       struct error *error) {
    const struct wire_person_erasure *body = &event->body->person_erasure;
    (void)bytes;
    return wire_has(body->present, FIELD_person_erasure_volunteer)
               ? record_forget_volunteer(record, &body->volunteer, error)
               : record_forget_person(record, body->person, error);
}

static int fold_redacted(struct record *record, const struct event *event, const struct record_bytes *bytes,
                         struct error *error) {
    (void)bytes;
    int result = record_forget_event(record, &event->body->text_redaction.event, error);
    return result < 0 ? result : record_forget_told(record, &event->body->text_redaction.event, error);
}

int fold_event(struct record *record, const struct event *event, const struct record_bytes *bytes,
               struct error *error) {
    static int (*const folds[EVENT_TYPE_COUNT])(struct record *, const struct event *, const struct record_bytes *,
                                                struct error *) = {
        [EVENT_REPORT_SUBMITTED] = record_submit,   [EVENT_REPORT_AMENDED] = record_amend,
        [EVENT_REPORT_WITHDRAWN] = record_withdraw, [EVENT_UNIT_SET] = fold_unit,
        [EVENT_PERSON_ERASED] = fold_erased,        [EVENT_TEXT_REDACTED] = fold_redacted,
        [EVENT_VOLUNTEER_ENROLLED] = record_enrol,  [EVENT_VOLUNTEER_UPDATED] = record_renew,
        [EVENT_VOLUNTEER_LEFT] = record_leave,      [EVENT_HOURS_CORRECTED] = record_remark,
        [EVENT_HOURS_OBJECTED] = record_remark,     [EVENT_HOURS_ANSWERED] = record_remark,
    };
    bool folded = event->type < EVENT_TYPE_COUNT && folds[event->type] && event->body;
    return folded ? folds[event->type](record, event, bytes, error) : 0;
}

/* `*walked` is the walk's own result: of the block, not of the record. */
static int fold_events(struct record *record, const struct journal_block *block, struct arena *arena, int *walked,
                       struct error *error) {
    struct block_walk walk = {.block = block};
    struct event event;
    int result = 0;
    arena_reset(arena);
    struct record_bytes bytes;
    size_t begin = walk.used;
    while (result == 0 && (*walked = block_next(&walk, arena, &event, error)) == 1) {
        bytes.head = (struct text){block->head.data + begin, (uint32_t)(walk.used - begin)};
        bytes.side = walk.sides ? walk.sides[walk.index - 1] : (struct text){0};
        result = fold_event(record, &event, &bytes, error);
        begin = walk.used;
    }
    return *walked < 0 ? *walked : result;
}

int fold_block(struct record *record, const struct journal_block *block, const struct position *after,
               struct arena *arena, bool *record_damaged, struct error *error) {
    int walked = 0;
    struct position held;
    record_held(record, &held);
    assert(block->first == held.seq + 1);
    int result = record_begin(record, error);
    if (result == 0) {
        result = fold_events(record, block, arena, &walked, error);
    }
    if (result == 0) {
        record_hold(record, after, &block->hash);
    } else {
        record_rollback(record);
    }
    *record_damaged = result == -ERR_CORRUPT && walked >= 0;
    return result;
}
