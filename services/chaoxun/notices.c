/* Notices: pages put together. */
#include "services/chaoxun/notices.h"

#include <stdio.h>

#define ARENA_BYTES (64 * 1024 * 1024)
#define PAGE 100

static int ask(const struct session *session, const struct wire_notices_query *query, struct arena *arena,
               struct wire_notices_answer *answer, struct error *error) {
    arena_reset(arena);
    return session_ask_shape(session, EDGE_OUTBOX, "notices", SESSION_CALL_MS, SHAPE_notices_query, query,
                             SHAPE_notices_answer, arena, answer, error);
}

/* Asks for what follows; false when nothing does. */
static bool turn_page(struct wire_notices_query *query, const struct wire_notices_answer *answer, char *cursor,
                      size_t size) {
    if (answer->cursor.length == 0 || answer->cursor.length >= size) {
        return false;
    }
    memcpy(cursor, answer->cursor.data, answer->cursor.length);
    query->cursor = (struct text){cursor, answer->cursor.length};
    wire_set(&query->present, FIELD_notices_query_cursor);
    return true;
}

static void set_text(struct text *text, const char *value, uint64_t *present, unsigned field) {
    if (value) {
        *text = text_of(value);
        wire_set(present, field);
    }
}

int notices_each(const struct session *session, const char *within, const char *at_least, int64_t most,
                 notice_each each, void *data, struct error *error) {
    struct wire_notices_query query = {.limit = most < PAGE ? most : PAGE};
    struct wire_notices_answer answer;
    char cursor[256];
    bool more = true;
    int result = 0;
    struct arena *arena = arena_create(ARENA_BYTES);
    if (!arena) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    wire_set(&query.present, FIELD_notices_query_limit);
    set_text(&query.within, within, &query.present, FIELD_notices_query_within);
    set_text(&query.at_least, at_least, &query.present, FIELD_notices_query_at_least);
    while (more && most > 0 && (result = ask(session, &query, arena, &answer, error)) == 0) {
        const struct wire_notice_entry *notices = answer.rows.items;
        for (uint32_t i = 0; i < answer.rows.count && more && most > 0; i++, most--) {
            more = each(data, &notices[i]);
        }
        more = more && turn_page(&query, &answer, cursor, sizeof cursor);
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
