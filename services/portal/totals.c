/* GET /api/v1/totals: the query to the aggregator, its answer as JSON or CSV; the reports behind a figure. */
#include "proto/json.h"
#include "services/portal/relay.h"
#include "services/portal/totals_csv.h"
#include "services/portal/totals_query.h"

static bool wants_csv(const struct exchange *exchange) {
    return text_equal(exchange->target.path, text_of("/api/v1/totals.csv")) || exchange_accepts(exchange, "text/csv");
}

static void answer(struct exchange *exchange, const struct wire_totals_answer *totals) {
    exchange_add_header(exchange, "X-As-Of", "%.*s", (int)totals->as_of.length, totals->as_of.data);
    if (!wants_csv(exchange)) {
        exchange_answer_shape(exchange, 200, SHAPE_totals_answer, totals);
        return;
    }
    struct buffer body = {0};
    totals_csv_render(totals, &body);
    exchange_add_header(exchange, "Content-Disposition", "attachment; filename=\"totals.csv\"; filename*=UTF-8''%s",
                        "%E5%BF%97%E6%84%BF%E6%9C%8D%E5%8A%A1%E6%B1%87%E6%80%BB.csv");
    exchange_answer(exchange, 200, CSV_MEDIA_TYPE, &body);
}

static void totals_came(const struct call_result *result, void *data) {
    struct wire_totals_answer totals;
    if (relay_take(data, result, SHAPE_totals_answer, &totals)) {
        answer(data, &totals);
    }
}

void route_totals(struct exchange *exchange) {
    struct wire_totals_query query;
    struct error error;
    if (totals_query_read(&exchange->target, TOTALS_FIGURES, &query, &error) < 0) {
        exchange_fail(exchange, &error);
    } else {
        relay_send(exchange, exchange->portal->totals, "totals", SHAPE_totals_query, &query, totals_came, exchange);
    }
}

void route_totals_csv(struct exchange *exchange) {
    route_totals(exchange);
}

/* Ids, units and days: nothing personal, so guides read them too. */
void route_totals_reports(struct exchange *exchange) {
    const struct relay relay = {exchange->portal->totals, "drill", SHAPE_totals_query, SHAPE_drill_answer};
    struct wire_totals_query query;
    struct error error;
    if (totals_query_read(&exchange->target, TOTALS_DRILL, &query, &error) < 0) {
        exchange_fail(exchange, &error);
    } else {
        relay_ask(exchange, &relay, &query);
    }
}
