/* GET /api/v1/completeness and /api/v1/missing: which reports are owed, and which of them are overdue. */
#include "services/portal/parameters.h"
#include "services/portal/relay.h"

static void ask(struct exchange *exchange, const char *verb, enum shape_index answer) {
    static const char *const no_more[] = {NULL};
    const struct relay relay = {exchange->portal->totals, verb, SHAPE_completeness_query, answer};
    struct wire_completeness_query query;
    struct error error;
    if (parameters_read(&exchange->target, shape_of(SHAPE_completeness_query), no_more, &query, &error) < 0) {
        exchange_fail(exchange, &error);
    } else {
        relay_ask(exchange, &relay, &query);
    }
}

void route_completeness(struct exchange *exchange) {
    ask(exchange, "completeness", SHAPE_completeness_answer);
}

void route_missing(struct exchange *exchange) {
    ask(exchange, "missing", SHAPE_missing_answer);
}
