/* GET of figures: parameters to the aggregator, its answer as JSON. */
#include "services/portal/exchange.h"
#include "services/portal/parameters.h"
#include "services/portal/problem.h"
#include "services/portal/relay.h"

static const char *const no_more[] = {NULL};

/* The last segment of the address, where the question is about one thing. */
static int read_id(const struct exchange *exchange, const struct shape *shape, void *query, struct error *error) {
    int index = shape_find(shape, text_of("id"), 0);
    if (index < 0) {
        return 0;
    }
    if (!id_parse(exchange->segment, (struct id *)(void *)((char *)query + shape->fields[index].offset))) {
        return problem_error(error, ERR_NOT_FOUND, "", "", exchange->target.path);
    }
    wire_set(query, (unsigned)index);
    return 0;
}

static void ask(struct exchange *exchange, const struct relay *relay) {
    const struct shape *shape = shape_of(relay->question);
    void *query = arena_alloc(exchange->arena, shape->size);
    struct error error;
    if (!query) {
        error_set(&error, ERR_NO_MEMORY, (struct error_words){0});
        exchange_fail(exchange, &error);
        return;
    }
    int result = parameters_read(&exchange->target, shape, no_more, query, &error);
    if (result == 0) {
        result = read_id(exchange, shape, query, &error);
    }
    if (result < 0) {
        exchange_fail(exchange, &error);
    } else {
        relay_ask(exchange, relay, query);
    }
}

#define FIGURES(name, verb, query, answer) \
    void route_##name(struct exchange *exchange) { \
        const struct relay relay = {exchange->portal->totals, verb, SHAPE_##query, SHAPE_##answer}; \
        ask(exchange, &relay); \
    }
#include "services/portal/figures.def"
#undef FIGURES
