/* Handles in SQLite. */
#include "services/notifier/handles.h"

#include <assert.h>

static const char table[] = "CREATE TABLE IF NOT EXISTS handles (handle TEXT PRIMARY KEY, ref BLOB NOT NULL,"
                            " attempt INTEGER NOT NULL, at INTEGER NOT NULL, checksum BLOB NOT NULL) WITHOUT ROWID;"
                            "CREATE INDEX IF NOT EXISTS handles_at ON handles (at)";

enum { PUT, GET, FORGET_BEFORE, STATEMENT_COUNT };

static_assert(STATEMENT_COUNT == HANDLES_STATEMENTS, "room for each");

static const char *const sql[STATEMENT_COUNT] = {
    [PUT] = "INSERT OR REPLACE INTO handles (handle, ref, attempt, at, checksum)"
            " VALUES (?1, ?2, ?3, ?4, row_checksum(?1, ?2, ?3, ?4))",
    [GET] = "SELECT ref, attempt FROM handles WHERE handle = ?1"
            " AND checksum IS row_checksum(handle, ref, attempt, at)",
    [FORGET_BEFORE] = "DELETE FROM handles WHERE at < ?1",
};

int handles_open(struct handles *handles, struct database *database, struct error *error) {
    *handles = (struct handles){.database = database};
    int result = database_execute(database, table, error);
    return result < 0 ? result : statements_open(database, sql, STATEMENT_COUNT, handles->statements, error);
}

void handles_close(struct handles *handles) {
    statements_close(handles->statements, STATEMENT_COUNT);
}

int handles_put(struct handles *handles, const char *handle, const struct id *ref, int32_t attempt, int64_t now,
                struct error *error) {
    sqlite3_stmt *statement = handles->statements[FORGET_BEFORE];
    sqlite3_bind_int64(statement, 1, now - HANDLES_KEPT_MS);
    int result = statement_run(handles->database, statement, error);
    if (result < 0) {
        return result;
    }
    statement = handles->statements[PUT];
    bind_string(statement, 1, handle);
    bind_id(statement, 2, ref);
    sqlite3_bind_int64(statement, 3, attempt);
    sqlite3_bind_int64(statement, 4, now);
    return statement_run(handles->database, statement, error);
}

int handles_get(struct handles *handles, const char *handle, struct id *ref, int32_t *attempt, struct error *error) {
    sqlite3_stmt *statement = handles->statements[GET];
    bind_string(statement, 1, handle);
    int result = database_step(handles->database, statement, error);
    if (result == 1) {
        *attempt = (int32_t)sqlite3_column_int64(statement, 1);
        result = column_bytes(statement, 0, ref->bytes, ID_BYTES) ? 1 : 0;
    }
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    return result;
}
