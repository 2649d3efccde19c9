/* The office's desk: what is held and until when, how the channels are. */
#include "services/portal/exchange.h"
#include "services/portal/parameters.h"
#include "services/portal/relay.h"

static const char *const no_more[] = {NULL};

void route_held(struct exchange *exchange) {
    const struct relay relay = {exchange->portal->outbox, "held", SHAPE_held_query, SHAPE_held_answer};
    struct wire_held_query query;
    struct error error;
    if (parameters_read(&exchange->target, shape_of(SHAPE_held_query), no_more, &query, &error) < 0) {
        exchange_fail(exchange, &error);
        return;
    }
    query.within = text_of(exchange->principal.unit);
    wire_set(&query.present, FIELD_held_query_within);
    relay_ask(exchange, &relay, &query);
}

void route_channels(struct exchange *exchange) {
    const struct relay relay = {exchange->portal->outbox, "channels", SHAPE_channels_query, SHAPE_channels_answer};
    struct wire_channels_query query;
    struct error error;
    if (parameters_read(&exchange->target, shape_of(SHAPE_channels_query), no_more, &query, &error) < 0) {
        exchange_fail(exchange, &error);
    } else {
        relay_ask(exchange, &relay, &query);
    }
}
