/* Units in SQLite. */
#include "services/notifier/units.h"

#include <assert.h>

#define UNIT_PLACE_LAST INT64_C(1000000) /* of a unit without a place: behind the others */

#define ARE_SQUADS "kind = 'squad' AND closed = 0"

enum { PUT, NAME, COUNT, SQUADS, ROOT, STATEMENT_COUNT };

static_assert(STATEMENT_COUNT == UNITS_STATEMENTS, "room for each");

static const char *const sql[STATEMENT_COUNT] = {
    [PUT] = "INSERT OR REPLACE INTO units (path, name, place, kind, closed, checksum)"
            " VALUES (?1, ?2, ?3, ?4, ?5, row_checksum(?1, ?2, ?3, ?4, ?5))",
    [NAME] = "SELECT name, checksum IS row_checksum(path, name, place, kind, closed) FROM units WHERE path = ?1",
    [COUNT] = "SELECT count(*) FROM units WHERE " ARE_SQUADS,
    [ROOT] = "SELECT path FROM units WHERE path NOT LIKE '%/%' AND closed = 0 ORDER BY place, path LIMIT 1",
    [SQUADS] = "SELECT path, name FROM units WHERE " ARE_SQUADS " ORDER BY place, path",
};

int units_open(struct units *units, struct database *database, struct error *error) {
    *units = (struct units){.database = database};
    return statements_open(database, sql, STATEMENT_COUNT, units->statements, error);
}

void units_close(struct units *units) {
    statements_close(units->statements, STATEMENT_COUNT);
}

int units_put(struct units *units, struct text path, const struct wire_unit *unit, struct error *error) {
    sqlite3_stmt *statement = units->statements[PUT];
    int64_t place = wire_has(unit->present, FIELD_unit_order) ? unit->order : UNIT_PLACE_LAST;
    bind_text(statement, 1, path);
    bind_text(statement, 2, unit->name);
    sqlite3_bind_int64(statement, 3, place);
    bind_text(statement, 4, unit->kind);
    sqlite3_bind_int(statement, 5, unit->closed);
    return statement_run(units->database, statement, error);
}

int units_root(struct units *units, char path[EVENT_UNIT_MAX + 1], struct error *error) {
    sqlite3_stmt *statement = units->statements[ROOT];
    int result = database_step(units->database, statement, error);
    bool fits = result == 1 && column_string(statement, 0, path, EVENT_UNIT_MAX + 1);
    sqlite3_reset(statement);
    return result < 0 ? result : fits;
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

static int keep_squad(sqlite3_stmt *statement, struct arena *arena, struct squad *squad) {
    struct text path = column_text(statement, 0);
    struct text name = column_text(statement, 1);
    *squad = (struct squad){{arena_copy(arena, path.data, path.length), path.length},
                            {arena_copy(arena, name.data, name.length), name.length}};
    return squad->path.data && squad->name.data ? 0 : -(int)ERR_NO_MEMORY;
}

int units_squads(struct units *units, struct arena *arena, struct list *squads, struct error *error) {
    sqlite3_stmt *statement = units->statements[COUNT];
    int result = database_step(units->database, statement, error);
    int64_t count = result == 1 ? sqlite3_column_int64(statement, 0) : 0;
    sqlite3_reset(statement);
    struct squad *items = arena_alloc(arena, (size_t)(count + 1) * sizeof *items);
    int kept = items ? 0 : -(int)ERR_NO_MEMORY;
    *squads = (struct list){.items = items};
    statement = units->statements[SQUADS];
    while (kept == 0 && squads->count < count && (result = database_step(units->database, statement, error)) == 1) {
        kept = keep_squad(statement, arena, &items[squads->count++]);
    }
    sqlite3_reset(statement);
    if (kept < 0) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    return result < 0 ? result : 0;
}
