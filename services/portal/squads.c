/* Asking for the units, finding one by its name. */
#include "services/portal/squads.h"

#include "common/draft/squad_name.h"

struct squads_question {
    struct exchange *exchange;
    squads_done done;
    void *data;
};

static struct squads *list_units(struct arena *arena, const struct wire_totals_answer *answer) {
    const struct wire_totals_row *rows = answer->rows.items;
    struct squads *squads = arena_alloc(arena, sizeof *squads);
    struct squad *items = arena_alloc(arena, (answer->rows.count + 1) * sizeof *items);
    if (!squads || !items) {
        return NULL;
    }
    for (uint32_t i = 0; i < answer->rows.count; i++) {
        items[i] = (struct squad){rows[i].unit, rows[i].name};
    }
    *squads = (struct squads){.as_of = answer->as_of, .items = items, .count = answer->rows.count};
    return squads;
}

static void answered(const struct call_result *result, void *data) {
    struct squads_question *question = data;
    struct exchange *exchange = question->exchange;
    struct wire_totals_answer answer;
    struct faults faults = {0};
    if (result->error.code != ERR_OK) {
        exchange_fail_call(exchange, result);
        question->done(NULL, question->data);
        return;
    }
    /* Views of a decoded answer borrow from its bytes, which die with this callback. */
    const char *bytes = arena_copy(exchange->arena, result->payload.data, result->payload.length);
    struct text payload = {bytes, bytes ? result->payload.length : 0};
    int code = codec_decode(shape_of(SHAPE_totals_answer), payload, exchange->arena, &answer, &faults);
    const struct squads *squads = code == 0 ? list_units(exchange->arena, &answer) : NULL;
    if (!squads) {
        struct error error;
        error_setf(&error, ERR_INTERNAL, "the aggregator's answer cannot be read");
        exchange_fail(exchange, &error);
    }
    question->done(squads, question->data);
}

void squads_ask(struct exchange *exchange, squads_done done, void *data) {
    struct squads_question *question = arena_alloc(exchange->arena, sizeof *question);
    struct text squad = text_of("squad");
    struct wire_totals_query query = {.by = {&squad, 1}};
    wire_set(&query.present, FIELD_totals_query_by);
    if (!question) {
        struct error error;
        error_set(&error, ERR_NO_MEMORY, (struct error_words){0});
        exchange_fail(exchange, &error);
        done(NULL, data);
        return;
    }
    *question = (struct squads_question){exchange, done, data};
    struct buffer payload = {0};
    codec_encode(shape_of(SHAPE_totals_query), &query, &payload);
    const struct call_question call = {.verb = "totals",
                                       .payload = {(const char *)payload.data, (uint32_t)payload.length},
                                       .timeout_ms = config_int(exchange->portal->service->config, SETTING_CALL_MS),
                                       .asker = exchange_asker(exchange)};
    call_ask(exchange->portal->totals, &call, answered, question);
    buffer_free(&payload);
}

const struct squad *squads_find(const struct squads *squads, struct text name) {
    const struct squad *found = NULL;
    for (uint32_t i = 0; name.length > 0 && i < squads->count; i++) {
        if (squad_is_meant(squads->items[i].unit, squads->items[i].name, name)) {
            if (found) {
                return NULL;
            }
            found = &squads->items[i];
        }
    }
    return found;
}
