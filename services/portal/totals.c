/* GET /api/v1/totals: the query to the aggregator, its answer as JSON or CSV. */
#include "common/call.h"
#include "proto/json.h"
#include "services/portal/exchange.h"
#include "services/portal/totals_csv.h"
#include "services/portal/totals_query.h"

static bool wants_csv(const struct exchange *exchange) {
    return text_equal(exchange->target.path, text_of("/api/v1/totals.csv")) || exchange_accepts(exchange, "text/csv");
}

static void answer(struct exchange *exchange, const struct wire_totals_answer *totals) {
    exchange_add_header(exchange, "X-As-Of", "%.*s", (int)totals->as_of.length, totals->as_of.data);
    if (!wants_csv(exchange)) {
        exchange_answer_json(exchange, 200, json_from_shape(shape_of(SHAPE_totals_answer), totals));
        return;
    }
    struct buffer body = {0};
    totals_csv_render(totals, &body);
    exchange_add_header(exchange, "Content-Disposition", "attachment; filename=\"totals.csv\"; filename*=UTF-8''%s",
                        "%E5%BF%97%E6%84%BF%E6%9C%8D%E5%8A%A1%E6%B1%87%E6%80%BB.csv");
    exchange_answer(exchange, 200, CSV_MEDIA_TYPE, &body);
}

static void totals_came(const struct call_result *result, void *data) {
    struct exchange *exchange = data;
    struct wire_totals_answer totals;
    struct faults faults = {0};
    if (result->error.code != ERR_OK) {
        exchange_fail_call(exchange, result);
    } else if (codec_decode(shape_of(SHAPE_totals_answer), result->payload, exchange->arena, &totals, &faults) < 0) {
        struct error error;
        error_setf(&error, ERR_INTERNAL, "the aggregator's answer cannot be read");
        exchange_fail(exchange, &error);
    } else {
        answer(exchange, &totals);
    }
}

static void ask(struct exchange *exchange, const struct wire_totals_query *query) {
    struct buffer payload = {0};
    codec_encode(shape_of(SHAPE_totals_query), query, &payload);
    call_send(exchange->portal->totals, "totals", (struct text){(const char *)payload.data, (uint32_t)payload.length},
              (struct text){0}, config_int(exchange->portal->service->config, SETTING_CALL_MS), totals_came, exchange);
    buffer_free(&payload);
}

void route_totals(struct exchange *exchange) {
    struct wire_totals_query query;
    struct error error;
    if (totals_query_read(&exchange->target, exchange->arena, &query, &error) < 0) {
        exchange_fail(exchange, &error);
    } else {
        ask(exchange, &query);
    }
}

void route_totals_csv(struct exchange *exchange) {
    route_totals(exchange);
}
