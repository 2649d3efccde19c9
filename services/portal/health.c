/* GET /healthz and GET /metrics. */
#include "common/process.h"
#include "services/portal/exchange.h"
#include "services/portal/exposition.h"

#define STATUS_MS 1000

static const struct text nil = {"\xC0", 1};

void route_healthz(struct exchange *exchange) {
    exchange_answer_json(exchange, 200, json_pack("{s:s}", "status", "ok"));
}

enum { OTHERS = 4, SOURCES = OTHERS + 1 };

struct gathering;

/* What one other service has to say. */
struct source {
    struct gathering *gathering;
    struct text *text;
};

/* Metrics being gathered; in the exchange's arena. A service that does not answer is left out. */
struct gathering {
    struct exchange *exchange;
    unsigned open;
    struct source others[OTHERS];
    struct text texts[SOURCES]; /* the portal's own first */
};

static void gathered(struct gathering *gathering) {
    struct buffer body = {0};
    exposition_merge(gathering->texts, SOURCES, &body);
    exchange_answer(gathering->exchange, 200, EXPOSITION_MEDIA_TYPE, &body);
}

static void status_came(const struct call_result *result, void *data) {
    struct source *source = data;
    struct gathering *gathering = source->gathering;
    struct arena *arena = gathering->exchange->arena;
    struct wire_status_answer answer;
    struct faults faults = {0};
    if (result->error.code == ERR_OK &&
        codec_decode(shape_of(SHAPE_status_answer), result->payload, arena, &answer, &faults) == 0) {
        const char *copy = arena_copy(arena, answer.metrics.data, answer.metrics.length);
        *source->text = (struct text){copy, copy ? answer.metrics.length : 0};
    }
    if (--gathering->open == 0) {
        gathered(gathering);
    }
}

static struct text own_metrics(struct exchange *exchange) {
    struct metrics *metrics = &exchange->portal->service->metrics;
    struct buffer text = {0};
    metrics_set(metrics, METRIC_MEMORY_BYTES, process_memory());
    metrics_render(metrics, "portal", &text);
    const char *copy = text.failed ? NULL : arena_copy(exchange->arena, text.data, text.length);
    struct text own = {copy, copy ? (uint32_t)text.length : 0};
    buffer_free(&text);
    return own;
}

void route_metrics(struct exchange *exchange) {
    const struct portal *portal = exchange->portal;
    struct caller *const callers[OTHERS] = {portal->control_intake, portal->control_aggregator,
                                            portal->control_archiver, portal->control_notifier};
    struct gathering *gathering = arena_alloc(exchange->arena, sizeof *gathering);
    if (!gathering) {
        struct error error;
        error_set(&error, ERR_NO_MEMORY, (struct error_words){0});
        exchange_fail(exchange, &error);
        return;
    }
    *gathering = (struct gathering){.exchange = exchange, .open = OTHERS};
    gathering->texts[0] = own_metrics(exchange);
    for (unsigned i = 0; i < OTHERS; i++) {
        gathering->others[i] = (struct source){gathering, &gathering->texts[1 + i]};
        const struct call_question question = {
            .verb = "status", .payload = nil, .timeout_ms = STATUS_MS, .at_once = true};
        call_ask(callers[i], &question, status_came, &gathering->others[i]);
    }
}
