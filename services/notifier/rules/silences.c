/* Silences in SQLite. */
#include "services/notifier/rules/silences.h"

#include <assert.h>

#include "proto/codec.h"
#include "services/notifier/columns.h"
#include "services/notifier/notices.h"

#define COLUMNS "silence, event, unit, units, rule, begin, until, urgent, owner, reason"
#define FITS "checksum IS row_checksum(" COLUMNS ")"

static const char table[] =
    "CREATE TABLE IF NOT EXISTS silences (silence TEXT PRIMARY KEY, event BLOB NOT NULL, unit TEXT NOT NULL,"
    " units TEXT NOT NULL, rule TEXT NOT NULL, begin INTEGER NOT NULL, until INTEGER NOT NULL,"
    " urgent INTEGER NOT NULL, owner TEXT NOT NULL, reason TEXT NOT NULL, checksum BLOB NOT NULL) WITHOUT ROWID";

enum { SET, FORGET, FIND, COUNT, ALL, STATEMENT_COUNT };

static_assert(STATEMENT_COUNT == SILENCES_STATEMENTS, "room for each");

static const char *const sql[STATEMENT_COUNT] = {
    [SET] = "INSERT OR REPLACE INTO silences (" COLUMNS ", checksum) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10,"
            " row_checksum(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10))",
    [FORGET] = "UPDATE silences SET reason = '', checksum = row_checksum(silence, event, unit, units, rule, begin,"
               " until, urgent, owner, '') WHERE event = ?1",
    [FIND] = "SELECT unit, units, until, silence, " FITS " FROM silences WHERE begin <= ?1 AND until > ?1"
             " AND (rule = '' OR rule = ?2) AND (urgent = 1 OR ?3 = 0) ORDER BY until DESC",
    [COUNT] = "SELECT count(*) FROM silences",
    [ALL] = "SELECT silence, unit, units, rule, begin, until, urgent, owner, reason, " FITS
            " FROM silences ORDER BY until, silence",
};

int silences_open(struct silences *silences, struct database *database, struct error *error) {
    *silences = (struct silences){.database = database};
    int result = database_execute(database, table, error);
    return result < 0 ? result : statements_open(database, sql, STATEMENT_COUNT, silences->statements, error);
}

void silences_close(struct silences *silences) {
    statements_close(silences->statements, STATEMENT_COUNT);
}

int silences_set(struct silences *silences, const struct event *event, struct error *error) {
    const struct wire_silence *silence = &event->body->silence;
    sqlite3_stmt *statement = silences->statements[SET];
    struct buffer units = {0};
    const struct text *items = silence->units.items;
    for (uint32_t i = 0; i < silence->units.count; i++) {
        buffer_append_string(&units, i > 0 ? " " : "");
        buffer_append(&units, items[i].data, items[i].length);
    }
    if (units.failed) {
        buffer_free(&units);
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    bind_text(statement, 1, silence->silence);
    bind_id(statement, 2, &event->id);
    bind_text(statement, 3, event->unit);
    bind_text(statement, 4, (struct text){(const char *)units.data, (uint32_t)units.length});
    bind_text(statement, 5, silence->rule);
    sqlite3_bind_int64(statement, 6, silence->from);
    sqlite3_bind_int64(statement, 7, silence->until);
    sqlite3_bind_int(statement, 8, silence->urgent);
    bind_text(statement, 9, event->source);
    bind_text(statement, 10, silence->reason);
    int result = statement_run(silences->database, statement, error);
    buffer_free(&units);
    return result;
}

int silences_forget_event(struct silences *silences, const struct id *event, struct error *error) {
    bind_id(silences->statements[FORGET], 1, event);
    return statement_run(silences->database, silences->statements[FORGET], error);
}

static int not_fit(struct error *error) {
    return error_set(error, ERR_CORRUPT,
                     (struct error_words){.field = "a silence's row", .value = "it does not fit its checksum"});
}

/* Whether the row is of this unit: 1 or 0. */
static int holds(sqlite3_stmt *statement, struct text unit, struct error *error) {
    struct text units = column_text(statement, 1);
    if (sqlite3_column_int(statement, 4) != 1) {
        return not_fit(error);
    }
    if (!path_is_within(unit, column_text(statement, 0))) {
        return 0;
    }
    bool within = units.length == 0;
    struct text named;
    while (!within && notice_next_unit(&units, &named)) {
        within = path_is_within(unit, named);
    }
    return within;
}

int silences_find(struct silences *silences, const struct silenced *of, int64_t *until, char name[65],
                  struct error *error) {
    sqlite3_stmt *statement = silences->statements[FIND];
    int held = 0;
    int result = 1;
    sqlite3_bind_int64(statement, 1, of->now);
    bind_text(statement, 2, of->rule);
    sqlite3_bind_int(statement, 3, of->urgent);
    while (held == 0 && (result = database_step(silences->database, statement, error)) == 1) {
        held = holds(statement, of->unit, error);
        if (held == 1) {
            *until = sqlite3_column_int64(statement, 2);
            column_string(statement, 3, name, 65);
        }
    }
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    return result < 0 ? result : held;
}

int silences_count(struct silences *silences, int64_t *count, struct error *error) {
    sqlite3_stmt *statement = silences->statements[COUNT];
    int result = database_step(silences->database, statement, error);
    *count = result == 1 ? sqlite3_column_int64(statement, 0) : 0;
    sqlite3_reset(statement);
    return result < 0 ? result : 0;
}

static struct silence_row read_silence(sqlite3_stmt *statement) {
    return (struct silence_row){.silence = column_text(statement, 0),
                                .unit = column_text(statement, 1),
                                .units = column_text(statement, 2),
                                .rule = column_text(statement, 3),
                                .from = sqlite3_column_int64(statement, 4),
                                .until = sqlite3_column_int64(statement, 5),
                                .urgent = sqlite3_column_int(statement, 6) != 0,
                                .owner = column_text(statement, 7),
                                .reason = column_text(statement, 8)};
}

int silences_each(struct silences *silences, int (*take)(void *data, const struct silence_row *row), void *data,
                  struct error *error) {
    sqlite3_stmt *statement = silences->statements[ALL];
    int taken = 0;
    int result = 1;
    while (taken == 0 && (result = database_step(silences->database, statement, error)) == 1) {
        const struct silence_row row = read_silence(statement);
        taken = sqlite3_column_int(statement, 9) == 1 ? take(data, &row) : not_fit(error);
    }
    sqlite3_reset(statement);
    return result < 0 ? result : taken;
}
