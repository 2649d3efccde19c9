/* Notices: pages put together. */
#include "services/chaoxun/notices.h"

#include <stdio.h>

#include "services/chaoxun/query.h"

#define ARENA_BYTES (64 * 1024 * 1024)
#define PAGE 100

static int ask(const struct session *session, const struct wire_notices_query *query, struct arena *arena,
               struct wire_notices_answer *answer, struct error *error) {
    arena_reset(arena);
    return session_ask_shape(session, EDGE_OUTBOX, "notices", SESSION_CALL_MS, SHAPE_notices_query, query,
                             SHAPE_notices_answer, arena, answer, error);
}

int notices_each(const struct session *session, const char *within, const char *at_least, int64_t most,
                 notice_each each, void *data, struct error *error) {
    struct wire_notices_query query = {.limit = most < PAGE ? most : PAGE};
    struct wire_notices_answer answer;
    char cursor[QUERY_CURSOR_SIZE];
    bool more = true;
    int result = 0;
    struct arena *arena = arena_create(ARENA_BYTES);
    if (!arena) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    wire_set(&query.present, FIELD_notices_query_limit);
    query_text(within, &query.within, &query.present, FIELD_notices_query_within);
    query_text(at_least, &query.at_least, &query.present, FIELD_notices_query_at_least);
    while (more && most > 0 && (result = ask(session, &query, arena, &answer, error)) == 0) {
        const struct wire_notice_entry *notices = answer.rows.items;
        for (uint32_t i = 0; i < answer.rows.count && more && most > 0; i++, most--) {
            more = each(data, &notices[i]);
        }
        more =
            more && query_turn_page(answer.cursor, cursor, &query.cursor, &query.present, FIELD_notices_query_cursor);
    }
    arena_destroy(&arena);
    return result;
}

void notice_units(const struct wire_notice_entry *notice, char out[NOTICE_UNITS_SIZE]) {
    const struct text *units = notice->units.items;
    size_t used = 0;
    out[0] = '\0';
    for (uint32_t i = 0; i < notice->units.count; i++) {
        if (used + units[i].length + sizeof ", … +500" >= NOTICE_UNITS_SIZE) {
            snprintf(out + used, NOTICE_UNITS_SIZE - used, ", … +%u", notice->units.count - i);
            return;
        }
        used += (size_t)snprintf(out + used, NOTICE_UNITS_SIZE - used, "%s%.*s", i > 0 ? ", " : "",
                                 (int)units[i].length, units[i].data);
    }
}
