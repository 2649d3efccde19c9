/* The totals door: questions come in, answers go out. */
#include <stddef.h>
#include <stdio.h>

#include "services/aggregator/agenda/completeness.h"
#include "services/aggregator/aggregator.h"
#include "services/aggregator/answer.h"
#include "services/aggregator/drill.h"

#define ANSWER_ROOM 1024 /* of the largest frame, for what stands around an answer */

union query {
    struct wire_totals_query totals;
    struct wire_completeness_query completeness;
};

static int read_query(struct aggregator *aggregator, enum shape_index shape, struct text payload, union query *query,
                      struct error *error) {
    struct faults faults;
    faults_clear(&faults);
    arena_reset(aggregator->question_arena);
    int result = codec_decode(shape_of(shape), payload, aggregator->question_arena, query, &faults);
    if (result < 0 && faults_any(&faults)) {
        return faults_to_error(&faults, error);
    }
    return result < 0 ? error_set(error, ERR_NO_MEMORY, (struct error_words){0}) : 0;
}

/* An answer that no frame holds is refused: the peer would close the connection. */
static int too_large(const struct aggregator *aggregator, size_t bytes, struct error *error) {
    char value[64];
    char limit[64];
    snprintf(value, sizeof value, "%u, %zu bytes (ask for a shorter time or less detail)", aggregator->rows.count,
             bytes);
    snprintf(limit, sizeof limit, "what fits into %lld bytes",
             (long long)config_int(aggregator->service->config, SETTING_MESSAGE_MAX));
    return error_set(error, ERR_TOO_MANY, (struct error_words){.field = "rows", .value = value, .limit = limit});
}

static int make_answer(struct aggregator *aggregator, const union query *asked, struct error *error) {
    const struct wire_totals_query *query = &asked->totals;
    struct question question;
    struct wire_totals_answer answer;
    int result = question_read(aggregator->tally, query, &question, error);
    if (result == 0) {
        result = rows_collect(&aggregator->rows, aggregator->tally, &question, error);
    }
    if (result == 0 && question.comparison != COMPARE_NOT) {
        struct question before = question_before(&question);
        result = rows_collect(&aggregator->before, aggregator->tally, &before, error);
    }
    if (result < 0) {
        return result;
    }
    buffer_clear(&aggregator->answer);
    if (answer_make(aggregator->tally, &question, &aggregator->rows, &aggregator->before, aggregator->question_arena,
                    &answer) < 0 ||
        codec_encode(shape_of(SHAPE_totals_answer), &answer, &aggregator->answer) < 0) {
        return too_large(aggregator, arena_used(aggregator->question_arena), error);
    }
    size_t limit = (size_t)config_int(aggregator->service->config, SETTING_MESSAGE_MAX) - ANSWER_ROOM;
    return aggregator->answer.length <= limit ? 0 : too_large(aggregator, aggregator->answer.length, error);
}

static int make_drill(struct aggregator *aggregator, const union query *asked, struct error *error) {
    const struct wire_totals_query *query = &asked->totals;
    struct question question;
    struct wire_drill_answer answer;
    int result = question_read(aggregator->tally, query, &question, error);
    struct drill *drill = arena_alloc(aggregator->question_arena, sizeof *drill);
    if (result == 0) {
        result = drill ? drill_read(query, drill, error) : error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    if (result < 0) {
        return result;
    }
    buffer_clear(&aggregator->answer);
    if (drill_collect(drill, &aggregator->rows, aggregator->tally, &question) < 0 ||
        drill_answer(drill, aggregator->tally, &question, aggregator->question_arena, &answer) < 0 ||
        codec_encode(shape_of(SHAPE_drill_answer), &answer, &aggregator->answer) < 0) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    return 0;
}

static int encode(struct aggregator *aggregator, enum shape_index shape, const void *answer, struct error *error) {
    buffer_clear(&aggregator->answer);
    return codec_encode(shape_of(shape), answer, &aggregator->answer) < 0
               ? error_set(error, ERR_NO_MEMORY, (struct error_words){0})
               : 0;
}

static int collect_owed(struct aggregator *aggregator, const union query *asked, struct completeness *completeness,
                        struct error *error) {
    int result = completeness_read(aggregator->tally, &asked->completeness, completeness, error);
    if (result == 0 && completeness_collect(completeness, &aggregator->rows, aggregator->tally) < 0) {
        result = error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    return result;
}

static int make_completeness(struct aggregator *aggregator, const union query *asked, struct error *error) {
    struct completeness completeness = {0};
    struct wire_completeness_answer answer;
    int result = collect_owed(aggregator, asked, &completeness, error);
    if (result == 0) {
        result = completeness_answer(&completeness, &aggregator->rows, aggregator->tally, aggregator->question_arena,
                                     &answer, error);
    }
    completeness_free(&completeness);
    return result < 0 ? result : encode(aggregator, SHAPE_completeness_answer, &answer, error);
}

static int make_missing(struct aggregator *aggregator, const union query *asked, struct error *error) {
    struct completeness completeness = {0};
    struct wire_missing_answer answer;
    int result = collect_owed(aggregator, asked, &completeness, error);
    if (result == 0) {
        result = missing_answer(&completeness, &aggregator->rows, aggregator->tally, aggregator->question_arena,
                                &answer, error);
    }
    completeness_free(&completeness);
    return result < 0 ? result : encode(aggregator, SHAPE_missing_answer, &answer, error);
}

/* ---- requests ---- */

/* What is asked at the door beside the head; each is answered when the position that it names is folded. */
struct asked {
    const char *verb;
    enum shape_index shape;
    unsigned at_least; /* the field of that name, and where it stands */
    size_t offset;
    int (*make)(struct aggregator *aggregator, const union query *query, struct error *error);
};

#define ASKED(verb, shape, make) \
    { verb, SHAPE_##shape, FIELD_##shape##_at_least, offsetof(struct wire_##shape, at_least), make }

static const struct asked asked[] = {
    ASKED("totals", totals_query, make_answer),
    ASKED("drill", totals_query, make_drill),
    ASKED("completeness", completeness_query, make_completeness),
    ASKED("missing", completeness_query, make_missing),
};

static const struct asked *asked_by(struct text verb) {
    for (size_t i = 0; i < sizeof asked / sizeof *asked; i++) {
        if (text_equal(verb, text_of(asked[i].verb))) {
            return &asked[i];
        }
    }
    return NULL;
}

/* A question whose position is folded. */
static void answer_question(void *data, const struct request *request, const struct reply_to *to) {
    struct aggregator *aggregator = data;
    const struct asked *question = asked_by(request->verb);
    union query query;
    struct error error;
    int result = read_query(aggregator, question->shape, request->payload, &query, &error);
    if (result == 0) {
        result = question->make(aggregator, &query, &error);
    }
    metrics_add(&aggregator->service->metrics, METRIC_QUESTIONS, 1);
    if (result < 0) {
        waitings_refuse(&aggregator->waitings, to, &error);
        return;
    }
    const struct buffer *answer = &aggregator->answer;
    reply_bytes(to, question->verb, (struct text){(const char *)answer->data, (uint32_t)answer->length});
}

/* A question is answered at once unless it asks for a position that is not folded. */
static int ask(struct aggregator *aggregator, const struct asked *question, const struct request *request,
               const struct reply_to *to, struct error *error) {
    union query query;
    struct position wanted = {0};
    int result = read_query(aggregator, question->shape, request->payload, &query, error);
    uint64_t present = 0;
    struct text at_least = {0};
    memcpy(&present, &query, sizeof present); /* the first member of every shape's struct */
    if (result == 0 && wire_has(present, question->at_least)) {
        memcpy(&at_least, (const char *)&query + question->offset, sizeof at_least);
        result = position_parse(at_least, &wanted, error);
    }
    if (result < 0) {
        return result;
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
    struct error error;
    const struct asked *question = asked_by(request.verb);
    if (question) {
        if (ask(aggregator, question, &request, &to, &error) < 0) {
            waitings_refuse(&aggregator->waitings, &to, &error);
        }
    } else if (text_equal(request.verb, text_of("head"))) {
        progress_reply_head(&aggregator->progress, &to);
    } else {
        reply_bad_verb(&to, request.verb, "totals, drill, completeness, missing, head");
    }
}

int door_open(struct aggregator *aggregator, struct error *error) {
    return bus_bind(aggregator->service->bus, EDGE_TOTALS, on_request, aggregator, &aggregator->door, error);
}
