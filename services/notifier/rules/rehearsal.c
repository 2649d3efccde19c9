/* The rehearsal. */
#include "services/notifier/rules/rehearsal.h"

#include <stdio.h>

#include "common/clock.h"
#include "proto/validate.h"
#include "services/notifier/notifier.h"
#include "services/notifier/rights.h"
#include "services/notifier/rules/values.h"

#define TRIAL_MS 60000
#define QUESTION_MS 10000
#define CREDIT_BLOCKS 16
#define MS_PER_DAY INT64_C(86400000)

/* ---- the end ---- */

static void end(struct rehearsal *rehearsal) {
    if (rehearsal->consumer) {
        consumer_close(&rehearsal->consumer);
    }
    trial_end(&rehearsal->trial);
    rehearsal->busy = false;
}

static void give_up(struct rehearsal *rehearsal, const struct error *error) {
    waitings_refuse(&rehearsal->notifier->waitings, &rehearsal->to, error);
    end(rehearsal);
}

static void answer(struct rehearsal *rehearsal) {
    struct trial *trial = &rehearsal->trial;
    char as_of[POSITION_TEXT_SIZE];
    position_format(&rehearsal->position, as_of);
    struct wire_trial_answer wire = {
        .as_of = text_of(as_of), .rows = {trial->rows, trial->count}, .left_out = trial->left_out};
    wire_set(&wire.present, FIELD_trial_answer_as_of);
    wire_set(&wire.present, FIELD_trial_answer_rows);
    wire.present |= trial->left_out > 0 ? UINT64_C(1) << FIELD_trial_answer_left_out : 0;
    reply_shape(&rehearsal->to, "try", shape_of(SHAPE_trial_answer), &wire);
    end(rehearsal);
}

/* ---- questions ---- */

static void ask(struct rehearsal *rehearsal);

static int take_answer(struct rehearsal *rehearsal, struct text payload, struct error *error) {
    const struct shape *shape = shape_of(rehearsal->trial.question.answer);
    struct faults faults = {0};
    arena_reset(rehearsal->answer_arena);
    void *value = arena_alloc(rehearsal->answer_arena, shape->size);
    int result = value ? codec_decode(shape, payload, rehearsal->answer_arena, value, &faults) : -(int)ERR_NO_MEMORY;
    if (result < 0) {
        return faults_any(&faults) ? faults_to_error(&faults, error)
                                   : error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    return trial_answer(&rehearsal->trial, value, error);
}

static void on_answer(const struct call_result *result, void *data) {
    struct rehearsal *rehearsal = data;
    struct error error = result->error;
    rehearsal->asking = false;
    if (!rehearsal->busy) {
        return; /* it was given up meanwhile */
    }
    if (error.code != ERR_OK || take_answer(rehearsal, result->payload, &error) < 0) {
        give_up(rehearsal, &error);
    } else {
        ask(rehearsal);
    }
}

static void ask(struct rehearsal *rehearsal) {
    struct error error = {0};
    int result = trial_question(&rehearsal->trial, &rehearsal->payload, &error);
    if (result < 0) {
        give_up(rehearsal, &error);
    } else if (result == 0) {
        answer(rehearsal);
    } else {
        struct text payload = {(const char *)rehearsal->payload.data, (uint32_t)rehearsal->payload.length};
        rehearsal->asking = true;
        call_send(rehearsal->caller, rehearsal->trial.question.verb, payload, (struct text){0}, QUESTION_MS, on_answer,
                  rehearsal);
    }
}

/* ---- the journal ---- */

/* The journal is folded as far as the month goes. */
static void turn_to_questions(struct rehearsal *rehearsal) {
    struct error error = {0};
    consumer_close(&rehearsal->consumer);
    if (trial_folded(&rehearsal->trial, &error) < 0) {
        give_up(rehearsal, &error);
    } else {
        ask(rehearsal);
    }
}

static int on_block(void *data, const struct journal_block *block, const struct position *after, struct error *error) {
    struct rehearsal *rehearsal = data;
    int result = trial_block(&rehearsal->trial, block, after, error);
    if (result < 0) {
        return result;
    }
    rehearsal->position = result == 0 ? *after : rehearsal->position;
    if (result == 1 || (rehearsal->head.seq > 0 && after->seq >= rehearsal->head.seq)) {
        turn_to_questions(rehearsal);
    }
    return 0;
}

static void on_head(void *data, const struct position *head, bool connected) {
    struct rehearsal *rehearsal = data;
    if (!connected || rehearsal->head.seq > 0) {
        return; /* up to the head as it was at the beginning */
    }
    rehearsal->head = *head;
    if (rehearsal->consumer && rehearsal->position.seq >= head->seq) {
        turn_to_questions(rehearsal);
    }
}

static void on_stopped(void *data, const struct error *error) {
    give_up(data, error);
}

static int follow(struct rehearsal *rehearsal, struct error *error) {
    struct service *service = rehearsal->notifier->service;
    struct consumer_options options = {
        .bus = service->bus,
        .loop = service->loop,
        .log = &service->log,
        .side = true,
        .credit = CREDIT_BLOCKS,
        .block = on_block,
        .stopped = on_stopped,
        .head = on_head,
        .data = rehearsal,
    };
    return consumer_open(&rehearsal->consumer, &options, error);
}

/* ---- what is tried ---- */

/* A rule that is not set: as intake would judge it. */
static int judge(struct rehearsal *rehearsal, const struct wire_rule *rule, struct text unit, struct error *error) {
    struct faults faults = {0};
    union event_body *body = arena_alloc(rehearsal->rule_arena, sizeof *body);
    const char *path = arena_copy(rehearsal->rule_arena, unit.data, unit.length);
    if (!body || !path) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    body->rule = *rule;
    rehearsal->rule = (struct event){
        .id = {{1}}, .type = EVENT_RULE_SET, .unit = {path, unit.length}, .has_side = true, .body = body};
    validate_event(&rehearsal->rule, &faults);
    return faults_any(&faults) ? faults_to_error(&faults, error) : 0;
}

static int take_set_rule(struct rehearsal *rehearsal, struct text name, struct text within, struct error *error) {
    struct rulebook *rulebook = &rehearsal->notifier->store.rulebook;
    int result = rulebook_read(rulebook, error);
    const struct rule *rule = result < 0 ? NULL : rulebook_find(rulebook, name);
    if (!rule || !path_is_within(rule->unit, within)) {
        char value[80];
        snprintf(value, sizeof value, "rule %.*s", (int)name.length, name.data);
        return result < 0 ? result : error_set(error, ERR_NOT_FOUND, (struct error_words){.value = value});
    }
    /* Its own copy: the rulebook may change meanwhile. */
    struct buffer bytes = {0};
    struct faults faults = {0};
    union event_body body = {.rule = *rule->body};
    body.rule.off = false;
    struct event event = {
        .id = rule->id, .type = EVENT_RULE_SET, .unit = rule->unit, .at = 1, .has_side = true, .body = &body};
    result = codec_encode_event(&event, PART_CLIENT, &bytes);
    const char *kept = result == 0 ? arena_copy(rehearsal->rule_arena, bytes.data, bytes.length) : NULL;
    uint32_t length = (uint32_t)bytes.length;
    buffer_free(&bytes);
    if (!kept) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    result = codec_decode_event((struct text){kept, length}, rehearsal->rule_arena, &rehearsal->rule, &faults);
    return result < 0 ? faults_to_error(&faults, error) : 0;
}

static int take_rule(struct rehearsal *rehearsal, const struct wire_trial_query *query, struct text within,
                     struct error *error) {
    if (query->definition.count > 0) {
        return judge(rehearsal, query->definition.items, within, error);
    }
    if (query->rule.length > 0) {
        return take_set_rule(rehearsal, query->rule, within, error);
    }
    return error_set(error, ERR_MISSING, (struct error_words){.field = "rule"});
}

/* Of its own copy: the request's frame is gone long before the trial is over. */
static int read_query(struct rehearsal *rehearsal, struct text payload, struct wire_trial_query *query,
                      struct error *error) {
    arena_reset(rehearsal->rule_arena);
    const char *kept = arena_copy(rehearsal->rule_arena, payload.data, payload.length);
    struct text copy = {kept, payload.length};
    return kept ? payload_read(SHAPE_trial_query, copy, rehearsal->rule_arena, query, error)
                : error_set(error, ERR_NO_MEMORY, (struct error_words){0});
}

static int64_t start_of(int32_t month) {
    return values_time_of(day_from(1970 + month / 12, month % 12 + 1, 1), 0);
}

static int start(struct rehearsal *rehearsal, const struct request *request, struct error *error) {
    struct notifier *notifier = rehearsal->notifier;
    struct rights rights;
    struct wire_trial_query query = {0};
    int result = rights_of(&notifier->store.clients, request->user, &rights, error);
    result = result < 0 ? result : rights_check(&rights, ASK_PREVIEW, error);
    result = result < 0 ? result : read_query(rehearsal, request->payload, &query, error);
    if (result < 0) {
        return result;
    }
    struct text within = query.within;
    result = rights_within(&rights, &within, error);
    result = result < 0 ? result : take_rule(rehearsal, &query, within, error);
    if (result < 0) {
        return result;
    }
    int64_t to = start_of(query.month + 1);
    int64_t now = notifier_now(notifier);
    result = trial_begin(&rehearsal->trial, notifier->service->state_dir, &rehearsal->rule, start_of(query.month),
                         to < now ? to : now, &notifier->service->log, error);
    return result < 0 ? result : follow(rehearsal, error);
}

void rehearsal_take(struct notifier *notifier, const struct request *request, const struct reply_to *to) {
    struct rehearsal *rehearsal = &notifier->rehearsal;
    struct error error = {0};
    if (rehearsal->busy || rehearsal->asking || notifier->draining) {
        error_set(&error, ERR_BUSY, (struct error_words){.limit = "1000"});
        waitings_refuse(&notifier->waitings, to, &error);
        return;
    }
    rehearsal->busy = true;
    rehearsal->to = *to;
    rehearsal->position = (struct position){0};
    rehearsal->head = (struct position){0};
    rehearsal->until = clock_monotonic_us() / 1000 + TRIAL_MS;
    if (start(rehearsal, request, &error) < 0) {
        give_up(rehearsal, &error);
    }
}

void rehearsal_tick(struct notifier *notifier) {
    struct rehearsal *rehearsal = &notifier->rehearsal;
    if (rehearsal->busy && clock_monotonic_us() / 1000 > rehearsal->until) {
        struct error error = {0};
        error_set(&error, ERR_TIMED_OUT, (struct error_words){.value = "the trial", .limit = "60000"});
        give_up(rehearsal, &error);
    }
}

/* ---- life ---- */

int rehearsal_open(struct notifier *notifier, struct error *error) {
    struct rehearsal *rehearsal = &notifier->rehearsal;
    rehearsal->notifier = notifier;
    rehearsal->rule_arena = arena_create(SIZE_MAX);
    rehearsal->answer_arena = arena_create(SIZE_MAX);
    if (!rehearsal->rule_arena || !rehearsal->answer_arena) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    return caller_open(&rehearsal->caller, notifier->service->bus, notifier->service->loop, EDGE_TOTALS, error);
}

void rehearsal_close(struct notifier *notifier) {
    struct rehearsal *rehearsal = &notifier->rehearsal;
    struct error error = {0};
    if (rehearsal->busy) {
        error_set(&error, ERR_BUSY, (struct error_words){.limit = "1000"});
        give_up(rehearsal, &error);
    }
    if (rehearsal->caller) {
        caller_close(&rehearsal->caller);
    }
    buffer_free(&rehearsal->payload);
    arena_destroy(&rehearsal->rule_arena);
    arena_destroy(&rehearsal->answer_arena);
}
