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

static int read_question(const struct exchange *exchange, const struct shape *shape, void *query, struct error *error) {
    int result = parameters_read(&exchange->target, shape, no_more, query, error);
    return result < 0 ? result : read_id(exchange, shape, query, error);
}

#define FIGURES(name, verb, query, answer) \
    void route_##name(struct exchange *exchange) { \
        const struct relay relay = {exchange->portal->totals, verb, SHAPE_##query, SHAPE_##answer}; \
        relay_ask_read(exchange, &relay, read_question); \
    }
#include "services/portal/figures.def"
#undef FIGURES
