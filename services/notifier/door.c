/* The outbox door: questions come in, answers go out; reports of gateways come in. */
#include "services/notifier/notifier.h"
#include "services/notifier/question.h"
#include "services/notifier/rights.h"

#define AGAIN_MS 1000

void notifier_refuse(const struct notifier *notifier, const struct reply_to *to, const struct error *error) {
    char as_of[POSITION_TEXT_SIZE];
    position_format(&notifier->store.position, as_of);
    reply_error(to, error, error_http(error->code) == 503 ? AGAIN_MS : 0, as_of);
}

static void answer(void *data, const struct request *request, const struct reply_to *to) {
    struct notifier *notifier = data;
    struct text bytes;
    struct error error = {0};
    const struct question *question = question_of(request->verb);
    int result = question_answer(notifier, question, request->user, request->payload, &bytes, &error);
    metrics_add(&notifier->service->metrics, METRIC_QUESTIONS, 1);
    if (result < 0) {
        waitings_refuse(&notifier->waitings, to, &error);
    } else {
        reply_bytes(to, question_verb(question), bytes);
    }
}

/* A question is answered at once unless it asks for a position that is not folded. */
static int ask(struct notifier *notifier, const struct question *question, const struct request *request,
               const struct reply_to *to, struct error *error) {
    struct position wanted;
    int result = question_wanted(notifier, question, request->payload, &wanted, error);
    return result < 0 ? result : waitings_ask(&notifier->waitings, request, to, &wanted, answer, error);
}

/* What comes in through the portal's hooks. */
static int take_hook(struct notifier *notifier, const struct request *request, const struct reply_to *to,
                     void (*take)(struct notifier *notifier, const struct request *request, const struct reply_to *to),
                     struct error *error) {
    struct rights rights;
    int result = rights_of(&notifier->store.clients, request->user, &rights, error);
    result = result < 0 ? result : rights_check(&rights, ASK_REPORT, error);
    if (result == 0) {
        take(notifier, request, to);
    }
    return result;
}

static void on_request(struct bus_socket *socket, const struct bus_message *message, void *data) {
    struct notifier *notifier = data;
    struct request request;
    if (!request_parse(socket, message, &request)) {
        return;
    }
    struct reply_to to = request_reply_to(socket, &request);
    struct error error = {0};
    const struct question *question = question_of(request.verb);
    int result = 0;
    if (question) {
        result = ask(notifier, question, &request, &to, &error);
    } else if (text_equal(request.verb, text_of("delivered"))) {
        result = take_hook(notifier, &request, &to, report_take, &error);
    } else if (text_equal(request.verb, text_of("reported"))) {
        result = take_hook(notifier, &request, &to, push_take, &error);
    } else if (text_equal(request.verb, text_of("incoming"))) {
        result = take_hook(notifier, &request, &to, incoming_take, &error);
    } else if (text_equal(request.verb, text_of("confirm"))) {
        result = take_hook(notifier, &request, &to, confirm_take, &error);
    } else if (text_equal(request.verb, text_of("try"))) {
        rehearsal_take(notifier, &request, &to);
    } else if (text_equal(request.verb, text_of("head"))) {
        progress_reply_head(&notifier->progress, &to);
    } else {
        reply_bad_verb(&to, request.verb,
                       "notices, missed, notice, preview, rules, try, delivered, reported, incoming, confirm, head");
    }
    if (result < 0) {
        waitings_refuse(&notifier->waitings, &to, &error);
    }
}

int door_open(struct notifier *notifier, struct error *error) {
    return bus_bind(notifier->service->bus, EDGE_OUTBOX, on_request, notifier, &notifier->door, error);
}
