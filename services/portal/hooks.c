/* GET /hooks/kannel: what the SMS gateway reports back. Open to everyone: the notifier knows its own by their signature.
 *
 * 200 says that the notifier has committed it; the gateway repeats what is answered otherwise. At most HOOKS_AT_A_TIME
 * wait for the notifier, so that a flood is turned away at the door.
 */
#include "services/portal/answer.h"
#include "services/portal/exchange.h"
#include "services/portal/kannel.h"
#include "services/portal/problem.h"
#include "services/portal/relay.h"

#define HOOKS_AT_A_TIME 64
#define RETRY_MS 1000

static void noted(const struct call_result *result, void *data) {
    struct exchange *exchange = data;
    exchange->portal->hooks_asked--;
    if (result->error.code == ERR_TIMED_OUT) {
        /* 503 like everything that is worth repeating. */
        struct error error;
        error_set(&error, ERR_UNAVAILABLE, (struct error_words){.value = "notifier"});
        exchange_fail_problem(exchange, &(struct problem){.error = &error, .retry_after = RETRY_MS});
    } else if (result->error.code != ERR_OK) {
        exchange_fail_call(exchange, result);
    } else {
        exchange_answer_json(exchange, 200, json_pack("{s:s}", "status", "noted"));
    }
}

void route_hook_kannel(struct exchange *exchange) {
    struct wire_delivery_report report;
    struct error error;
    if (exchange->head) {
        problem_error(&error, ERR_BAD_METHOD, "", "GET", text_of("HEAD"));
        exchange_fail(exchange, &error);
    } else if (kannel_report_read(&exchange->target, &report, &error) < 0) {
        exchange_fail(exchange, &error);
    } else if (exchange->portal->hooks_asked >= HOOKS_AT_A_TIME) {
        error_set(&error, ERR_BUSY, (struct error_words){.limit = "1000"});
        exchange_fail_problem(exchange, &(struct problem){.error = &error, .retry_after = RETRY_MS});
    } else {
        exchange->portal->hooks_asked++;
        relay_send(exchange, exchange->portal->outbox, "delivered", SHAPE_delivery_report, &report, noted, exchange);
    }
}
