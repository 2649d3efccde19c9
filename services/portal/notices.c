/* Notices: those that reach one's unit, what became of each message, whom one in the making would reach. */
#include "proto/json.h"
#include "services/portal/exchange.h"
#include "services/portal/parameters.h"
#include "services/portal/problem.h"
#include "services/portal/relay.h"

static const char *const no_more[] = {NULL};

void route_notices(struct exchange *exchange) {
    const struct relay relay = {exchange->portal->outbox, "notices", SHAPE_notices_query, SHAPE_notices_answer};
    struct wire_notices_query query;
    struct error error;
    if (parameters_read(&exchange->target, shape_of(SHAPE_notices_query), no_more, &query, &error) < 0) {
        exchange_fail(exchange, &error);
        return;
    }
    /* A squad sees its own words again; those of all stand in each notice, for the office. */
    query.side = exchange->principal.role == ROLE_SQUAD;
    query.within = text_of(exchange->principal.unit);
    wire_set(&query.present, FIELD_notices_query_side);
    wire_set(&query.present, FIELD_notices_query_within);
    relay_ask(exchange, &relay, &query);
}

static int read_notice_query(const struct exchange *exchange, struct wire_notice_query *query, struct error *error) {
    int result = parameters_read(&exchange->target, shape_of(SHAPE_notice_query), no_more, query, error);
    if (result < 0) {
        return result;
    }
    if (!id_parse(exchange->segment, &query->id)) {
        return problem_error(error, ERR_NOT_FOUND, "", "", exchange->target.path);
    }
    /* Whom it reached by name and number is the office's to see. */
    query->side = exchange->principal.role >= ROLE_OFFICE;
    query->within = text_of(exchange->principal.unit);
    wire_set(&query->present, FIELD_notice_query_id);
    wire_set(&query->present, FIELD_notice_query_side);
    wire_set(&query->present, FIELD_notice_query_within);
    return 0;
}

void route_notice(struct exchange *exchange) {
    const struct relay relay = {exchange->portal->outbox, "notice", SHAPE_notice_query, SHAPE_notice_status};
    struct wire_notice_query query;
    struct error error;
    if (read_notice_query(exchange, &query, &error) < 0) {
        exchange_fail(exchange, &error);
    } else {
        relay_ask(exchange, &relay, &query);
    }
}

/* ---- preview ---- */

/* The body as a question; its views borrow from `document`. False when the exchange was answered instead. */
static bool read_preview(struct exchange *exchange, json_t *document, struct wire_preview_query *query) {
    struct faults faults = {0};
    struct error error;
    if (json_to_shape(shape_of(SHAPE_preview_query), document, exchange->arena, query, &faults) < 0) {
        faults_to_error(&faults, &error);
        exchange_fail_faults(exchange, &error, &faults);
        return false;
    }
    query->within = text_of(exchange->principal.unit);
    wire_set(&query->present, FIELD_preview_query_within);
    return true;
}

void route_notices_preview(struct exchange *exchange) {
    const struct relay relay = {exchange->portal->outbox, "preview", SHAPE_preview_query, SHAPE_preview_answer};
    struct wire_preview_query query;
    struct error error;
    json_t *document = json_parse(exchange_body(exchange), &error);
    if (!document) {
        exchange_fail(exchange, &error);
    } else if (read_preview(exchange, document, &query)) {
        relay_ask(exchange, &relay, &query);
    }
    json_decref(document);
}
