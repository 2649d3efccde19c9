/* The record: pages put together. */
#include "services/chaoxun/record.h"

#include <stdio.h>

#include "services/chaoxun/query.h"

#define ARENA_BYTES (256 * 1024 * 1024)
#define ANSWER_MS 30000
#define PAGE 200

int record_question(const struct options *options, struct wire_record_query *query, struct error *error) {
    uint64_t *present = &query->present;
    int result = query_day(options, "from", &query->from, present, FIELD_record_query_from, error);
    if (result == 0) {
        result = query_day(options, "to", &query->to, present, FIELD_record_query_to, error);
    }
    query_text(option_text(options, "unit"), &query->unit, present, FIELD_record_query_unit);
    query_text(option_text(options, "programme"), &query->programme, present, FIELD_record_query_programme);
    query_text(option_text(options, "text"), &query->text, present, FIELD_record_query_text);
    query_text(option_text(options, "number"), &query->number, present, FIELD_record_query_number);
    query_text(option_text(options, "at-least"), &query->at_least, present, FIELD_record_query_at_least);
    query->side = true;
    query->withdrawn = option_given(options, "withdrawn");
    wire_set(present, FIELD_record_query_side);
    *present |= (uint64_t)query->withdrawn << FIELD_record_query_withdrawn;
    return result;
}

static int ask(const struct session *session, const struct wire_record_query *query, struct arena *arena,
               struct wire_record_answer *found, struct error *error) {
    arena_reset(arena);
    return session_ask_shape(session, EDGE_RECORD, "reports", ANSWER_MS, SHAPE_record_query, query, SHAPE_record_answer,
                             arena, found, error);
}

static int tell(const struct wire_record_answer *found, int64_t most, record_each each, void *data,
                struct record_answer *answer, struct error *error) {
    const struct wire_record_entry *entries = found->rows.items;
    int result = 0;
    for (uint32_t i = 0; i < found->rows.count && answer->told < most && result == 0; i++) {
        result = each(data, &entries[i], error);
        answer->told++;
    }
    snprintf(answer->as_of, sizeof answer->as_of, "%.*s", (int)found->as_of.length, found->as_of.data);
    answer->total = found->total;
    return result;
}

int record_each_report(const struct session *session, struct wire_record_query *query, int64_t most, record_each each,
                       void *data, struct record_answer *answer, struct error *error) {
    struct wire_record_answer found;
    char cursor[QUERY_CURSOR_SIZE];
    bool more = true;
    int result = 0;
    struct arena *arena = arena_create(ARENA_BYTES);
    *answer = (struct record_answer){.total = 0};
    if (!arena) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    query->limit = most < PAGE ? most : PAGE;
    wire_set(&query->present, FIELD_record_query_limit);
    while (more && result == 0) {
        result = ask(session, query, arena, &found, error);
        if (result == 0) {
            result = tell(&found, most, each, data, answer, error);
            more = answer->told < most &&
                   query_turn_page(found.cursor, cursor, &query->cursor, &query->present, FIELD_record_query_cursor);
        }
    }
    arena_destroy(&arena);
    return result;
}
