/* Groups in SQLite. */
#include "services/notifier/grouping/groups.h"

#include <assert.h>

#include "services/notifier/columns.h"

#define COLUMNS "row, person, channel, came, key, due, spacing, carrier"
#define FLUSH_COLUMNS "person, channel, key, at"
#define NO_CARRIER "x'00000000000000000000000000000000'"
#define KEPT_MS "604800000" /* of a group that went out: longer than any interval */

static const char tables[] =
    "CREATE TABLE IF NOT EXISTS groups (row INTEGER PRIMARY KEY, person TEXT NOT NULL, channel TEXT NOT NULL,"
    " came INTEGER NOT NULL, key TEXT NOT NULL, due INTEGER NOT NULL, spacing INTEGER NOT NULL, carrier BLOB NOT NULL,"
    " checksum BLOB NOT NULL);"
    "CREATE INDEX IF NOT EXISTS groups_waiting ON groups (person, channel, key) WHERE carrier = " NO_CARRIER ";"
    "CREATE INDEX IF NOT EXISTS groups_carrier ON groups (carrier, person) WHERE carrier <> " NO_CARRIER ";"
    "CREATE TABLE IF NOT EXISTS flushes (person TEXT, channel TEXT, key TEXT, at INTEGER NOT NULL,"
    " checksum BLOB NOT NULL, PRIMARY KEY (person, channel, key)) WITHOUT ROWID;";

enum { PUT, GET, REMOVE, WAITING, CARRIED, FLUSHED, FLUSH, PRUNE, STATEMENT_COUNT };

static_assert(STATEMENT_COUNT == GROUPS_STATEMENTS, "room for each");

static const char *const sql[STATEMENT_COUNT] = {
    [PUT] = "INSERT OR REPLACE INTO groups (" COLUMNS ", checksum) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8,"
            " row_checksum(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8))",
    [GET] = "SELECT checksum IS row_checksum(" COLUMNS "), " COLUMNS " FROM groups WHERE row = ?1",
    [REMOVE] = "DELETE FROM groups WHERE row = ?1",
    [WAITING] = "SELECT row FROM groups WHERE person = ?2 AND channel = ?3 AND key = ?4 AND carrier = " NO_CARRIER
                " AND row <> ?1 AND due <= ?5 ORDER BY row LIMIT ?6",
    [CARRIED] =
        "SELECT row FROM groups WHERE carrier = ?1 AND carrier <> " NO_CARRIER " AND person = ?2 ORDER BY row LIMIT ?3",
    [FLUSHED] = "SELECT at FROM flushes WHERE person = ?2 AND channel = ?3 AND key = ?4",
    [FLUSH] = "INSERT INTO flushes (" FLUSH_COLUMNS ", checksum) VALUES (?2, ?3, ?4, ?5, row_checksum(?2, ?3, ?4, ?5))"
              " ON CONFLICT (person, channel, key) DO UPDATE SET at = excluded.at, checksum = excluded.checksum"
              " WHERE excluded.at > at",
    [PRUNE] = ("DELETE FROM flushes WHERE person = ?2 AND at < ?5 - " KEPT_MS),
};

#define MEMBER(member, kind) COLUMN(struct group_row, member, kind)

/* In the order of COLUMNS. */
static const struct column column_items[] = {
    MEMBER(row, INT64),           MEMBER(person, STRING),      MEMBER(channel, CHANNEL),         MEMBER(came, INT64),
    MEMBER(grouping.key, STRING), MEMBER(grouping.due, INT64), MEMBER(grouping.interval, INT64), MEMBER(carrier, ID),
};
static const struct columns columns = {column_items, sizeof column_items / sizeof *column_items};

int groups_open(struct groups *groups, struct database *database, struct error *error) {
    *groups = (struct groups){.database = database};
    int result = database_execute(database, tables, error);
    return result < 0 ? result : statements_open(database, sql, STATEMENT_COUNT, groups->statements, error);
}

void groups_close(struct groups *groups) {
    statements_close(groups->statements, STATEMENT_COUNT);
}

int groups_put(struct groups *groups, const struct group_row *row, struct error *error) {
    columns_bind(columns, groups->statements[PUT], 1, row);
    return statement_run(groups->database, groups->statements[PUT], error);
}

int groups_get(struct groups *groups, int64_t number, struct group_row *row, struct error *error) {
    sqlite3_stmt *statement = groups->statements[GET];
    sqlite3_bind_int64(statement, 1, number);
    int result = database_step(groups->database, statement, error);
    if (result == 1 && (sqlite3_column_int(statement, 0) != 1 || !columns_read(columns, statement, 1, row))) {
        result = error_set(error, ERR_CORRUPT,
                           (struct error_words){.field = "a group's row", .value = "it does not fit its checksum"});
    }
    sqlite3_reset(statement);
    return result;
}

int groups_remove(struct groups *groups, int64_t number, struct error *error) {
    sqlite3_bind_int64(groups->statements[REMOVE], 1, number);
    return statement_run(groups->database, groups->statements[REMOVE], error);
}

static int read_numbers(struct groups *groups, sqlite3_stmt *statement, int64_t *numbers, struct error *error) {
    int count = 0;
    int result;
    while ((result = database_step(groups->database, statement, error)) == 1) {
        numbers[count++] = sqlite3_column_int64(statement, 0);
    }
    sqlite3_clear_bindings(statement);
    return result < 0 ? result : count;
}

/* Binds what names the group. */
static sqlite3_stmt *bind_group(struct groups *groups, int which, const struct group_row *row) {
    sqlite3_stmt *statement = groups->statements[which];
    bind_string(statement, 2, row->person);
    bind_string(statement, 3, word_wire(KIND_CHANNEL, (int)row->channel));
    bind_string(statement, 4, row->grouping.key);
    return statement;
}

int groups_waiting(struct groups *groups, const struct group_row *row, int64_t due_by, int64_t *numbers, int max,
                   struct error *error) {
    sqlite3_stmt *statement = bind_group(groups, WAITING, row);
    sqlite3_bind_int64(statement, 1, row->row);
    sqlite3_bind_int64(statement, 5, due_by);
    sqlite3_bind_int(statement, 6, max);
    return read_numbers(groups, statement, numbers, error);
}

int groups_carried(struct groups *groups, const struct id *carrier, const char *person, int64_t *numbers, int max,
                   struct error *error) {
    sqlite3_stmt *statement = groups->statements[CARRIED];
    bind_id(statement, 1, carrier);
    bind_string(statement, 2, person);
    sqlite3_bind_int(statement, 3, max);
    return read_numbers(groups, statement, numbers, error);
}

int groups_flushed(struct groups *groups, const struct group_row *row, int64_t *at, struct error *error) {
    sqlite3_stmt *statement = bind_group(groups, FLUSHED, row);
    int result = database_step(groups->database, statement, error);
    *at = result == 1 ? sqlite3_column_int64(statement, 0) : 0;
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    return result < 0 ? result : 0;
}

int groups_flush(struct groups *groups, const struct group_row *row, int64_t at, struct error *error) {
    sqlite3_stmt *statement = groups->statements[PRUNE];
    bind_string(statement, 2, row->person);
    sqlite3_bind_int64(statement, 5, at);
    int result = statement_run(groups->database, statement, error);
    statement = bind_group(groups, FLUSH, row);
    sqlite3_bind_int64(statement, 5, at);
    return result < 0 ? result : statement_run(groups->database, statement, error);
}
