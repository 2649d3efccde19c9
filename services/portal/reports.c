/* GET /api/v1/reports and /api/v1/reports/{id}: what the archiver holds. */
#include "services/portal/exchange.h"
#include "services/portal/parameters.h"
#include "services/portal/problem.h"
#include "services/portal/record_query.h"
#include "services/portal/relay.h"

static const char *const no_more[] = {NULL};

void route_reports(struct exchange *exchange) {
    const struct reader reader = {exchange->principal.role, exchange->principal.unit};
    const struct relay relay = {exchange->portal->record, "reports", SHAPE_record_query, SHAPE_record_answer};
    struct wire_record_query query;
    struct error error;
    if (record_query_read(&exchange->target, &reader, no_more, &query, &error) < 0) {
        exchange_fail(exchange, &error);
    } else {
        relay_ask(exchange, &relay, &query);
    }
}

static int read_report_query(const struct exchange *exchange, struct wire_report_query *query, struct error *error) {
    int result = parameters_read(&exchange->target, shape_of(SHAPE_report_query), no_more, query, error);
    if (result < 0) {
        return result;
    }
    if (!id_parse(exchange->segment, &query->id)) {
        return problem_error(error, ERR_NOT_FOUND, "", "", exchange->target.path);
    }
    query->within = text_of(exchange->principal.unit);
    query->side = reader_sees_side(exchange->principal.role);
    wire_set(&query->present, FIELD_report_query_id);
    wire_set(&query->present, FIELD_report_query_within);
    wire_set(&query->present, FIELD_report_query_side);
    return 0;
}

void route_report(struct exchange *exchange) {
    const struct relay relay = {exchange->portal->record, "report", SHAPE_report_query, SHAPE_report_answer};
    struct wire_report_query query;
    struct error error;
    if (read_report_query(exchange, &query, &error) < 0) {
        exchange_fail(exchange, &error);
    } else {
        relay_ask(exchange, &relay, &query);
    }
}
