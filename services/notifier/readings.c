/* Readings in SQLite. */
#include "services/notifier/readings.h"

#include <assert.h>
#include <stdio.h>

#include "services/notifier/columns.h"

#define KEY READINGS_KEY
#define TIMES READINGS_TIMES
#define COLUMNS READINGS_COLUMNS
#define SELECT "SELECT checksum IS row_checksum(" COLUMNS "), " COLUMNS " FROM readings WHERE notice = ?1"
#define BLANK \
    "UPDATE readings SET answer = '', checksum = row_checksum(" KEY ", " TIMES \
    ", answered_by, '') WHERE answer <> '' AND "

static const char table[] =
    "CREATE TABLE IF NOT EXISTS readings (notice BLOB, unit TEXT, person TEXT, source TEXT, read_at INTEGER NOT NULL,"
    " confirmed_at INTEGER NOT NULL, answered_at INTEGER NOT NULL, recalled_at INTEGER NOT NULL,"
    " answered_by BLOB NOT NULL, answer TEXT NOT NULL, checksum BLOB NOT NULL, PRIMARY KEY (" KEY ")) WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS readings_person ON readings (notice, person);"
    "CREATE INDEX IF NOT EXISTS readings_recalled ON readings (notice, recalled_at) WHERE recalled_at > 0;";

enum { PUT, GET, EACH, ANSWER, FORGET_EVENT, FORGET_PERSON, STATEMENT_COUNT };

static_assert(STATEMENT_COUNT == READINGS_STATEMENTS, "room for each");

static const char *const sql[STATEMENT_COUNT] = {
    [PUT] = "INSERT OR REPLACE INTO readings (" COLUMNS ", checksum) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10,"
            " row_checksum(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10))",
    [GET] = SELECT " AND unit = ?2 AND person = ?3 AND source = ?4",
    [EACH] = SELECT " AND (unit, person, source) > (?2, ?3, ?4) ORDER BY unit, person, source",
    /* An answer's id tells when it was made. */
    [ANSWER] = SELECT
    " AND (unit = ?2 OR (unit > ?2 || '/' AND unit < ?2 || '0')) AND answer <> '' ORDER BY answered_by DESC LIMIT 1",
    [FORGET_EVENT] = BLANK "answered_by = ?1",
    [FORGET_PERSON] = BLANK "person = ?1",
};

#define MEMBER(member, kind) COLUMN(struct reading, member, kind)

/* In the order of COLUMNS. */
static const struct column column_items[] = {
    MEMBER(notice, ID),      MEMBER(unit, STRING),        MEMBER(person, STRING),     MEMBER(source, STRING),
    MEMBER(read_at, INT64),  MEMBER(confirmed_at, INT64), MEMBER(answered_at, INT64), MEMBER(recalled_at, INT64),
    MEMBER(answered_by, ID), MEMBER(answer, STRING),
};
static const struct columns columns = {column_items, sizeof column_items / sizeof *column_items};

int readings_open(struct readings *readings, struct database *database, struct error *error) {
    *readings = (struct readings){.database = database};
    int result = database_execute(database, table, error);
    return result < 0 ? result : statements_open(database, sql, STATEMENT_COUNT, readings->statements, error);
}

void readings_close(struct readings *readings) {
    statements_close(readings->statements, STATEMENT_COUNT);
}

/* ---- reading ---- */

/* The row on which a statement stands. */
static int read_row(sqlite3_stmt *statement, struct reading *reading, struct error *error) {
    if (sqlite3_column_int(statement, 0) == 1 && columns_read(columns, statement, 1, reading)) {
        return 1;
    }
    return error_set(error, ERR_CORRUPT,
                     (struct error_words){.field = "a reading's row", .value = "it does not fit its checksum"});
}

int readings_each(struct readings *readings, const struct id *notice, const struct reading_mark *after,
                  int (*take)(void *data, const struct reading *reading), void *data, struct error *error) {
    sqlite3_stmt *statement = readings->statements[EACH];
    struct reading reading;
    int result = 1;
    int taken = 0;
    bind_id(statement, 1, notice);
    bind_text(statement, 2, after->unit);
    bind_text(statement, 3, after->person);
    bind_text(statement, 4, after->source);
    while (taken == 0 && (result = database_step(readings->database, statement, error)) == 1) {
        result = read_row(statement, &reading, error);
        taken = result < 0 ? result : take(data, &reading);
    }
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    return result < 0 || taken < 0 ? (result < 0 ? result : taken) : 0;
}

int readings_answer(struct readings *readings, const struct id *notice, struct text unit, struct reading *reading,
                    struct error *error) {
    sqlite3_stmt *statement = readings->statements[ANSWER];
    bind_id(statement, 1, notice);
    bind_text(statement, 2, unit);
    int result = database_step(readings->database, statement, error);
    result = result == 1 ? read_row(statement, reading, error) : result;
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    return result;
}

/* 1 found, 0 not there. The key of `reading` is filled in. */
static int get(struct readings *readings, struct reading *reading, struct error *error) {
    sqlite3_stmt *statement = readings->statements[GET];
    struct reading found;
    bind_id(statement, 1, &reading->notice);
    bind_string(statement, 2, reading->unit);
    bind_string(statement, 3, reading->person);
    bind_string(statement, 4, reading->source);
    int result = database_step(readings->database, statement, error);
    result = result == 1 ? read_row(statement, &found, error) : result;
    sqlite3_reset(statement);
    if (result == 1) {
        *reading = found;
    }
    return result;
}

/* ---- writing ---- */

/* Where the event's fact stands. */
static int64_t *time_of(struct reading *reading, enum event_type type) {
    switch (type) {
    case EVENT_NOTICE_READ:
        return &reading->read_at;
    case EVENT_NOTICE_CONFIRMED:
        return &reading->confirmed_at;
    case EVENT_NOTICE_ANSWERED:
    case EVENT_REPORT_SUBMITTED:
        return &reading->answered_at;
    default:
        assert(type == EVENT_NOTICE_RECALLED);
        return &reading->recalled_at;
    }
}

/* Who said it; a report speaks for its unit. */
static void name_speaker(const struct event *event, struct reading *reading) {
    if (event->type == EVENT_REPORT_SUBMITTED) {
        snprintf(reading->source, sizeof reading->source, "report");
        return;
    }
    snprintf(reading->person, sizeof reading->person, "%.*s", (int)event->by.length, event->by.data);
    snprintf(reading->source, sizeof reading->source, "%.*s", (int)event->source.length, event->source.data);
}

int readings_note(struct readings *readings, const struct id *notice, const struct event *event, struct error *error) {
    struct reading reading = {.notice = *notice};
    snprintf(reading.unit, sizeof reading.unit, "%.*s", (int)event->unit.length, event->unit.data);
    name_speaker(event, &reading);
    int found = get(readings, &reading, error);
    int64_t *time = time_of(&reading, event->type);
    bool is_new = *time == 0;
    if (found < 0 || (!is_new && event->type != EVENT_NOTICE_ANSWERED)) {
        return found < 0 ? found : 0;
    }
    *time = is_new ? event->received_at : *time;
    if (event->type == EVENT_NOTICE_ANSWERED) {
        struct text answer = event->body->notice_answer.text;
        reading.answered_by = event->id;
        snprintf(reading.answer, sizeof reading.answer, "%.*s", (int)answer.length, answer.length ? answer.data : "");
    }
    columns_bind(columns, readings->statements[PUT], 1, &reading);
    int result = statement_run(readings->database, readings->statements[PUT], error);
    return result < 0 ? result : is_new;
}

int readings_forget_event(struct readings *readings, const struct id *event, struct error *error) {
    bind_id(readings->statements[FORGET_EVENT], 1, event);
    return statement_run(readings->database, readings->statements[FORGET_EVENT], error);
}

int readings_forget_person(struct readings *readings, struct text person, struct error *error) {
    bind_text(readings->statements[FORGET_PERSON], 1, person);
    return statement_run(readings->database, readings->statements[FORGET_PERSON], error);
}
