/* POST /api/v1/drafts: a report written as a message in, the event that it gives out. Nothing is kept. */
#include <stdio.h>

#include "common/clock.h"
#include "common/draft/draft.h"
#include "services/portal/exchange.h"
#include "services/portal/squads.h"

#define CHINA_OFFSET_MINUTES 480

static bool find_unit(void *data, struct text name, char *path) {
    const struct squad *squad = squads_find(data, name);
    if (squad) {
        snprintf(path, EVENT_UNIT_MAX + 1, "%.*s", (int)squad->unit.length, squad->unit.data);
    }
    return squad != NULL;
}

/* The squad for a text that names none: the one asked for, or a squad's account's own. */
static int default_unit(const struct exchange *exchange, const struct wire_draft_query *query,
                        const struct squads *squads, char path[EVENT_UNIT_MAX + 1], struct error *error) {
    *path = '\0';
    if (wire_has(query->present, FIELD_draft_query_unit)) {
        struct faults faults = {0};
        if (!find_unit((void *)(uintptr_t)squads, query->unit, path)) {
            faults_add(&faults, ERR_UNKNOWN_UNIT, "unit", NULL, query->unit);
            return faults_to_error(&faults, error);
        }
    } else if (exchange->principal.role == ROLE_SQUAD) {
        snprintf(path, EVENT_UNIT_MAX + 1, "%s", exchange->principal.unit);
    }
    return 0;
}

/* The units are known, or the exchange was answered. */
static void begin(const struct squads *squads, void *data) {
    struct exchange *exchange = data;
    const struct wire_draft_query *query = exchange->work;
    char path[EVENT_UNIT_MAX + 1];
    struct draft *draft = arena_alloc(exchange->arena, sizeof *draft);
    struct error error;
    if (!squads) {
        return;
    }
    if (!draft) {
        error_set(&error, ERR_NO_MEMORY, (struct error_words){0});
        exchange_fail(exchange, &error);
        return;
    }
    int result = default_unit(exchange, query, squads, path, &error);
    if (result == 0) {
        const struct draft_options options = {.today = day_of_time(clock_now(), CHINA_OFFSET_MINUTES),
                                              .default_unit = *path != '\0' ? path : NULL,
                                              .unit = find_unit,
                                              .data = (void *)(uintptr_t)squads,
                                              .by = text_of(exchange->principal.account)};
        result = draft_read(query->text, &options, exchange->arena, draft, &error);
    }
    if (result < 0) {
        exchange_fail(exchange, &error);
        return;
    }
    exchange_answer_json(exchange, 200, draft_document(draft, exchange->arena));
}

/* Views of a parsed document die with it: the question is kept in the exchange's arena. */
static const struct wire_draft_query *keep(struct exchange *exchange, const struct wire_draft_query *query) {
    struct wire_draft_query *kept = arena_alloc(exchange->arena, sizeof *kept);
    const char *text = arena_copy(exchange->arena, query->text.data, query->text.length);
    const char *unit = arena_copy(exchange->arena, query->unit.data, query->unit.length);
    if (!kept || !text || !unit) {
        return NULL;
    }
    *kept = (struct wire_draft_query){
        .present = query->present, .text = {text, query->text.length}, .unit = {unit, query->unit.length}};
    return kept;
}

void route_drafts(struct exchange *exchange) {
    struct wire_draft_query query;
    struct faults faults = {0};
    struct error error;
    json_t *document = json_parse(exchange_body(exchange), &error);
    if (!document) {
        exchange_fail(exchange, &error);
        return;
    }
    if (json_to_shape(shape_of(SHAPE_draft_query), document, exchange->arena, &query, &faults) < 0) {
        faults_to_error(&faults, &error);
        exchange_fail_faults(exchange, &error, &faults);
    } else if ((exchange->work = (void *)(uintptr_t)keep(exchange, &query))) {
        squads_ask(exchange, begin, exchange);
    } else {
        error_set(&error, ERR_NO_MEMORY, (struct error_words){0});
        exchange_fail(exchange, &error);
    }
    json_decref(document);
}
