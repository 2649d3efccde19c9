/* The gate: who sends a request, and whether the route is for such a one. Before any of the body is read. */
#pragma once

#include "services/portal/exchange.h"

/* Ends in exchange_admit or an answer, at once or when intake has told the account's role. */
void gate_check(struct exchange *exchange);

/* The session or bearer token of the request, hashed; false when it carries none. */
bool gate_token(const struct exchange *exchange, uint8_t hash[TOKEN_HASH_BYTES], bool *by_cookie);
