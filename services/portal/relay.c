/* Asking on behalf of an exchange. */
#include "services/portal/relay.h"

#include "proto/json.h"

/* A question without its payload. */
static struct call_question begin(const struct exchange *exchange, const char *verb) {
    return (struct call_question){.verb = verb,
                                  .timeout_ms = config_int(exchange->portal->service->config, SETTING_CALL_MS),
                                  .asker = exchange_asker(exchange)};
}

static void ask(struct caller *caller, struct call_question *call, enum shape_index shape, const void *question,
                call_done done, void *data) {
    struct buffer payload = {0};
    codec_encode(shape_of(shape), question, &payload);
    call->payload = (struct text){(const char *)payload.data, (uint32_t)payload.length};
    call_ask(caller, call, done, data);
    buffer_free(&payload);
}

void relay_send(struct exchange *exchange, struct caller *caller, const char *verb, enum shape_index shape,
                const void *question, call_done done, void *data) {
    struct call_question call = begin(exchange, verb);
    ask(caller, &call, shape, question, done, data);
}

bool relay_take(struct exchange *exchange, const struct call_result *result, enum shape_index shape, void *answer) {
    struct faults faults = {0};
    if (result->error.code != ERR_OK) {
        exchange_fail_call(exchange, result);
        return false;
    }
    if (codec_decode(shape_of(shape), result->payload, exchange->arena, answer, &faults) < 0) {
        struct error error;
        error_setf(&error, ERR_INTERNAL, "the answer to a question (%s) cannot be read", shape_of(shape)->name);
        exchange_fail(exchange, &error);
        return false;
    }
    return true;
}

/* A question under way; in the exchange's arena. */
struct waiting {
    struct exchange *exchange;
    enum shape_index shape;
    void *answer;
};

static void answered(const struct call_result *result, void *data) {
    struct waiting *waiting = data;
    if (relay_take(waiting->exchange, result, waiting->shape, waiting->answer)) {
        exchange_answer_shape(waiting->exchange, 200, waiting->shape, waiting->answer);
    }
}

static void ask_and_answer(struct exchange *exchange, const struct relay *relay, const void *question,
                           struct call_question *call) {
    struct waiting *waiting = arena_alloc(exchange->arena, sizeof *waiting);
    void *answer = arena_alloc(exchange->arena, shape_of(relay->answer)->size);
    if (!waiting || !answer) {
        struct error error;
        error_set(&error, ERR_NO_MEMORY, (struct error_words){0});
        exchange_fail(exchange, &error);
        return;
    }
    *waiting = (struct waiting){exchange, relay->answer, answer};
    ask(relay->caller, call, relay->question, question, answered, waiting);
}

void relay_ask(struct exchange *exchange, const struct relay *relay, const void *question) {
    struct call_question call = begin(exchange, relay->verb);
    ask_and_answer(exchange, relay, question, &call);
}

void relay_ask_within(struct exchange *exchange, const struct relay *relay, const void *question, int64_t wait_ms) {
    struct call_question call = begin(exchange, relay->verb);
    call.timeout_ms = wait_ms;
    ask_and_answer(exchange, relay, question, &call);
}

void relay_ask_read(struct exchange *exchange, const struct relay *relay,
                    int (*read)(const struct exchange *exchange, const struct shape *shape, void *question,
                                struct error *error)) {
    const struct shape *shape = shape_of(relay->question);
    void *question = arena_alloc(exchange->arena, shape->size);
    struct error error;
    int result =
        question ? read(exchange, shape, question, &error) : error_set(&error, ERR_NO_MEMORY, (struct error_words){0});
    if (result < 0) {
        exchange_fail(exchange, &error);
    } else {
        relay_ask(exchange, relay, question);
    }
}
