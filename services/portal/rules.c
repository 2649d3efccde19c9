/* Rules: which there are, and whom one would have told in a month. They are set as events (rule.set). */
#include "proto/json.h"
#include "services/portal/exchange.h"
#include "services/portal/parameters.h"
#include "services/portal/relay.h"

static const char *const no_more[] = {NULL};

void route_rules(struct exchange *exchange) {
    const struct relay relay = {exchange->portal->outbox, "rules", SHAPE_rules_query, SHAPE_rules_answer};
    struct wire_rules_query query;
    struct error error;
    if (parameters_read(&exchange->target, shape_of(SHAPE_rules_query), no_more, &query, &error) < 0) {
        exchange_fail(exchange, &error);
        return;
    }
    query.within = text_of(exchange->principal.unit);
    wire_set(&query.present, FIELD_rules_query_within);
    relay_ask(exchange, &relay, &query);
}

void route_silences(struct exchange *exchange) {
    const struct relay relay = {exchange->portal->outbox, "silences", SHAPE_silences_query, SHAPE_silences_answer};
    struct wire_silences_query query;
    struct error error;
    if (parameters_read(&exchange->target, shape_of(SHAPE_silences_query), no_more, &query, &error) < 0) {
        exchange_fail(exchange, &error);
        return;
    }
    query.within = text_of(exchange->principal.unit);
    wire_set(&query.present, FIELD_silences_query_within);
    relay_ask(exchange, &relay, &query);
}

/* ---- trials ---- */

#define TRIAL_WAIT_MS 65000 /* the notifier goes through the journal, and gives up after a minute */

static void try_rule(struct exchange *exchange, struct wire_trial_query *query) {
    const struct relay relay = {exchange->portal->outbox, "try", SHAPE_trial_query, SHAPE_trial_answer};
    query->within = text_of(exchange->principal.unit);
    wire_set(&query->present, FIELD_trial_query_within);
    relay_ask_within(exchange, &relay, query, TRIAL_WAIT_MS);
}

void route_rule_try(struct exchange *exchange) {
    struct wire_trial_query query;
    struct error error;
    if (parameters_read(&exchange->target, shape_of(SHAPE_trial_query), no_more, &query, &error) < 0) {
        exchange_fail(exchange, &error);
        return;
    }
    if (!wire_has(query.present, FIELD_trial_query_month)) {
        error_set(&error, ERR_MISSING, (struct error_words){.field = "month"});
        exchange_fail(exchange, &error);
        return;
    }
    query.rule = exchange->segment;
    wire_set(&query.present, FIELD_trial_query_rule);
    try_rule(exchange, &query);
}

void route_rules_try(struct exchange *exchange) {
    struct wire_trial_query query;
    struct faults faults = {0};
    struct error error;
    json_t *document = json_parse(exchange_body(exchange), &error);
    if (!document) {
        exchange_fail(exchange, &error);
    } else if (json_to_shape(shape_of(SHAPE_trial_query), document, exchange->arena, &query, &faults) < 0) {
        faults_to_error(&faults, &error);
        exchange_fail_faults(exchange, &error, &faults);
    } else {
        try_rule(exchange, &query);
    }
    json_decref(document);
}
