/* Volunteers come into the record, and what was told of them goes out of it. */
#include "services/archiver/people.h"
#include "services/archiver/record_sqlite.h"

/* An absent text is NULL. */
static void bind_told(sqlite3_stmt *statement, int place, struct text text) {
    if (text.length > 0) {
        bind_text(statement, place, text);
    }
}

/* 1 with the number of the volunteer, 0 when there is none such. */
static int find_volunteer(struct record *record, const struct id *id, int64_t *volunteer, struct error *error) {
    sqlite3_stmt *statement = record->statements[RECORD_FIND_VOLUNTEER];
    bind_blob(statement, 1, id->bytes, ID_BYTES);
    int result = database_step(&record->database, statement, error);
    if (result == 1) {
        *volunteer = sqlite3_column_int64(statement, 0);
        sqlite3_reset(statement);
    }
    sqlite3_clear_bindings(statement);
    return result;
}

/* ---- particulars ---- */

static int set_head(struct record *record, int64_t volunteer, const struct wire_volunteer *body, struct error *error) {
    sqlite3_stmt *statement = record->statements[RECORD_SET_VOLUNTEER];
    sqlite3_bind_int64(statement, 1, volunteer);
    bind_told(statement, 2, body->kind);
    if (wire_has(body->present, FIELD_volunteer_minor)) {
        sqlite3_bind_int(statement, 3, body->minor);
    }
    if (wire_has(body->present, FIELD_volunteer_joined)) {
        sqlite3_bind_int(statement, 4, body->joined);
    }
    return record_run(record, RECORD_SET_VOLUNTEER, error);
}

static int tell(struct record *record, int64_t volunteer, struct error *error) {
    sqlite3_bind_int64(record->statements[RECORD_TELL_VOLUNTEER], 1, volunteer);
    return record_run(record, RECORD_TELL_VOLUNTEER, error);
}

static int set_side(struct record *record, int64_t volunteer, const struct event *event, struct error *error) {
    sqlite3_stmt *statement = record->statements[RECORD_ADD_PARTICULARS];
    const struct wire_volunteer *body = &event->body->volunteer;
    sqlite3_bind_int64(statement, 1, (sqlite3_int64)event->seq);
    bind_blob(statement, 2, event->id.bytes, ID_BYTES);
    sqlite3_bind_int64(statement, 3, volunteer);
    bind_told(statement, 4, body->number);
    bind_told(statement, 5, body->name);
    bind_told(statement, 6, body->phone);
    bind_told(statement, 7, body->platform);
    int result = record_run(record, RECORD_ADD_PARTICULARS, error);
    return result < 0 ? result : tell(record, volunteer, error);
}

/* ---- squads ---- */

static int serve(struct record *record, int64_t volunteer, struct text unit, struct error *error) {
    sqlite3_bind_int64(record->statements[RECORD_SERVE], 1, volunteer);
    bind_text(record->statements[RECORD_SERVE], 2, unit);
    return record_run(record, RECORD_SERVE, error);
}

/* The squads are those of the list from now on. */
static int set_units(struct record *record, int64_t volunteer, const struct list *units, struct error *error) {
    const struct text *items = units->items;
    sqlite3_bind_int64(record->statements[RECORD_SERVE_NO_MORE], 1, volunteer);
    int result = record_run(record, RECORD_SERVE_NO_MORE, error);
    for (uint32_t i = 0; i < units->count && result == 0; i++) {
        result = serve(record, volunteer, items[i], error);
    }
    return result;
}

/* ---- the events ---- */

static int take(struct record *record, int64_t volunteer, const struct event *event, struct error *error) {
    int result = set_head(record, volunteer, &event->body->volunteer, error);
    return result < 0 ? result : set_side(record, volunteer, event, error);
}

int record_enrol(struct record *record, const struct event *event, const struct record_bytes *bytes,
                 struct error *error) {
    sqlite3_stmt *statement = record->statements[RECORD_ADD_VOLUNTEER];
    const struct list *units = &event->body->volunteer.units;
    int64_t volunteer = (int64_t)event->seq;
    (void)bytes;
    sqlite3_bind_int64(statement, 1, volunteer);
    bind_blob(statement, 2, event->id.bytes, ID_BYTES);
    int result = record_run(record, RECORD_ADD_VOLUNTEER, error);
    result = result < 0 ? result : take(record, volunteer, event, error);
    if (result < 0) {
        return result;
    }
    return units->count > 0 ? set_units(record, volunteer, units, error) : serve(record, volunteer, event->unit, error);
}

int record_renew(struct record *record, const struct event *event, const struct record_bytes *bytes,
                 struct error *error) {
    const struct list *units = &event->body->volunteer.units;
    int64_t volunteer = 0;
    (void)bytes;
    int result = find_volunteer(record, &event->body->volunteer.volunteer, &volunteer, error);
    if (result <= 0) {
        return result;
    }
    result = take(record, volunteer, event, error);
    return result < 0 || units->count == 0 ? result : set_units(record, volunteer, units, error);
}

int record_leave(struct record *record, const struct event *event, const struct record_bytes *bytes,
                 struct error *error) {
    sqlite3_stmt *statement = record->statements[RECORD_LEAVE];
    int64_t volunteer = 0;
    (void)bytes;
    int result = find_volunteer(record, &event->body->volunteer_leaving.volunteer, &volunteer, error);
    if (result <= 0) {
        return result;
    }
    sqlite3_bind_int64(statement, 1, volunteer);
    bind_text(statement, 2, event->unit);
    sqlite3_bind_int(statement, 3, event->body->volunteer_leaving.left);
    return record_run(record, RECORD_LEAVE, error);
}

/* Whose hours a remark is about, and what it says. */
static const struct id *remark_of(const struct event *event, struct text *text) {
    switch (event->type) {
    case EVENT_HOURS_CORRECTED:
        *text = event->body->hours_change.reason;
        return &event->body->hours_change.volunteer;
    case EVENT_HOURS_OBJECTED:
        *text = event->body->hours_objection.text;
        return &event->body->hours_objection.volunteer;
    default:
        *text = event->body->hours_answer.text;
        return &event->body->hours_answer.volunteer;
    }
}

int record_remark(struct record *record, const struct event *event, const struct record_bytes *bytes,
                  struct error *error) {
    sqlite3_stmt *statement = record->statements[RECORD_ADD_REMARK];
    struct text text;
    int64_t volunteer = 0;
    (void)bytes;
    int result = find_volunteer(record, remark_of(event, &text), &volunteer, error);
    if (result <= 0) {
        return result;
    }
    sqlite3_bind_int64(statement, 1, (sqlite3_int64)event->seq);
    bind_blob(statement, 2, event->id.bytes, ID_BYTES);
    sqlite3_bind_int64(statement, 3, volunteer);
    bind_told(statement, 4, event->by);
    bind_told(statement, 5, text);
    return record_run(record, RECORD_ADD_REMARK, error);
}

/* ---- forgetting ---- */

int record_forget_volunteer(struct record *record, const struct id *id, struct error *error) {
    int64_t volunteer = 0;
    int result = find_volunteer(record, id, &volunteer, error);
    if (result <= 0) {
        return result;
    }
    sqlite3_bind_int64(record->statements[RECORD_FORGET_PARTICULARS], 1, volunteer);
    sqlite3_bind_int64(record->statements[RECORD_FORGET_REMARKS], 1, volunteer);
    result = record_run(record, RECORD_FORGET_PARTICULARS, error);
    result = result < 0 ? result : record_run(record, RECORD_FORGET_REMARKS, error);
    result = result < 0 ? result : tell(record, volunteer, error);
    record->unclean = record->unclean || result == 0;
    return result;
}

int record_forget_told(struct record *record, const struct id *event, struct error *error) {
    sqlite3_stmt *statement = record->statements[RECORD_FORGET_TOLD];
    int64_t volunteer = 0;
    bind_blob(statement, 1, event->bytes, ID_BYTES);
    int found = database_step(&record->database, statement, error);
    if (found == 1) {
        volunteer = sqlite3_column_int64(statement, 0);
        sqlite3_reset(statement);
    }
    sqlite3_clear_bindings(statement);
    int result = found == 1 ? tell(record, volunteer, error) : found;
    bind_blob(record->statements[RECORD_FORGET_REMARK], 1, event->bytes, ID_BYTES);
    result = result < 0 ? result : record_run(record, RECORD_FORGET_REMARK, error);
    bool changed = found == 1 || (result == 0 && sqlite3_changes(record->database.handle) > 0);
    record->unclean = record->unclean || changed;
    return result;
}
