/* The totals door: questions come in, answers go out. */
#include <stdio.h>

#include "services/aggregator/aggregator.h"

#define ANSWER_ROOM 1024 /* of the largest frame, for what stands around an answer */

/* What stands behind a verb: reads its own query, gives its own answer. */
struct door_verb {
    const char *verb;
    enum shape_index query;
    enum shape_index answer;
    door_answer make;
};

static const struct door_verb verbs[] = {
#define ASK(verb, query, answer, make) {verb, SHAPE_##query, SHAPE_##answer, make},
#include "services/aggregator/door.def"
#undef ASK
};

static const struct door_verb *find_verb(struct text verb) {
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
        if (text_equal(verb, text_of(verbs[i].verb))) {
            return &verbs[i];
        }
    }
    return NULL;
}

/* The query as a struct of its shape, in the question's arena; NULL with `error`. */
static void *read_query(struct aggregator *aggregator, const struct door_verb *verb, struct text payload,
                        struct error *error) {
    arena_reset(aggregator->question_arena);
    void *query = arena_alloc(aggregator->question_arena, shape_of(verb->query)->size);
    if (!query) {
        error_set(error, ERR_NO_MEMORY, (struct error_words){0});
        return NULL;
    }
    return payload_read(verb->query, payload, aggregator->question_arena, query, error) == 0 ? query : NULL;
}

/* An answer that no frame holds is refused: the peer would close the connection. */
static int too_large(const struct aggregator *aggregator, size_t bytes, struct error *error) {
    char value[64];
    char limit[64];
    snprintf(value, sizeof value, "%zu bytes (ask for a shorter time or less detail)", bytes);
    snprintf(limit, sizeof limit, "what fits into %lld bytes",
             (long long)config_int(aggregator->service->config, SETTING_MESSAGE_MAX));
    return error_set(error, ERR_TOO_MANY, (struct error_words){.field = "rows", .value = value, .limit = limit});
}

static int make_answer(struct aggregator *aggregator, const struct door_verb *verb, const void *query,
                       struct error *error) {
    void *answer = arena_alloc(aggregator->question_arena, shape_of(verb->answer)->size);
    if (!answer) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    memset(answer, 0, shape_of(verb->answer)->size);
    int result = verb->make(aggregator, query, answer, error);
    if (result < 0) {
        return result;
    }
    buffer_clear(&aggregator->answer);
    if (codec_encode(shape_of(verb->answer), answer, &aggregator->answer) < 0) {
        return too_large(aggregator, arena_used(aggregator->question_arena), error);
    }
    size_t limit = (size_t)config_int(aggregator->service->config, SETTING_MESSAGE_MAX) - ANSWER_ROOM;
    return aggregator->answer.length <= limit ? 0 : too_large(aggregator, aggregator->answer.length, error);
}

/* A question whose position is folded. */
static void answer_question(void *data, const struct request *request, const struct reply_to *to) {
    struct aggregator *aggregator = data;
    const struct door_verb *verb = find_verb(request->verb);
    struct error error;
    void *query = read_query(aggregator, verb, request->payload, &error);
    int result = query ? make_answer(aggregator, verb, query, &error) : -1;
    metrics_add(&aggregator->service->metrics, METRIC_QUESTIONS, 1);
    if (result < 0) {
        waitings_refuse(&aggregator->waitings, to, &error);
        return;
    }
    const struct buffer *answer = &aggregator->answer;
    reply_bytes(to, verb->verb, (struct text){(const char *)answer->data, (uint32_t)answer->length});
}

/* ---- requests ---- */

/* The position that the question asks for, if it does. */
static int read_at_least(const struct door_verb *verb, const void *query, struct position *wanted,
                         struct error *error) {
    const struct shape *shape = shape_of(verb->query);
    int index = shape_find(shape, text_of("at_least"), 0);
    uint64_t present;
    struct text text;
    memcpy(&present, query, sizeof present);
    if (index < 0 || !wire_has(present, (unsigned)index)) {
        return 0;
    }
    memcpy(&text, (const char *)query + shape->fields[index].offset, sizeof text);
    return position_parse(text, wanted, error);
}

/* A question is answered at once unless it asks for a position that is not folded. */
static int ask(struct aggregator *aggregator, const struct door_verb *verb, const struct request *request,
               const struct reply_to *to, struct error *error) {
    struct position wanted = {0};
    void *query = read_query(aggregator, verb, request->payload, error);
    if (!query || read_at_least(verb, query, &wanted, error) < 0) {
        return -1;
    }
    return waitings_ask(&aggregator->waitings, request, to, &wanted, answer_question, error);
}

static void on_request(struct bus_socket *socket, const struct bus_message *message, void *data) {
    struct aggregator *aggregator = data;
    struct request request;
    if (!request_parse(socket, message, &request)) {
        return;
    }
    struct reply_to to = request_reply_to(socket, &request);
    const struct door_verb *verb = find_verb(request.verb);
    struct error error;
    if (verb) {
        if (ask(aggregator, verb, &request, &to, &error) < 0) {
            waitings_refuse(&aggregator->waitings, &to, &error);
        }
    } else if (text_equal(request.verb, text_of("head"))) {
        progress_reply_head(&aggregator->progress, &to);
    } else {
        reply_bad_verb(&to, request.verb, "a question of the totals door (see the reference), head");
    }
}

int door_open(struct aggregator *aggregator, struct error *error) {
    return bus_bind(aggregator->service->bus, EDGE_TOTALS, on_request, aggregator, &aggregator->door, error);
}
