/* Incidents in SQLite. */
#include "services/notifier/rules/incidents.h"

#include <assert.h>

#include "services/notifier/columns.h"

#define COLUMNS "first, rule, version, unit, subject, period, first_at, steps, repeats, next_at, ended, round"
#define SELECT "SELECT checksum IS row_checksum(" COLUMNS "), " COLUMNS " FROM incidents "
#define FIRSTS "SELECT first FROM incidents WHERE ended < 2 AND " /* not cleared */

static const char tables[] =
    "CREATE TABLE IF NOT EXISTS incidents (first BLOB PRIMARY KEY, rule TEXT NOT NULL, version INTEGER NOT NULL,"
    " unit TEXT NOT NULL, subject TEXT NOT NULL, period TEXT NOT NULL, first_at INTEGER NOT NULL,"
    " steps INTEGER NOT NULL, repeats INTEGER NOT NULL, next_at INTEGER NOT NULL, ended INTEGER NOT NULL,"
    " checksum BLOB NOT NULL, round INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS incidents_subject ON incidents (subject) WHERE ended < 2;"
    "CREATE INDEX IF NOT EXISTS incidents_rule ON incidents (rule) WHERE ended < 2;"
    "CREATE INDEX IF NOT EXISTS incidents_due ON incidents (next_at) WHERE ended < 2 AND next_at > 0;"
    "CREATE TABLE IF NOT EXISTS alerts (id BLOB PRIMARY KEY, first BLOB NOT NULL, checksum BLOB NOT NULL)"
    " WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS alerts_first ON alerts (first);";

enum { PUT, GET, NOTE, OF_ALERT, NEXT_DUE, ALERTS, SUM, SPEAK, CHOOSE, STATEMENT_COUNT = CHOOSE + INCIDENTS_DUE + 1 };

static_assert(STATEMENT_COUNT <= INCIDENTS_STATEMENTS, "room for each");

static const char *const sql[STATEMENT_COUNT] = {
    [PUT] = "INSERT OR REPLACE INTO incidents (" COLUMNS ", checksum) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10,"
            " ?11, ?12, row_checksum(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12))",
    [GET] = SELECT "WHERE first = ?1",
    [NOTE] = "INSERT INTO alerts (id, first, checksum) VALUES (?1, ?2, row_checksum(?1, ?2))"
             " ON CONFLICT (id) DO NOTHING RETURNING 1",
    [OF_ALERT] = SELECT "WHERE first = (SELECT first FROM alerts WHERE id = ?1)",
    [NEXT_DUE] = "SELECT min(next_at) FROM incidents WHERE ended < 2 AND next_at > 0",
    [SUM] = "SELECT (SELECT count(*) FROM notices WHERE rule = ?1), (SELECT ifnull(max(received_at), 0) FROM notices"
            " WHERE rule = ?1), (SELECT count(*) FROM incidents WHERE rule = ?1 AND ended < 2)",
    [SPEAK] = "SELECT 1 FROM incidents WHERE rule = ?1 AND ended < 2 AND first_at <= ?3 AND"
              " (unit = ?2 OR substr(?2, 1, length(unit) + 1) = unit || '/') LIMIT 1",
    [ALERTS] = "SELECT id FROM alerts WHERE first = ?1 LIMIT ?3",
    [CHOOSE + INCIDENTS_OF_SUBJECT] = FIRSTS "subject = ?1 LIMIT ?3",
    [CHOOSE + INCIDENTS_OF_RULE] = FIRSTS "rule = ?1 ORDER BY next_at = 0, next_at LIMIT ?3",
    [CHOOSE + INCIDENTS_DUE] = FIRSTS "next_at > 0 AND next_at <= ?2 ORDER BY next_at LIMIT ?3",
};

#define MEMBER(member, kind) COLUMN(struct incident, member, kind)

/* In the order of COLUMNS. */
static const struct column column_items[] = {
    MEMBER(first, ID),       MEMBER(rule, STRING),   MEMBER(version, INT64),  MEMBER(unit, STRING),
    MEMBER(subject, STRING), MEMBER(period, STRING), MEMBER(first_at, INT64), MEMBER(steps, INT64),
    MEMBER(repeats, INT64),  MEMBER(next_at, INT64), MEMBER(end, INT64),      MEMBER(round, INT64),
};
static const struct columns columns = {column_items, sizeof column_items / sizeof *column_items};

int incidents_open(struct incidents *incidents, struct database *database, struct error *error) {
    *incidents = (struct incidents){.database = database};
    int result = database_execute(database, tables, error);
    return result < 0 ? result : statements_open(database, sql, STATEMENT_COUNT, incidents->statements, error);
}

void incidents_close(struct incidents *incidents) {
    statements_close(incidents->statements, STATEMENT_COUNT);
}

int incidents_put(struct incidents *incidents, const struct incident *incident, struct error *error) {
    columns_bind(columns, incidents->statements[PUT], 1, incident);
    return statement_run(incidents->database, incidents->statements[PUT], error);
}

static int read_one(struct incidents *incidents, sqlite3_stmt *statement, struct incident *incident,
                    struct error *error) {
    int result = database_step(incidents->database, statement, error);
    if (result == 1 && (sqlite3_column_int(statement, 0) != 1 || !columns_read(columns, statement, 1, incident))) {
        result = error_set(error, ERR_CORRUPT,
                           (struct error_words){.field = "an incident's row", .value = "it does not fit its checksum"});
    }
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    return result;
}

int incidents_get(struct incidents *incidents, const struct id *first, struct incident *incident, struct error *error) {
    bind_id(incidents->statements[GET], 1, first);
    return read_one(incidents, incidents->statements[GET], incident, error);
}

int incidents_note_alert(struct incidents *incidents, const struct id *alert, const struct id *first,
                         struct error *error) {
    sqlite3_stmt *statement = incidents->statements[NOTE];
    bind_id(statement, 1, alert);
    bind_id(statement, 2, first);
    int result = database_step(incidents->database, statement, error);
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    return result;
}

int incidents_of_alert(struct incidents *incidents, const struct id *alert, struct incident *incident,
                       struct error *error) {
    bind_id(incidents->statements[OF_ALERT], 1, alert);
    return read_one(incidents, incidents->statements[OF_ALERT], incident, error);
}

int incidents_answer(struct incidents *incidents, struct incident *incident, int64_t again_at, struct error *error) {
    if (incident->end != INCIDENT_STANDS) {
        return 0;
    }
    incident->end = INCIDENT_ANSWERED;
    incident->next_at = again_at;
    return incidents_put(incidents, incident, error);
}

int incidents_speak(struct incidents *incidents, struct text rule, struct text unit, int64_t at, struct error *error) {
    sqlite3_stmt *statement = incidents->statements[SPEAK];
    bind_text(statement, 1, rule);
    bind_text(statement, 2, unit);
    sqlite3_bind_int64(statement, 3, at);
    int result = database_step(incidents->database, statement, error);
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    return result;
}

/* The ids of a statement whose parameters but ?3 are bound. */
static int read_ids(struct incidents *incidents, sqlite3_stmt *statement, struct id *ids, int max,
                    struct error *error) {
    int count = 0;
    int result = 1;
    sqlite3_bind_int(statement, 3, max);
    while (count < max && (result = database_step(incidents->database, statement, error)) == 1) {
        count += column_bytes(statement, 0, ids[count].bytes, ID_BYTES);
    }
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    return result < 0 ? result : count;
}

int incidents_choose(struct incidents *incidents, enum incident_choice choice, struct text text, int64_t number,
                     struct id *firsts, int max, struct error *error) {
    sqlite3_stmt *statement = incidents->statements[CHOOSE + choice];
    bind_text(statement, 1, text);
    sqlite3_bind_int64(statement, 2, number);
    return read_ids(incidents, statement, firsts, max, error);
}

int incidents_alerts(struct incidents *incidents, const struct id *first, struct id *alerts, int max,
                     struct error *error) {
    bind_id(incidents->statements[ALERTS], 1, first);
    return read_ids(incidents, incidents->statements[ALERTS], alerts, max, error);
}

int incidents_sum(struct incidents *incidents, struct text rule, int64_t *alerts, int64_t *last, int64_t *open,
                  struct error *error) {
    sqlite3_stmt *statement = incidents->statements[SUM];
    bind_text(statement, 1, rule);
    int result = database_step(incidents->database, statement, error);
    *alerts = result == 1 ? sqlite3_column_int64(statement, 0) : 0;
    *last = result == 1 ? sqlite3_column_int64(statement, 1) : 0;
    *open = result == 1 ? sqlite3_column_int64(statement, 2) : 0;
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    return result < 0 ? result : 0;
}

int incidents_next_due(struct incidents *incidents, int64_t *due, struct error *error) {
    sqlite3_stmt *statement = incidents->statements[NEXT_DUE];
    int result = database_step(incidents->database, statement, error);
    bool found = result == 1 && sqlite3_column_type(statement, 0) == SQLITE_INTEGER;
    *due = found ? sqlite3_column_int64(statement, 0) : 0;
    sqlite3_reset(statement);
    return result < 0 ? result : found;
}
