/* GET /hooks/kannel: what the SMS gateway reports back; GET /hooks/sms: what it received; POST /hooks/PROVIDER/TOKEN: what
 * a provider pushes. Open to everyone: the notifier knows its own by their signature, or the token.
 *
 * 200 says that the notifier has committed it; the gateway repeats what is answered otherwise. At most HOOKS_AT_A_TIME
 * wait for the notifier, so that a flood is turned away at the door.
 */
#include "services/portal/answer.h"
#include "services/portal/exchange.h"
#include "services/portal/kannel.h"
#include "services/portal/problem.h"
#include "services/portal/provider_reports.h"
#include "services/portal/relay.h"

#define HOOKS_AT_A_TIME 64
#define RETRY_MS 1000

/* False when the exchange was answered with what failed. */
static bool went_well(struct exchange *exchange, const struct call_result *result) {
    exchange->portal->hooks_asked--;
    if (result->error.code == ERR_TIMED_OUT) {
        /* 503 like everything that is worth repeating. */
        struct error error;
        error_set(&error, ERR_UNAVAILABLE, (struct error_words){.value = "notifier"});
        exchange_fail_problem(exchange, &(struct problem){.error = &error, .retry_after = RETRY_MS});
    } else if (result->error.code != ERR_OK) {
        exchange_fail_call(exchange, result);
    }
    return result->error.code == ERR_OK;
}

static void noted(const struct call_result *result, void *data) {
    struct exchange *exchange = data;
    if (went_well(exchange, result)) {
        exchange_answer_json(exchange, 200, json_pack("{s:s}", "status", "noted"));
    }
}

/* The gateway sends the body back to who wrote; none when it is empty. */
static void replied(const struct call_result *result, void *data) {
    struct exchange *exchange = data;
    struct wire_incoming_reply reply;
    if (went_well(exchange, result) && relay_take(exchange, result, SHAPE_incoming_reply, &reply)) {
        struct buffer body = {0};
        buffer_append(&body, reply.text.data, reply.text.length);
        exchange_add_header(exchange, "X-Kannel-Coding", "2"); /* UCS-2; else Chinese goes out as question marks */
        exchange_answer(exchange, 200, "text/plain; charset=UTF-8", &body);
    }
}

/* Whether the notifier may be asked now; else the exchange was answered. */
static bool may_ask(struct exchange *exchange) {
    struct error error;
    if (exchange->head) {
        problem_error(&error, ERR_BAD_METHOD, "", "GET", text_of("HEAD"));
        exchange_fail(exchange, &error);
    } else if (exchange->portal->hooks_asked >= HOOKS_AT_A_TIME) {
        error_set(&error, ERR_BUSY, (struct error_words){.limit = "1000"});
        exchange_fail_problem(exchange, &(struct problem){.error = &error, .retry_after = RETRY_MS});
    } else {
        return true;
    }
    return false;
}

void route_hook_kannel(struct exchange *exchange) {
    struct wire_delivery_report report;
    struct error error;
    if (kannel_report_read(&exchange->target, &report, &error) < 0) {
        exchange_fail(exchange, &error);
    } else if (may_ask(exchange)) {
        exchange->portal->hooks_asked++;
        relay_send(exchange, exchange->portal->outbox, "delivered", SHAPE_delivery_report, &report, noted, exchange);
    }
}

void route_hook_sms(struct exchange *exchange) {
    struct wire_incoming_sms sms;
    struct error error;
    if (kannel_sms_read(&exchange->target, &sms, &error) < 0) {
        exchange_fail(exchange, &error);
    } else if (may_ask(exchange)) {
        exchange->portal->hooks_asked++;
        relay_send(exchange, exchange->portal->outbox, "incoming", SHAPE_incoming_sms, &sms, replied, exchange);
    }
}

/* ---- pushes of providers ---- */

static void kept(struct exchange *exchange, const struct call_result *result, enum reporting_provider provider) {
    if (went_well(exchange, result)) {
        struct buffer body = {0};
        buffer_append_string(&body, provider_reports_answer(provider));
        exchange_answer(exchange, 200, JSON_MEDIA_TYPE, &body);
    }
}

static void kept_aliyun(const struct call_result *result, void *data) {
    kept(data, result, REPORTING_ALIYUN);
}

static void kept_tencent(const struct call_result *result, void *data) {
    kept(data, result, REPORTING_TENCENT);
}

static void kept_mas(const struct call_result *result, void *data) {
    kept(data, result, REPORTING_MAS);
}

static int read_push(struct exchange *exchange, enum reporting_provider provider, struct wire_provider_reports *reports,
                     struct error *error) {
    int64_t most = shape_of(SHAPE_provider_reports)->fields[FIELD_provider_reports_token].max;
    if (exchange->segment.length > (size_t)most) {
        return error_set(error, ERR_FORGED, (struct error_words){.field = "token"});
    }
    int result = provider_reports_read(provider, exchange_body(exchange), exchange->arena, reports, error);
    reports->token = exchange->segment;
    wire_set(&reports->present, FIELD_provider_reports_token);
    return result;
}

static void take_push(struct exchange *exchange, enum reporting_provider provider, call_done done) {
    struct wire_provider_reports reports;
    struct error error;
    if (!may_ask(exchange)) {
        return;
    }
    if (read_push(exchange, provider, &reports, &error) < 0) {
        exchange_fail(exchange, &error);
    } else {
        exchange->portal->hooks_asked++;
        relay_send(exchange, exchange->portal->outbox, "reported", SHAPE_provider_reports, &reports, done, exchange);
    }
}

void route_hook_aliyun(struct exchange *exchange) {
    take_push(exchange, REPORTING_ALIYUN, kept_aliyun);
}

void route_hook_tencent(struct exchange *exchange) {
    take_push(exchange, REPORTING_TENCENT, kept_tencent);
}

void route_hook_mas(struct exchange *exchange) {
    take_push(exchange, REPORTING_MAS, kept_mas);
}
