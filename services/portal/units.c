/* GET /api/v1/units: the units with their names. */
#include <jansson.h>

#include "services/portal/squads.h"

static json_t *unit_document(const struct squad *squad) {
    return json_pack("{s:s%, s:s%}", "unit", squad->unit.data, (size_t)squad->unit.length, "name",
                     squad->name.data ? squad->name.data : "", (size_t)squad->name.length);
}

static void units_came(const struct squads *squads, void *data) {
    struct exchange *exchange = data;
    if (!squads) {
        return;
    }
    json_t *units = json_array();
    for (uint32_t i = 0; units && i < squads->count; i++) {
        json_array_append_new(units, unit_document(&squads->items[i]));
    }
    exchange_answer_json(
        exchange, 200,
        json_pack("{s:s%, s:o}", "as_of", squads->as_of.data, (size_t)squads->as_of.length, "units", units));
}

void route_units(struct exchange *exchange) {
    squads_ask(exchange, units_came, exchange);
}
