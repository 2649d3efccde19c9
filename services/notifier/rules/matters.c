/* Matters in SQLite. */
#include "services/notifier/rules/matters.h"

#include <assert.h>
#include <stdio.h>

#include "proto/life.h"
#include "services/notifier/columns.h"

#define COLUMNS "subject, unit, begun, place"
#define SUM "row_checksum(kind, subject, unit, begun, place, open)"

static const char table[] =
    "CREATE TABLE IF NOT EXISTS matters (kind INTEGER, subject BLOB, unit TEXT, begun INTEGER NOT NULL,"
    " place TEXT NOT NULL, open INTEGER NOT NULL, checksum BLOB NOT NULL, PRIMARY KEY (kind, subject, unit))"
    " WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS matters_begun ON matters (kind, begun) WHERE open = 1;";

enum { PUT, HAND_ON, CLOSE, REOPEN, RAISE_AGAIN, CLOSE_NOTICE, EACH, NEXT, STATEMENT_COUNT };

static_assert(STATEMENT_COUNT <= MATTERS_STATEMENTS, "room for each");

static const char *const sql[STATEMENT_COUNT] = {
    [PUT] = "INSERT OR REPLACE INTO matters (kind, " COLUMNS ", open, checksum)"
            " VALUES (?1, ?2, ?3, ?4, ?5, ?6, row_checksum(?1, ?2, ?3, ?4, ?5, ?6))",
    [HAND_ON] = "UPDATE OR REPLACE matters SET unit = ?2, open = 1,"
                " checksum = row_checksum(kind, subject, ?2, begun, place, 1) WHERE kind = 0 AND subject = ?1",
    [CLOSE] = "UPDATE matters SET open = 0, checksum = row_checksum(kind, subject, unit, begun, place, 0)"
              " WHERE kind = 0 AND subject = ?1",
    [REOPEN] = "UPDATE matters SET open = 1, begun = ?2, checksum = row_checksum(kind, subject, unit, ?2, place, 1)"
               " WHERE kind = 0 AND subject = ?1",
    [RAISE_AGAIN] = "INSERT INTO matters (kind, " COLUMNS ", open, checksum) SELECT 0, ?1, ?2, ?3, '', 1,"
                    " row_checksum(0, ?1, ?2, ?3, '', 1)"
                    " WHERE NOT EXISTS (SELECT 1 FROM matters WHERE kind = 0 AND subject = ?1)",
    [CLOSE_NOTICE] = "UPDATE matters SET open = 0, checksum = row_checksum(kind, subject, unit, begun, place, 0)"
                     " WHERE kind = 1 AND subject = ?1 AND (?2 = '' OR unit = ?2) AND open = 1",
    [EACH] = "SELECT checksum IS " SUM ", " COLUMNS " FROM matters WHERE kind = ?1 AND open = 1 AND begun > ?2"
             " AND begun <= ?3 ORDER BY begun, subject, unit",
    [NEXT] = "SELECT min(begun) FROM matters WHERE kind = ?1 AND open = 1 AND begun > ?2",
};

#define MEMBER(member, kind) COLUMN(struct matter, member, kind)

/* In the order of COLUMNS. */
static const struct column column_items[] = {MEMBER(subject, ID), MEMBER(unit, STRING), MEMBER(begun, INT64),
                                             MEMBER(place, STRING)};
static const struct columns columns = {column_items, sizeof column_items / sizeof *column_items};

int matters_open(struct matters *matters, struct database *database, struct error *error) {
    *matters = (struct matters){.database = database};
    int result = database_execute(database, table, error);
    return result < 0 ? result : statements_open(database, sql, STATEMENT_COUNT, matters->statements, error);
}

void matters_close(struct matters *matters) {
    statements_close(matters->statements, STATEMENT_COUNT);
}

/* ---- writing ---- */

static int put(struct matters *matters, enum matter_kind kind, const struct matter *matter, bool open,
               struct error *error) {
    sqlite3_stmt *statement = matters->statements[PUT];
    sqlite3_bind_int(statement, 1, (int)kind);
    columns_bind(columns, statement, 2, matter);
    sqlite3_bind_int(statement, 6, open);
    return statement_run(matters->database, statement, error);
}

static int run(struct matters *matters, int index, const struct id *subject, struct text unit, int64_t begun,
               struct error *error) {
    sqlite3_stmt *statement = matters->statements[index];
    bind_id(statement, 1, subject);
    if (index == REOPEN) {
        sqlite3_bind_int64(statement, 2, begun);
    } else if (index == HAND_ON || index == CLOSE_NOTICE) {
        bind_text(statement, 2, unit);
    }
    return statement_run(matters->database, statement, error);
}

static int raise(struct matters *matters, const struct event *event, struct error *error) {
    const struct wire_problem *problem = &event->body->problem;
    struct matter matter = {.subject = event->id, .begun = event->received_at};
    snprintf(matter.unit, sizeof matter.unit, "%.*s", (int)event->unit.length, event->unit.data);
    snprintf(matter.place, sizeof matter.place, "%.*s%.*s", (int)problem->town.length,
             problem->town.length ? problem->town.data : "", (int)problem->spot.length,
             problem->spot.length ? problem->spot.data : "");
    return put(matters, MATTER_PROBLEM, &matter, !problem->solved, error);
}

static int assign(struct matters *matters, const struct event *event, struct error *error) {
    const struct wire_problem_assignment *assignment = &event->body->problem_assignment;
    return wire_has(assignment->present, FIELD_problem_assignment_to)
               ? run(matters, HAND_ON, &assignment->problem, assignment->to, 0, error)
               : 0;
}

/* What was closed long ago is not kept (prune.h): then it is the matter of who opens it again, at a place not known here. */
static int reopen(struct matters *matters, const struct id *subject, const struct event *event, struct error *error) {
    sqlite3_stmt *statement = matters->statements[RAISE_AGAIN];
    int result = run(matters, REOPEN, subject, (struct text){0}, event->received_at, error);
    bind_id(statement, 1, subject);
    bind_text(statement, 2, event->unit);
    sqlite3_bind_int64(statement, 3, event->received_at);
    return result < 0 ? result : statement_run(matters->database, statement, error);
}

int matters_fold_problem(struct matters *matters, const struct event *event, struct error *error) {
    const struct life_step *step = life_step_of(event->type);
    struct id subject;
    if (!step || step->life != LIFE_problem || !life_subject(step, event, &subject)) {
        return 0;
    }
    switch (step->to) {
    case STATE_problem_RAISED:
        return raise(matters, event, error);
    case STATE_problem_ASSIGNED:
        return assign(matters, event, error);
    case STATE_problem_STARTED:
        return 0;
    case STATE_problem_REOPENED:
        return reopen(matters, &subject, event, error);
    default:
        return run(matters, CLOSE, &subject, (struct text){0}, 0, error);
    }
}

int matters_open_notice(struct matters *matters, const struct event *event, struct text unit, struct error *error) {
    struct matter matter = {.subject = event->id, .begun = event->received_at};
    snprintf(matter.unit, sizeof matter.unit, "%.*s", (int)unit.length, unit.data);
    return put(matters, MATTER_NOTICE, &matter, true, error);
}

int matters_close_notice(struct matters *matters, const struct id *notice, struct text unit, struct error *error) {
    return run(matters, CLOSE_NOTICE, notice, unit, 0, error);
}

/* ---- reading ---- */

static int take_row(sqlite3_stmt *statement, int (*take)(void *data, const struct matter *matter), void *data,
                    struct error *error) {
    struct matter matter;
    if (sqlite3_column_int(statement, 0) != 1 || !columns_read(columns, statement, 1, &matter)) {
        return error_set(error, ERR_CORRUPT,
                         (struct error_words){.field = "a matter's row", .value = "it does not fit its checksum"});
    }
    return take(data, &matter);
}

int matters_each(struct matters *matters, enum matter_kind kind, int64_t from, int64_t to,
                 int (*take)(void *data, const struct matter *matter), void *data, struct error *error) {
    sqlite3_stmt *statement = matters->statements[EACH];
    int taken = 0;
    int count = 0;
    int result = 1;
    sqlite3_bind_int(statement, 1, (int)kind);
    sqlite3_bind_int64(statement, 2, from);
    sqlite3_bind_int64(statement, 3, to);
    while (taken == 0 && (result = database_step(matters->database, statement, error)) == 1) {
        taken = take_row(statement, take, data, error);
        count++;
    }
    sqlite3_reset(statement);
    if (taken < 0) {
        return taken;
    }
    return result < 0 ? result : count;
}

int matters_next(struct matters *matters, enum matter_kind kind, int64_t from, int64_t *begun, struct error *error) {
    sqlite3_stmt *statement = matters->statements[NEXT];
    sqlite3_bind_int(statement, 1, (int)kind);
    sqlite3_bind_int64(statement, 2, from);
    int result = database_step(matters->database, statement, error);
    bool found = result == 1 && sqlite3_column_type(statement, 0) == SQLITE_INTEGER;
    *begun = found ? sqlite3_column_int64(statement, 0) : 0;
    sqlite3_reset(statement);
    return result < 0 ? result : found;
}
