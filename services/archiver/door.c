/* The record door: questions come in; those whose position is folded go to the desk. */
#include "services/archiver/archiver.h"

static void answer(void *data, const struct request *request, const struct reply_to *to) {
    desk_ask(data, request, to);
}

/* Nobody waits for a commit that is due later. */
static int ask(struct archiver *archiver, const struct request *request, const struct reply_to *to,
               const struct position *wanted, struct error *error) {
    struct position own;
    struct hash hash;
    record_place(archiver->record, &own, &hash);
    if (wanted->seq > own.seq) {
        stream_keep(archiver);
    }
    return waitings_ask(&archiver->waitings, request, to, wanted, answer, error);
}

/* Each is read here too, so that what is wrong with it is told at once. */
static int reports(struct archiver *archiver, const struct request *request, const struct reply_to *to,
                   struct error *error) {
    struct position wanted = {0};
    int result = question_read(&archiver->question, request->payload, archiver->key, archiver->question_arena, error);
    if (result == 0) {
        result = question_position(&archiver->question, &wanted, error);
    }
    return result < 0 ? result : ask(archiver, request, to, &wanted, error);
}

static int report(struct archiver *archiver, const struct request *request, const struct reply_to *to,
                  struct error *error) {
    struct wire_report_query query;
    struct position wanted = {0};
    int result = question_read_one(&query, request->payload, archiver->question_arena, error);
    if (result == 0 && wire_has(query.present, FIELD_report_query_at_least)) {
        result = position_parse(query.at_least, &wanted, error);
    }
    return result < 0 ? result : ask(archiver, request, to, &wanted, error);
}

/* Questions about people: read here for what is wrong, and for the position. */
static int volunteers(struct archiver *archiver, const struct request *request, const struct reply_to *to,
                      struct error *error) {
    struct wire_volunteers_query query = {0};
    struct position wanted = {0};
    int result = payload_read(SHAPE_volunteers_query, request->payload, archiver->question_arena, &query, error);
    if (result == 0 && wire_has(query.present, FIELD_volunteers_query_at_least)) {
        result = position_parse(query.at_least, &wanted, error);
    }
    return result < 0 ? result : ask(archiver, request, to, &wanted, error);
}

static int remarks(struct archiver *archiver, const struct request *request, const struct reply_to *to,
                   struct error *error) {
    struct wire_remarks_query query = {0};
    struct position wanted = {0};
    int result = payload_read(SHAPE_remarks_query, request->payload, archiver->question_arena, &query, error);
    if (result == 0 && wire_has(query.present, FIELD_remarks_query_at_least)) {
        result = position_parse(query.at_least, &wanted, error);
    }
    return result < 0 ? result : ask(archiver, request, to, &wanted, error);
}

static void on_request(struct bus_socket *socket, const struct bus_message *message, void *data) {
    struct archiver *archiver = data;
    struct request request;
    if (!request_parse(socket, message, &request)) {
        return;
    }
    struct reply_to to = request_reply_to(socket, &request);
    struct error error;
    int result = 0;
    arena_reset(archiver->question_arena);
    if (text_equal(request.verb, text_of("reports"))) {
        result = reports(archiver, &request, &to, &error);
    } else if (text_equal(request.verb, text_of("report"))) {
        result = report(archiver, &request, &to, &error);
    } else if (text_equal(request.verb, text_of("volunteers"))) {
        result = volunteers(archiver, &request, &to, &error);
    } else if (text_equal(request.verb, text_of("remarks"))) {
        result = remarks(archiver, &request, &to, &error);
    } else if (text_equal(request.verb, text_of("head"))) {
        progress_reply_head(&archiver->progress, &to);
    } else {
        reply_bad_verb(&to, request.verb, "reports, report, volunteers, remarks, head");
    }
    if (result < 0) {
        waitings_refuse(&archiver->waitings, &to, &error);
    }
}

int door_open(struct archiver *archiver, struct error *error) {
    return bus_bind(archiver->service->bus, EDGE_RECORD, on_request, archiver, &archiver->door, error);
}
