/* Versions come into the record, and sides go out of it. */
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>

#include "proto/programme.h"
#include "services/archiver/search.h"

/* The newest version of a report. */
struct newest {
    int64_t report;
    int64_t seq;
    int64_t ordinal;
    bool withdrawn;
};

/* `report`: what is searched belongs to that one; 0: nothing is. */
static int add_event(struct record *record, const struct event *event, const struct record_bytes *bytes, int64_t report,
                     struct error *error) {
    sqlite3_stmt *statement = record->statements[RECORD_ADD_EVENT];
    sqlite3_bind_int64(statement, 1, (sqlite3_int64)event->seq);
    if (report != 0) {
        sqlite3_bind_int64(statement, 2, report);
    }
    bind_blob(statement, 3, bytes->head.data, bytes->head.length);
    bind_blob(statement, 4, bytes->side.length > 0 ? bytes->side.data : NULL, bytes->side.length);
    return record_run(record, RECORD_ADD_EVENT, error);
}

/* ---- versions ---- */

static void bind_days(sqlite3_stmt *statement, int place, const struct wire_report *report) {
    if (wire_has(report->present, FIELD_report_date)) {
        bool ends = wire_has(report->present, FIELD_report_date_end);
        sqlite3_bind_int(statement, place, report->date);
        sqlite3_bind_int(statement, place + 1, ends ? report->date_end : report->date);
    }
}

static bool has_attendances(const struct wire_report *report) {
    return wire_has(report->present, FIELD_report_attendances) && unit_counts_people(report->attendances_unit);
}

static int add_version(struct record *record, const struct event *event, int64_t report, int64_t ordinal,
                       struct error *error) {
    sqlite3_stmt *statement = record->statements[RECORD_ADD_VERSION];
    const struct wire_report *body = &event->body->report;
    sqlite3_bind_int64(statement, 1, report);
    sqlite3_bind_int64(statement, 2, (sqlite3_int64)event->seq);
    bind_blob(statement, 3, event->id.bytes, ID_BYTES);
    sqlite3_bind_int64(statement, 4, ordinal);
    sqlite3_bind_int64(statement, 5, (sqlite3_int64)event->seq);
    sqlite3_bind_int64(statement, 6, STANDS);
    sqlite3_bind_int64(statement, 7, event->received_at);
    bind_text(statement, 8, event->unit);
    sqlite3_bind_int64(statement, 9, (sqlite3_int64)programme_bits(&body->programmes));
    bind_days(statement, 10, body);
    bind_text(statement, 12, body->number);
    if (wire_has(body->present, FIELD_report_activity)) {
        bind_blob(statement, 13, body->activity.bytes, ID_BYTES);
    }
    if (has_attendances(body)) {
        sqlite3_bind_int64(statement, 14, body->attendances);
    }
    return record_run(record, RECORD_ADD_VERSION, error);
}

static int add_mark(struct record *record, enum mark mark, int64_t report, uint64_t seq, struct error *error) {
    sqlite3_stmt *statement = record->statements[RECORD_ADD_MARK];
    sqlite3_bind_int64(statement, 1, mark);
    sqlite3_bind_int64(statement, 3, report);
    sqlite3_bind_int64(statement, 4, (sqlite3_int64)seq);
    return record_run(record, RECORD_ADD_MARK, error);
}

static int add_marks(struct record *record, const struct event *event, int64_t report, struct error *error) {
    sqlite3_stmt *statement = record->statements[RECORD_ADD_MARK];
    const struct wire_report *body = &event->body->report;
    int result = 0;
    if (wire_has(body->present, FIELD_report_number)) {
        bind_text(statement, 2, body->number);
        result = add_mark(record, MARK_NUMBER, report, event->seq, error);
    }
    if (wire_has(body->present, FIELD_report_activity) && result == 0) {
        bind_blob(statement, 2, body->activity.bytes, ID_BYTES);
        result = add_mark(record, MARK_ACTIVITY, report, event->seq, error);
    }
    if (wire_has(body->present, FIELD_report_contact) && result == 0) {
        bind_text(statement, 2, body->contact);
        result = add_mark(record, MARK_CONTACT, report, event->seq, error);
    }
    return result;
}

/* An event with a whole report in it, as version `ordinal` of `report`. */
static int add_report(struct record *record, const struct event *event, const struct record_bytes *bytes,
                      int64_t report, int64_t ordinal, struct error *error) {
    int result = add_event(record, event, bytes, report, error);
    if (result == 0) {
        result = add_version(record, event, report, ordinal, error);
    }
    if (result == 0) {
        result = add_marks(record, event, report, error);
    }
    if (result == 0) {
        result = search_add(record, event, report, error);
    }
    record->counts.versions += result == 0;
    return result;
}

int record_submit(struct record *record, const struct event *event, const struct record_bytes *bytes,
                  struct error *error) {
    int result = add_report(record, event, bytes, (int64_t)event->seq, 1, error);
    record->counts.reports += result == 0;
    return result;
}

/* 1 with the newest version of a report that stands, 0 when there is none such. */
static int find_newest(struct record *record, const struct id *report, struct newest *newest, struct error *error) {
    sqlite3_stmt *statement = record->statements[RECORD_NEWEST];
    bind_blob(statement, 1, report->bytes, ID_BYTES);
    int result = database_step(&record->database, statement, error);
    if (result == 1) {
        *newest = (struct newest){
            .report = sqlite3_column_int64(statement, 0),
            .seq = sqlite3_column_int64(statement, 1),
            .ordinal = sqlite3_column_int64(statement, 2),
            .withdrawn = sqlite3_column_int(statement, 3) != 0,
        };
        sqlite3_reset(statement);
        result = newest->withdrawn ? 0 : 1;
    }
    sqlite3_clear_bindings(statement);
    return result;
}

static int end_version(struct record *record, const struct newest *newest, uint64_t seq, struct error *error) {
    sqlite3_stmt *statement = record->statements[RECORD_END_VERSION];
    sqlite3_bind_int64(statement, 1, (sqlite3_int64)seq);
    sqlite3_bind_int64(statement, 2, newest->report);
    sqlite3_bind_int64(statement, 3, newest->seq);
    return record_run(record, RECORD_END_VERSION, error);
}

int record_amend(struct record *record, const struct event *event, const struct record_bytes *bytes,
                 struct error *error) {
    struct newest newest = {0};
    int result = find_newest(record, &event->body->report.amends, &newest, error);
    if (result <= 0) {
        return result;
    }
    result = end_version(record, &newest, event->seq, error);
    return result < 0 ? result : add_report(record, event, bytes, newest.report, newest.ordinal + 1, error);
}

int record_withdraw(struct record *record, const struct event *event, const struct record_bytes *bytes,
                    struct error *error) {
    struct newest newest = {0};
    int result = find_newest(record, &event->body->report_withdrawal.report, &newest, error);
    if (result <= 0) {
        return result;
    }
    result = end_version(record, &newest, event->seq, error);
    if (result == 0) {
        result = add_event(record, event, bytes, 0, error);
    }
    if (result < 0) {
        return result;
    }
    sqlite3_stmt *statement = record->statements[RECORD_WITHDRAW];
    sqlite3_bind_int64(statement, 1, (sqlite3_int64)event->seq);
    bind_blob(statement, 2, event->id.bytes, ID_BYTES);
    sqlite3_bind_int64(statement, 3, STANDS);
    sqlite3_bind_int64(statement, 4, event->received_at);
    sqlite3_bind_int64(statement, 5, newest.report);
    sqlite3_bind_int64(statement, 6, newest.seq);
    result = record_run(record, RECORD_WITHDRAW, error);
    if (result == 0) {
        sqlite3_bind_int64(record->statements[RECORD_MARK_AGAIN], 1, newest.report);
        sqlite3_bind_int64(record->statements[RECORD_MARK_AGAIN], 2, (sqlite3_int64)event->seq);
        result = record_run(record, RECORD_MARK_AGAIN, error);
    }
    record->counts.versions += result == 0;
    record->counts.reports -= result == 0;
    return result;
}

int record_set_unit(struct record *record, struct text path, struct text name, struct error *error) {
    sqlite3_stmt *statement = record->statements[RECORD_SET_UNIT];
    bind_text(statement, 1, path);
    bind_text(statement, 2, name);
    return record_run(record, RECORD_SET_UNIT, error);
}

/* ---- forgetting ---- */

int column_event(struct database *database, sqlite3_stmt *statement, int column, struct arena *arena,
                 struct event *event, struct error *error) {
    struct text head = column_bytes(statement, column);
    struct text side = column_bytes(statement, column + 1);
    struct text copies[] = {{arena_copy(arena, head.data, head.length), head.length},
                            {arena_copy(arena, side.data, side.length), side.length}};
    if (!copies[0].data || !copies[1].data) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    size_t used = 0;
    /* Decoding takes texts as they are: what is damaged must not go out as one. */
    bool whole = codec_walk(head, EVENT_DEPTH_MAX, NULL) == 0 &&
                 (side.length == 0 || codec_walk(side, EVENT_DEPTH_MAX, NULL) == 0);
    int result = whole ? codec_decode_head(copies[0], copies[1], arena, event, &used, NULL) : -(int)ERR_CORRUPT;
    bool version = result == 0 && used == head.length &&
                   (event->type == EVENT_REPORT_SUBMITTED || event->type == EVENT_REPORT_AMENDED ||
                    event->type == EVENT_REPORT_WITHDRAWN);
    if (!version && result != -ERR_NO_MEMORY) {
        /* What does not fit is not quoted: it may be a name. */
        struct error_words words = {.field = database->path, .value = "an event does not decode"};
        return error_set(error, ERR_CORRUPT, words);
    }
    return result < 0 ? error_set(error, ERR_NO_MEMORY, (struct error_words){0}) : 0;
}

/* 1 with the event of a version, 0 when there is none. It lives in the record's arena. */
static int get_event(struct record *record, uint64_t seq, struct event *event, struct error *error) {
    sqlite3_stmt *statement = record->statements[RECORD_GET_EVENT];
    arena_reset(record->arena);
    sqlite3_bind_int64(statement, 1, (sqlite3_int64)seq);
    int result = database_step(&record->database, statement, error);
    if (result == 1) {
        int decoded = column_event(&record->database, statement, 0, record->arena, event, error);
        sqlite3_reset(statement);
        result = decoded < 0 ? decoded : 1;
    }
    return result;
}

static bool holds_report(const struct event *event) {
    return event->type == EVENT_REPORT_SUBMITTED || event->type == EVENT_REPORT_AMENDED;
}

static int drop_side(struct record *record, uint64_t seq, struct error *error) {
    struct event event = {0};
    int result = get_event(record, seq, &event, error);
    if (result <= 0 || !event.has_side) {
        return result < 0 ? result : 0;
    }
    result = holds_report(&event) ? search_drop(record, seq, error) : 0;
    if (result == 0) {
        sqlite3_bind_int64(record->statements[RECORD_DROP_SIDE], 1, (sqlite3_int64)seq);
        result = record_run(record, RECORD_DROP_SIDE, error);
    }
    record->unclean = record->unclean || result == 0;
    return result;
}

/* Drops the sides of all versions that a statement lists, whose parameter is bound. */
static int drop_sides(struct record *record, enum record_statement list, struct error *error) {
    sqlite3_stmt *statement = record->statements[list];
    int result;
    while ((result = database_step(&record->database, statement, error)) == 1) {
        result = drop_side(record, (uint64_t)sqlite3_column_int64(statement, 0), error);
        if (result < 0) {
            sqlite3_reset(statement);
            break;
        }
    }
    sqlite3_clear_bindings(statement);
    return result;
}

int record_forget_person(struct record *record, struct text person, struct error *error) {
    bind_text(record->statements[RECORD_OF_PERSON], 1, person);
    return drop_sides(record, RECORD_OF_PERSON, error);
}

int record_forget_event(struct record *record, const struct id *event, struct error *error) {
    bind_blob(record->statements[RECORD_OF_EVENT], 1, event->bytes, ID_BYTES);
    return drop_sides(record, RECORD_OF_EVENT, error);
}
