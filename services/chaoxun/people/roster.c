/* Asking the archiver for volunteers. */
#include "services/chaoxun/people/roster.h"

#include <assert.h>

#include "common/export/sheet.h"

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
    wire_set(&query.present, FIELD_volunteers_query_number);
    wire_set(&query.present, FIELD_volunteers_query_left);
    wire_set(&query.present, FIELD_volunteers_query_limit);
    int result = roster_ask(session, &query, arena, &answer, error);
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
