/* Is everything behind the portal there, and has it caught up? */
#include "services/portal/readiness.h"

#include <stdio.h>
#include <stdlib.h>

#include "proto/position.h"
#include "services/portal/exchange.h"

#define RETRY_MS 50
#define PROBE_MS 1500
#define CATCH_UP_MS 5000
#define ANSWER_BYTES_MAX 65536
#define DURABILITY "fsynced" /* of intake's journal: every receipt was synced to the disk */

static const struct text nil = {"\xC0", 1};

struct readiness {
    struct portal *portal;
    bool caught_up;
    char start_head[POSITION_TEXT_SIZE]; /* intake's head when the portal started; empty until it is known */
    uv_timer_t retry;
};

/* The position of a stream_head answer; false when it is none. */
static bool read_head(const struct call_result *result, char out[POSITION_TEXT_SIZE]) {
    struct arena *arena = arena_create(ANSWER_BYTES_MAX);
    struct wire_stream_head head;
    struct faults faults = {0};
    bool read = arena && codec_decode(shape_of(SHAPE_stream_head), result->payload, arena, &head, &faults) == 0 &&
                head.position.length < POSITION_TEXT_SIZE;
    if (read) {
        snprintf(out, POSITION_TEXT_SIZE, "%.*s", (int)head.position.length, head.position.data);
    }
    arena_destroy(&arena);
    return read;
}

/* ---- until it is green once ---- */

static void ask_intake(struct readiness *readiness);
static void ask_aggregator(struct readiness *readiness);

static void on_retry(uv_timer_t *timer) {
    struct readiness *readiness = timer->data;
    if (readiness->start_head[0] == '\0') {
        ask_intake(readiness);
    } else {
        ask_aggregator(readiness);
    }
}

static void again(struct readiness *readiness, const char *reason) {
    service_set_ready(readiness->portal->service, false, reason);
    if (!readiness->portal->draining) {
        uv_timer_start(&readiness->retry, on_retry, RETRY_MS, 0);
    }
}

static void aggregator_answered(const struct call_result *result, void *data) {
    struct readiness *readiness = data;
    if (result->error.code != ERR_OK) {
        again(readiness, "the aggregator has not folded yet what intake holds");
        return;
    }
    readiness->caught_up = true;
    service_set_ready(readiness->portal->service, true, NULL);
    log_write(&readiness->portal->service->log, LOG_LEVEL_INFO, "caught up", "position=%s", readiness->start_head);
}

static void ask_aggregator(struct readiness *readiness) {
    struct wire_totals_query query = {.at_least = text_of(readiness->start_head)};
    wire_set(&query.present, FIELD_totals_query_at_least);
    struct buffer payload = {0};
    codec_encode(shape_of(SHAPE_totals_query), &query, &payload);
    call_send(readiness->portal->totals, "totals", (struct text){(const char *)payload.data, (uint32_t)payload.length},
              (struct text){0}, CATCH_UP_MS, aggregator_answered, readiness);
    buffer_free(&payload);
}

static void intake_answered(const struct call_result *result, void *data) {
    struct readiness *readiness = data;
    if (result->error.code != ERR_OK || !read_head(result, readiness->start_head)) {
        again(readiness, "intake does not answer yet");
        return;
    }
    ask_aggregator(readiness);
}

static void ask_intake(struct readiness *readiness) {
    call_send(readiness->portal->intake, "head", nil, (struct text){0}, PROBE_MS, intake_answered, readiness);
}

int readiness_open(struct readiness **readiness, struct portal *portal, struct error *error) {
    *readiness = calloc(1, sizeof **readiness);
    if (!*readiness) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    (*readiness)->portal = portal;
    uv_timer_init(portal->service->loop, &(*readiness)->retry);
    (*readiness)->retry.data = *readiness;
    ask_intake(*readiness);
    return 0;
}

static void on_closed(uv_handle_t *handle) {
    free(handle->data);
}

void readiness_close(struct readiness **readiness) {
    if (*readiness) {
        uv_close((uv_handle_t *)&(*readiness)->retry, on_closed);
        *readiness = NULL;
    }
}

/* ---- /readyz: asks again each time, for a part may have gone since ---- */

enum { PART_COUNT = 4 };

struct probe;

struct part {
    const char *name;
    struct probe *probe;
    bool ready;
    char position[POSITION_TEXT_SIZE];
    struct error error;
};

struct probe {
    struct exchange *exchange;
    unsigned open;
    struct part parts[PART_COUNT];
};

static json_t *part_document(const struct part *part) {
    json_t *document = json_pack("{s:s, s:b}", "name", part->name, "ready", (int)part->ready);
    if (document && part->ready) {
        json_object_set_new(document, "position", json_string(part->position));
    } else if (document) {
        json_object_set_new(document, "reason", json_string(part->error.text));
        json_object_set_new(document, "reason_zh", json_string(part->error.text_zh));
    }
    return document;
}

/* The portal itself: has what was there at its start been folded? */
static json_t *portal_document(const struct readiness *readiness) {
    json_t *document = json_pack("{s:s, s:b, s:s}", "name", "portal", "ready", (int)readiness->caught_up, "position",
                                 readiness->start_head);
    if (document && !readiness->caught_up) {
        json_object_set_new(document, "reason", json_string("not everything that intake holds is folded yet"));
        json_object_set_new(document, "reason_zh", json_string("数据还在汇总，请稍候"));
    }
    return document;
}

static void answer_probe(struct probe *probe) {
    const struct readiness *readiness = probe->exchange->portal->readiness;
    bool ready = readiness && readiness->caught_up && !probe->exchange->portal->draining;
    json_t *parts = json_array();
    for (unsigned i = 0; i < PART_COUNT; i++) {
        ready = ready && probe->parts[i].ready;
        json_array_append_new(parts, part_document(&probe->parts[i]));
    }
    if (readiness) {
        json_array_append_new(parts, portal_document(readiness));
    }
    exchange_answer_json(probe->exchange, ready ? 200 : 503,
                         json_pack("{s:b, s:s, s:o}", "ready", (int)ready, "durability", DURABILITY, "parts", parts));
}

/* Does it stand before what intake held when the portal started? */
static bool is_behind(const struct readiness *readiness, const char *position) {
    struct position goal;
    struct position own;
    struct error error;
    return readiness && position_parse(text_of(readiness->start_head), &goal, &error) == 0 &&
           position_parse(text_of(position), &own, &error) == 0 && own.seq < goal.seq;
}

static void head_came(const struct call_result *result, void *data) {
    struct part *part = data;
    const struct readiness *readiness = part->probe->exchange->portal->readiness;
    part->error = result->error;
    part->ready = result->error.code == ERR_OK && read_head(result, part->position);
    if (part->ready && is_behind(readiness, part->position)) {
        part->ready = false;
        error_set(&part->error, ERR_BEHIND, (struct error_words){.limit = readiness->start_head});
    }
    if (--part->probe->open == 0) {
        answer_probe(part->probe);
    }
}

void route_readyz(struct exchange *exchange) {
    const struct portal *portal = exchange->portal;
    const struct {
        const char *name;
        struct caller *caller;
    } rows[PART_COUNT] = {{"intake", portal->intake},
                          {"aggregator", portal->totals},
                          {"archiver", portal->record},
                          {"notifier", portal->outbox}};
    struct probe *probe = arena_alloc(exchange->arena, sizeof *probe);
    if (!probe) {
        struct error error;
        error_set(&error, ERR_NO_MEMORY, (struct error_words){0});
        exchange_fail(exchange, &error);
        return;
    }
    *probe = (struct probe){.exchange = exchange, .open = PART_COUNT};
    for (unsigned i = 0; i < PART_COUNT; i++) {
        probe->parts[i].name = rows[i].name;
        probe->parts[i].probe = probe;
        const struct call_question question = {.verb = "head", .payload = nil, .timeout_ms = PROBE_MS, .at_once = true};
        call_ask(rows[i].caller, &question, head_came, &probe->parts[i]);
    }
}
