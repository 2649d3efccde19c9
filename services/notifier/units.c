/* Units in SQLite. */
#include "services/notifier/units.h"

#include <assert.h>

enum { PUT, NAME, STATEMENT_COUNT };

static_assert(STATEMENT_COUNT == UNITS_STATEMENTS, "room for each");

static const char *const sql[STATEMENT_COUNT] = {
    [PUT] = "INSERT OR REPLACE INTO units (path, name, place, checksum) VALUES (?1, ?2, ?3, row_checksum(?1, ?2, ?3))",
    [NAME] = "SELECT name, checksum IS row_checksum(path, name, place) FROM units WHERE path = ?1",
};

int units_open(struct units *units, struct database *database, struct error *error) {
    *units = (struct units){.database = database};
    return statements_open(database, sql, STATEMENT_COUNT, units->statements, error);
}

void units_close(struct units *units) {
    statements_close(units->statements, STATEMENT_COUNT);
}

int units_put(struct units *units, struct text path, struct text name, int64_t place, struct error *error) {
    sqlite3_stmt *statement = units->statements[PUT];
    bind_text(statement, 1, path);
    bind_text(statement, 2, name);
    sqlite3_bind_int64(statement, 3, place);
    return statement_run(units->database, statement, error);
}

int units_name(struct units *units, struct text path, char name[UNIT_NAME_BYTES + 1], struct error *error) {
    sqlite3_stmt *statement = units->statements[NAME];
    bind_text(statement, 1, path);
    int result = database_step(units->database, statement, error);
    if (result != 1 || !column_string(statement, 0, name, UNIT_NAME_BYTES + 1)) {
        name[0] = '\0';
    } else if (sqlite3_column_int(statement, 1) != 1) {
        result = error_set(error, ERR_CORRUPT,
                           (struct error_words){.field = "a unit's row", .value = "it does not fit its checksum"});
    }
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    return result;
}
