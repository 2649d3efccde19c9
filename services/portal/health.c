/* GET /healthz and GET /metrics. */
#include "common/process.h"
#include "services/portal/exchange.h"
#include "services/portal/exposition.h"

#define STATUS_MS 1000

static const struct text nil = {"\xC0", 1};

void route_healthz(struct exchange *exchange) {
    exchange_answer_json(exchange, 200, json_pack("{s:s}", "status", "ok"));
}

enum source { SOURCE_PORTAL, SOURCE_INTAKE, SOURCE_AGGREGATOR, SOURCE_COUNT };

/* Metrics being gathered; in the exchange's arena. A service that does not answer is left out. */
struct gathering {
    struct exchange *exchange;
    unsigned open;
    struct text texts[SOURCE_COUNT];
};

static void gathered(struct gathering *gathering) {
    struct buffer body = {0};
    exposition_merge(gathering->texts, SOURCE_COUNT, &body);
    exchange_answer(gathering->exchange, 200, EXPOSITION_MEDIA_TYPE, &body);
}

static void take_status(struct gathering *gathering, enum source source, const struct call_result *result) {
    struct arena *arena = gathering->exchange->arena;
    struct wire_status_answer answer;
    struct faults faults = {0};
    if (result->error.code == ERR_OK &&
        codec_decode(shape_of(SHAPE_status_answer), result->payload, arena, &answer, &faults) == 0) {
        const char *copy = arena_copy(arena, answer.metrics.data, answer.metrics.length);
        gathering->texts[source] = (struct text){copy, copy ? answer.metrics.length : 0};
    }
    if (--gathering->open == 0) {
        gathered(gathering);
    }
}

static void intake_told(const struct call_result *result, void *data) {
    take_status(data, SOURCE_INTAKE, result);
}

static void aggregator_told(const struct call_result *result, void *data) {
    take_status(data, SOURCE_AGGREGATOR, result);
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
    struct gathering *gathering = arena_alloc(exchange->arena, sizeof *gathering);
    if (!gathering) {
        struct error error;
        error_set(&error, ERR_NO_MEMORY, (struct error_words){0});
        exchange_fail(exchange, &error);
        return;
    }
    gathering->exchange = exchange;
    gathering->open = 2;
    gathering->texts[SOURCE_PORTAL] = own_metrics(exchange);
    call_send(exchange->portal->control_intake, "status", nil, (struct text){0}, STATUS_MS, intake_told, gathering);
    call_send(exchange->portal->control_aggregator, "status", nil, (struct text){0}, STATUS_MS, aggregator_told,
              gathering);
}
