/* GET /api/v1/openapi.json: the description that is made from the tables. */
#include "proto/openapi.h"
#include "services/portal/exchange.h"

void route_openapi(struct exchange *exchange) {
    exchange_answer_json(exchange, 200, openapi_document());
}
