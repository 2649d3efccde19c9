/* A question to another service for an exchange: sent as a shape, its answer told as JSON. */
#pragma once

#include "services/portal/exchange.h"

/* Sends `question` (a struct of `shape`) and calls `done` as call_send does, within the setting call-ms. */
void relay_send(struct exchange *exchange, struct caller *caller, const char *verb, enum shape_index shape,
                const void *question, call_done done, void *data);

/* The answer of a call as a struct of `shape`: views borrow from the payload, which dies with the callback. False when
 * the exchange was answered with what failed. */
bool relay_take(struct exchange *exchange, const struct call_result *result, enum shape_index shape, void *answer);

struct relay {
    struct caller *caller;
    const char *verb;
    enum shape_index question;
    enum shape_index answer;
};

/* Asks, and answers the exchange with what comes: 200 with the answer, or a problem document. */
void relay_ask(struct exchange *exchange, const struct relay *relay, const void *question);

/* The same of a question that `read` makes of the request: 0, or < 0 and the exchange is answered with the error. */
void relay_ask_read(struct exchange *exchange, const struct relay *relay,
                    int (*read)(const struct exchange *exchange, const struct shape *shape, void *question,
                                struct error *error));

/* The same of a question that takes longer than the setting call-ms allows. */
void relay_ask_within(struct exchange *exchange, const struct relay *relay, const void *question, int64_t wait_ms);
