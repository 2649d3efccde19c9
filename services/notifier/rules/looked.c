/* How far rules have looked, in SQLite. */
#include "services/notifier/rules/looked.h"

#include <assert.h>

#include "services/notifier/columns.h"

static const char table[] = "CREATE TABLE IF NOT EXISTS looked (rule TEXT PRIMARY KEY, version INTEGER NOT NULL,"
                            " at INTEGER NOT NULL, checksum BLOB NOT NULL) WITHOUT ROWID";

enum { PUT, GET, STATEMENT_COUNT };

static_assert(STATEMENT_COUNT == LOOKED_STATEMENTS, "room for each");

static const char *const sql[STATEMENT_COUNT] = {
    [PUT] = "INSERT OR REPLACE INTO looked (rule, version, at, checksum) VALUES (?1, ?2, ?3, row_checksum(?1, ?2, ?3))",
    [GET] = "SELECT at FROM looked WHERE rule = ?1 AND version = ?2 AND checksum IS row_checksum(rule, version, at)",
};

int looked_open(struct looked *looked, struct database *database, struct error *error) {
    *looked = (struct looked){.database = database};
    int result = database_execute(database, table, error);
    result = result < 0 ? result : columns_add_checksum(database, "looked", "rule, version, at", error);
    return result < 0 ? result : statements_open(database, sql, STATEMENT_COUNT, looked->statements, error);
}

void looked_close(struct looked *looked) {
    statements_close(looked->statements, STATEMENT_COUNT);
}

int looked_put(struct looked *looked, const struct rule *rule, int64_t at, struct error *error) {
    sqlite3_stmt *statement = looked->statements[PUT];
    bind_text(statement, 1, rule->body->rule);
    sqlite3_bind_int64(statement, 2, rule->body->version);
    sqlite3_bind_int64(statement, 3, at);
    return statement_run(looked->database, statement, error);
}

int looked_get(struct looked *looked, const struct rule *rule, int64_t *at, struct error *error) {
    sqlite3_stmt *statement = looked->statements[GET];
    bind_text(statement, 1, rule->body->rule);
    sqlite3_bind_int64(statement, 2, rule->body->version);
    int result = database_step(looked->database, statement, error);
    *at = result == 1 ? sqlite3_column_int64(statement, 0) : 0;
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    return result;
}
