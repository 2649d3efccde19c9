/* One event: decoded, looked for among the earlier ones, admitted or refused, kept. */
#include "common/clock.h"
#include "services/intake/admit.h"
#include "services/intake/envelope.h"
#include "services/intake/intake.h"

#define HASHED_AHEAD 32 /* ids whose look-up begins before the first of them is decided */

/* An event on its way through this file. */
struct candidate {
    struct event *event;
    const struct identity *identity;
    struct frame *frame; /* NULL: intake's own event */
    uint32_t index;
    uint64_t hash;     /* of its id */
    struct text token; /* of an attendance; it is not kept */
};

_Noreturn void decide_failed(struct intake *intake) {
    const struct error *error = &intake->history.error;
    service_fail(intake->service, error->code == ERR_CORRUPT ? EX_DATAERR : EX_IOERR, error);
}

static const struct id *id_of(const struct candidate *candidate) {
    return id_is_zero(&candidate->event->id) ? NULL : &candidate->event->id;
}

static void decide_busy(const struct candidate *candidate) {
    if (candidate->frame) {
        frame_busy(candidate->frame, candidate->index, id_of(candidate), RETRY_BUSY_MS, ERR_OK);
        frame_decided(candidate->frame);
    }
}

/* The receipt is filled; it goes out when `batch` is durable, at once when that is NULL. What was decided on the
 * strength of events that wait is not told before they are durable. */
static void decide_after(const struct candidate *candidate, struct batch *batch, bool position) {
    if (!candidate->frame) {
        return;
    }
    if (!batch) {
        frame_decided(candidate->frame);
    } else if (batch_add_ticket(batch, candidate->frame, candidate->index, position) < 0) {
        decide_busy(candidate);
    }
}

/* What contradicts itself in an event that is kept, or was. */
static void warn(const struct candidate *candidate, const struct warnings *warnings) {
    if (warnings->count > 0) {
        frame_warn(candidate->frame, candidate->index, warnings);
    }
}

/* ---- duplicates ---- */

static void set_position(struct intake *intake, const struct candidate *candidate, uint64_t seq) {
    struct position position;
    int found = journal_position_at(intake->reader, seq, &position, &intake->history.error);
    if (found < 0) {
        decide_failed(intake);
    }
    if (found == 1) {
        frame_set_position(candidate->frame, candidate->index, &position);
    }
}

/* The id is taken by the event `seq`, stored or in `batch`: a duplicate when the contents are the same. */
static void decide_taken(struct intake *intake, const struct candidate *candidate, uint64_t seq, struct batch *batch) {
    struct event stored;
    struct text salt;
    struct warnings warnings;
    if (!candidate->frame) {
        return;
    }
    if (history_event(&intake->history, seq, true, &stored, &salt) <= 0) {
        decide_failed(intake);
    }
    int same = content_same(&intake->content, candidate->event, &stored, salt);
    if (same < 0) {
        decide_busy(candidate);
        return;
    }
    if (same == 0) {
        frame_conflict(candidate->frame, candidate->index, &candidate->event->id);
    } else {
        frame_duplicate(candidate->frame, candidate->index, &candidate->event->id, seq);
        warnings_find(candidate->event, &warnings);
        warn(candidate, &warnings);
        if (!batch) {
            set_position(intake, candidate, seq);
        }
    }
    decide_after(candidate, batch, same == 1);
}

/* True when the id is taken: then everything is decided. */
static bool is_taken(struct intake *intake, const struct candidate *candidate) {
    uint64_t seq;
    switch (duplicates_look(&intake->duplicates, &candidate->event->id, candidate->hash, &seq)) {
    case ID_IS_NEW:
        return false;
    case ID_IS_PENDING:
        decide_taken(intake, candidate, seq, pending_holding(&intake->pending, seq));
        return true;
    case ID_ASK_JOURNAL:
        break;
    }
    int found = journal_find(intake->reader, &candidate->event->id, &seq, &intake->history.error);
    if (found < 0) {
        decide_failed(intake);
    }
    if (found == 1) {
        decide_taken(intake, candidate, seq, NULL);
    }
    return found == 1;
}

/* ---- keeping ---- */

/* What the event means for the rest of the house; on failure nothing has changed. */
static int take_effect(struct intake *intake, struct batch *batch, const struct event *event) {
    int result = directory_apply(intake->directory, event);
    return result == 0 && erase_is_erasure(event) ? erase_note(intake, batch, event) : result;
}

static int add(struct intake *intake, struct batch *batch, struct candidate *candidate) {
    struct event *event = candidate->event;
    int result = pending_add(&intake->pending, event);
    if (result < 0) {
        return result;
    }
    bool ticket = candidate->frame != NULL;
    result = ticket ? batch_add_ticket(batch, candidate->frame, candidate->index, true) : 0;
    if (result < 0) {
        pending_take_back(&intake->pending, event);
        return result;
    }
    result = take_effect(intake, batch, event);
    if (result < 0) {
        if (ticket) {
            batch_take_back_ticket(batch);
        }
        pending_take_back(&intake->pending, event);
    }
    return result;
}

static bool keep(struct intake *intake, struct candidate *candidate) {
    struct event *event = candidate->event;
    struct warnings warnings;
    struct batch *batch =
        duplicates_reserve(&intake->duplicates) == 0 ? pending_batch(&intake->pending, erase_is_erasure(event)) : NULL;
    event->received_at = intake->received_at;
    event->source = text_of(candidate->identity->source);
    warnings_find(event, &warnings);
    event->warnings = warnings_bits(&warnings);
    if (!batch || add(intake, batch, candidate) < 0) {
        decide_busy(candidate);
        return false;
    }
    if (candidate->frame) {
        frame_stored(candidate->frame, candidate->index, &event->id, event->seq);
        warn(candidate, &warnings);
    }
    intake->rights_changed = intake->rights_changed || event->type == EVENT_CLIENT_SET;
    duplicates_admit(&intake->duplicates, &event->id, candidate->hash, event->seq);
    history_note(&intake->history, event);
    commit_request(intake);
    return true;
}

/* ---- deciding ---- */

static void read_clock(struct intake *intake) {
    intake->now = clock_now();
    intake->received_at = intake->now > intake->received_at ? intake->now : intake->received_at;
}

static void decide_decoded(struct intake *intake, struct candidate *candidate) {
    candidate->token = token_take(candidate->event);
    if (is_taken(intake, candidate)) {
        return;
    }
    struct admit_lookups lookups = history_lookups(&intake->history);
    struct admit_context context = {
        .directory = intake->directory,
        .identity = candidate->identity,
        .now = intake->now,
        .ahead_ms = config_int(intake->service->config, SETTING_CLOCK_AHEAD_MS),
        .utc_offset = (int32_t)config_int(intake->service->config, SETTING_UTC_OFFSET),
        .lookups = &lookups,
        .token_key = intake->token_key,
        .token = candidate->token,
    };
    faults_clear(&intake->faults);
    if (admit(&context, candidate->event, &intake->faults) < 0) {
        decide_failed(intake);
    }
    if (faults_any(&intake->faults)) {
        frame_rejected(candidate->frame, candidate->index, &candidate->event->id, &intake->faults);
        decide_after(candidate, pending_newest(&intake->pending), false);
        return;
    }
    keep(intake, candidate);
}

/* Decodes what is not read yet; false: it is refused. */
static bool decode(struct intake *intake, struct candidate *candidate, struct text bytes) {
    arena_reset(intake->event_arena);
    int result = codec_decode_event(bytes, intake->event_arena, candidate->event, &intake->faults);
    if (result == 0) {
        candidate->hash = duplicates_hash(&intake->duplicates, &candidate->event->id);
        return true;
    }
    if (faults_any(&intake->faults)) {
        frame_rejected(candidate->frame, candidate->index, id_of(candidate), &intake->faults);
        frame_decided(candidate->frame);
    } else {
        decide_busy(candidate);
    }
    return false;
}

void decide_refused(struct frame *frame, uint32_t index, struct text bytes) {
    struct event event = {0};
    struct candidate candidate = {.event = &event, .frame = frame, .index = index};
    envelope_id(bytes, &event.id);
    decide_busy(&candidate);
}

static void decide_sent(struct intake *intake, struct candidate *candidate, const struct frame_event *sent) {
    if (pending_is_full(&intake->pending)) {
        decide_refused(candidate->frame, candidate->index, sent->bytes);
    } else if (sent->is_read || decode(intake, candidate, sent->bytes)) {
        decide_decoded(intake, candidate);
    }
}

void decide_events(struct intake *intake, const struct identity *identity, struct frame *frame,
                   struct frame_event *events) {
    uint64_t hashes[HASHED_AHEAD] = {0};
    read_clock(intake);
    for (uint32_t done = 0; done < frame->count; done += HASHED_AHEAD) {
        uint32_t some = frame->count - done < HASHED_AHEAD ? frame->count - done : HASHED_AHEAD;
        for (uint32_t i = 0; i < some; i++) {
            hashes[i] = duplicates_hash(&intake->duplicates, &events[done + i].event.id);
        }
        for (uint32_t i = 0; i < some; i++) {
            struct frame_event *sent = &events[done + i];
            struct candidate candidate = {
                .event = &sent->event, .identity = identity, .frame = frame, .index = done + i, .hash = hashes[i]};
            decide_sent(intake, &candidate, sent);
        }
    }
}

bool decide_own(struct intake *intake, struct event *event) {
    static const struct identity own = {.role = ROLE_ADMIN, .source = "service:intake"};
    struct candidate candidate = {
        .event = event, .identity = &own, .hash = duplicates_hash(&intake->duplicates, &event->id)};
    if (pending_is_full(&intake->pending)) {
        return false;
    }
    read_clock(intake);
    return is_taken(intake, &candidate) || keep(intake, &candidate);
}
