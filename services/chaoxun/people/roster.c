/* Asking the archiver for volunteers. */
#include "services/chaoxun/people/roster.h"

#include <assert.h>
#include <stdio.h>

#include "common/export/sheet.h"

int roster_head(const struct session *session, char position[POSITION_TEXT_SIZE], struct error *error) {
    struct wire_stream_head head = {0};
    struct arena *arena = arena_create(ROSTER_ARENA_BYTES);
    int result = arena ? session_ask(session, EDGE_SUBMIT, "head", (struct text){0}, ROSTER_ANSWER_MS,
                                     shape_of(SHAPE_stream_head), arena, &head, error)
                       : error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    snprintf(position, POSITION_TEXT_SIZE, "%.*s", (int)head.position.length,
             head.position.data ? head.position.data : "");
    arena_destroy(&arena);
    return result;
}

int roster_ask(const struct session *session, const struct wire_volunteers_query *query, struct arena *arena,
               struct wire_volunteers_answer *answer, struct error *error) {
    return session_ask_shape(session, EDGE_RECORD, "volunteers", ROSTER_ANSWER_MS, SHAPE_volunteers_query, query,
                             SHAPE_volunteers_answer, arena, answer, error);
}

int roster_find(const struct session *session, const char *who, struct arena *arena, struct id *id,
                struct error *error) {
    struct wire_volunteers_query query = {.number = text_of(who), .left = true, .limit = 2};
    struct wire_volunteers_answer answer;
    if (strlen(who) > EVENT_BY_MAX && id_parse(text_of(who), id)) {
        return 0;
    }
    char head[POSITION_TEXT_SIZE];
    int result = roster_head(session, head, error);
    query.at_least = text_of(head);
    wire_set(&query.present, FIELD_volunteers_query_number);
    wire_set(&query.present, FIELD_volunteers_query_left);
    wire_set(&query.present, FIELD_volunteers_query_limit);
    wire_set(&query.present, FIELD_volunteers_query_at_least);
    if (result == 0) {
        result = roster_ask(session, &query, arena, &answer, error);
    }
    if (result != 0) {
        return result;
    }
    if (answer.rows.count == 0) {
        return error_set(error, ERR_NOT_FOUND, (struct error_words){.value = who});
    }
    if (answer.rows.count > 1) {
        return error_setf(error, ERR_USAGE,
                          "several volunteers have the number %.32s: give the id (chaoxun volunteer "
                          "list --text %.32s)",
                          who, who);
    }
    *id = ((const struct wire_volunteer_entry *)answer.rows.items)->id;
    return 0;
}

void roster_hours(int64_t minutes, char out[ROSTER_HOURS_SIZE]) {
    static_assert(ROSTER_HOURS_SIZE >= SHEET_THOUSANDTHS_SIZE, "a number in thousandths fits");
    sheet_format_thousandths(minutes * 1000 / 60 / 100 * 100, out);
}
