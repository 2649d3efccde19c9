/* The submit door: requests come in, receipts and answers go out. */
#include <stdio.h>

#include "common/clock.h"
#include "services/intake/holders.h"
#include "services/intake/intake.h"
#include "services/intake/reference.h"

#define UNKNOWN_UNIT "unknown" /* told of an account that does not exist */

/* ---- receipts ---- */

static enum metric metric_of(int32_t status) {
    switch (status) {
    case STATUS_STORED:
        return METRIC_EVENTS_STORED;
    case STATUS_DUPLICATE:
        return METRIC_EVENTS_DUPLICATE;
    case STATUS_REJECTED:
        return METRIC_EVENTS_REJECTED;
    case STATUS_CONFLICT:
        return METRIC_EVENTS_CONFLICT;
    default:
        return METRIC_EVENTS_BUSY;
    }
}

void door_answer(struct intake *intake, struct frame *frame) {
    for (uint32_t i = 0; i < frame->count; i++) {
        metrics_add(&intake->service->metrics, metric_of(frame->receipts[i].status), 1);
    }
    /* Who is gone or does not read asks again with the same ids. */
    struct buffer *answer = &intake->answer;
    buffer_clear(answer);
    int result = codec_encode_receipts(frame->receipts, frame->count, answer);
    if (result == 0) {
        struct text bytes = {(const char *)answer->data, (uint32_t)answer->length};
        result = reply_bytes(&frame->to, "receipts", bytes);
    }
    if (result < 0) {
        log_write(&intake->service->log, LOG_LEVEL_DEBUG, "receipts not delivered", "why=%s",
                  error_wire((enum error_code) - result));
    }
    if (frame->held > 0) {
        intake->frames--;
        intake->frame_bytes -= frame->held;
    }
    frame_destroy(&frame);
}

/* The frame waits for a commit. */
static void hold(struct intake *intake, struct frame *frame) {
    frame->held = frame_size(frame);
    intake->frames++;
    intake->frame_bytes += frame->held;
}

/* ---- submit ---- */

static int busy(struct error *error) {
    char limit[24];
    snprintf(limit, sizeof limit, "%d", RETRY_BUSY_MS);
    return error_set(error, ERR_BUSY, (struct error_words){.limit = limit});
}

static int identify(struct intake *intake, const struct request *request, struct identity *identity,
                    struct error *error) {
    int result = identity_of_peer(intake->directory, request->user, identity, error);
    if (result == 0) {
        result = identity_delegate(intake->directory, request->delegate, intake->frame_arena, identity, error);
    }
    return result;
}

/* Gives the frame's events to `decide`, or refuses them all, unread, while there is no room: 0 and `*frame`. */
static int decide_frame(struct intake *intake, const struct identity *identity, struct text payload,
                        const struct reply_to *to, struct frame **frame, struct error *error) {
    bool full = pending_is_full(&intake->pending);
    struct frame_event *events = NULL;
    struct text *views = NULL;
    uint32_t count = 0;
    int result = full ? codec_split_frame(payload, intake->frame_arena, &views, &count, error)
                      : codec_read_frame(payload, intake->frame_arena, &events, &count, error);
    if (result < 0) {
        return result;
    }
    *frame = frame_create(to, count);
    if (!*frame) {
        return busy(error);
    }
    if (!full) {
        decide_events(intake, identity, *frame, events);
    }
    for (uint32_t i = 0; full && i < count; i++) {
        decide_refused(*frame, i, views[i]);
    }
    return 0;
}

static int submit(struct intake *intake, const struct request *request, const struct reply_to *to,
                  struct error *error) {
    if (intake->draining || intake->frame_bytes > intake->pending.limits.bytes) {
        return busy(error);
    }
    struct identity identity;
    struct frame *frame = NULL;
    int result = identify(intake, request, &identity, error);
    if (result == 0) {
        result = decide_frame(intake, &identity, request->payload, to, &frame, error);
    }
    if (!frame) {
        return result;
    }
    if (frame_decided(frame)) {
        door_answer(intake, frame);
    } else {
        hold(intake, frame);
    }
    return 0;
}

/* ---- token ---- */

/* Whose activity it is, or what it is part of: the speaker's, of the unit above, or of squads that hold it together. */
static int may_show(struct intake *intake, const struct identity *identity, const struct id *activity,
                    struct faults *faults) {
    struct admit_lookups lookups = history_lookups(&intake->history);
    struct admit_context context = {.identity = identity, .lookups = &lookups};
    struct known known;
    enum life_state state = STATE_NONE;
    int found = reference_known(&context, activity, EVENT_ACTIVITY_PLANNED, "activity", &known, faults);
    if (found == 1) {
        found = lookups.state(lookups.data, activity, &state);
    }
    if (found <= 0) {
        return found;
    }
    if (state == STATE_activity_CANCELLED) {
        reference_fault(faults, ERR_ALREADY, "activity", "cancelled (已取消)", activity);
        return 0;
    }
    struct text own = text_of(identity->unit);
    struct text unit = text_of(known.unit);
    bool near = path_is_within(unit, own) || path_is_within(own, unit);
    int may = near ? 1 : holders_hold_own(&context, activity);
    if (may == 0) {
        faults_add(faults, ERR_OTHER_UNIT, "activity", identity->unit, unit);
    }
    return may;
}

static void answer_token(const struct intake *intake, const struct id *activity, const struct reply_to *to) {
    char token[TOKEN_TEXT_SIZE];
    int64_t until = token_make(intake->token_key, activity, clock_now(), token);
    struct wire_token_answer answer = {.activity = *activity, .token = text_of(token), .valid_until = until};
    answer.present = shape_of(SHAPE_token_answer)->required_fields;
    reply_shape(to, "token", shape_of(SHAPE_token_answer), &answer);
}

static int token(struct intake *intake, const struct request *request, const struct reply_to *to, struct error *error) {
    struct identity identity;
    struct wire_token_query query;
    int result = identify(intake, request, &identity, error);
    if (result < 0) {
        return result;
    }
    if (role_rank(identity.role) == 0) {
        const char *role = word_wire(KIND_ROLE, (int)identity.role);
        return error_set(error, ERR_NO_RIGHT, (struct error_words){.value = role, .limit = "squad"});
    }
    faults_clear(&intake->faults);
    result = codec_decode(shape_of(SHAPE_token_query), request->payload, intake->frame_arena, &query, &intake->faults);
    if (result < 0) {
        return faults_any(&intake->faults) ? faults_to_error(&intake->faults, error) : busy(error);
    }
    int may = may_show(intake, &identity, &query.activity, &intake->faults);
    if (may < 0) {
        decide_failed(intake);
    }
    if (may == 0) {
        return faults_to_error(&intake->faults, error);
    }
    answer_token(intake, &query.activity, to);
    return 0;
}

/* ---- account, head ---- */

static int account(struct intake *intake, const struct request *request, const struct reply_to *to,
                   struct error *error) {
    struct identity identity;
    int result = identity_of_peer(intake->directory, request->user, &identity, error);
    if (result < 0) {
        return result;
    }
    if (!identity_may_ask(&identity)) {
        const char *role = word_wire(KIND_ROLE, (int)identity.role);
        return error_set(error, ERR_NO_RIGHT, (struct error_words){.value = role, .limit = "office"});
    }
    struct wire_account_query query;
    faults_clear(&intake->faults);
    result =
        codec_decode(shape_of(SHAPE_account_query), request->payload, intake->frame_arena, &query, &intake->faults);
    if (result < 0) {
        return faults_any(&intake->faults) ? faults_to_error(&intake->faults, error) : busy(error);
    }
    const struct member_entry *entry = directory_account(intake->directory, query.account);
    struct wire_account_answer answer = {.account = query.account, .unit = text_of(UNKNOWN_UNIT), .role = ROLE_NONE};
    if (entry && path_is_within(text_of(entry->unit), text_of(identity.unit))) {
        answer.unit = text_of(entry->unit);
        answer.role = (int32_t)entry->role;
    }
    wire_set(&answer.present, FIELD_account_answer_account);
    wire_set(&answer.present, FIELD_account_answer_unit);
    wire_set(&answer.present, FIELD_account_answer_role);
    reply_shape(to, "account", shape_of(SHAPE_account_answer), &answer);
    return 0;
}

static int head(struct intake *intake, const struct reply_to *to) {
    char position[POSITION_TEXT_SIZE];
    position_format(&intake->head, position);
    struct wire_stream_head answer = {.position = text_of(position)};
    wire_set(&answer.present, FIELD_stream_head_position);
    reply_shape(to, "head", shape_of(SHAPE_stream_head), &answer);
    return 0;
}

/* ---- the door ---- */

static void on_request(struct bus_socket *socket, const struct bus_message *message, void *data) {
    struct intake *intake = data;
    struct request request;
    if (!request_parse(socket, message, &request)) {
        return;
    }
    struct reply_to to = request_reply_to(socket, &request);
    struct error error;
    int result = 0;
    arena_reset(intake->frame_arena);
    if (text_equal(request.verb, text_of("submit"))) {
        result = submit(intake, &request, &to, &error);
    } else if (text_equal(request.verb, text_of("account"))) {
        result = account(intake, &request, &to, &error);
    } else if (text_equal(request.verb, text_of("token"))) {
        result = token(intake, &request, &to, &error);
    } else if (text_equal(request.verb, text_of("head"))) {
        result = head(intake, &to);
    } else {
        reply_bad_verb(&to, request.verb, "submit, account, token, head");
    }
    if (result < 0) {
        reply_error(&to, &error, result == -ERR_BUSY ? RETRY_BUSY_MS : 0, NULL);
    }
}

int door_open(struct intake *intake, struct error *error) {
    return bus_bind(intake->service->bus, EDGE_SUBMIT, on_request, intake, &intake->door, error);
}
