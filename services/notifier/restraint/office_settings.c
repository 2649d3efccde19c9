/* The office's settings in SQLite and in memory. */
#include "services/notifier/restraint/office_settings.h"

#include <assert.h>

static const char table[] = "CREATE TABLE IF NOT EXISTS office_settings (name TEXT PRIMARY KEY, value TEXT NOT NULL,"
                            " checksum BLOB NOT NULL) WITHOUT ROWID";

enum { SET, ALL, STATEMENT_COUNT };

static_assert(STATEMENT_COUNT == OFFICE_SETTINGS_STATEMENTS, "room for each");

static const char *const sql[STATEMENT_COUNT] = {
    [SET] = "INSERT OR REPLACE INTO office_settings (name, value, checksum) VALUES (?1, ?2, row_checksum(?1, ?2))",
    [ALL] = "SELECT name, value, checksum IS row_checksum(name, value) FROM office_settings",
};

int office_settings_open(struct office_settings *settings, struct database *database, struct error *error) {
    *settings = (struct office_settings){.database = database};
    int result = database_execute(database, table, error);
    return result < 0 ? result : statements_open(database, sql, STATEMENT_COUNT, settings->statements, error);
}

void office_settings_close(struct office_settings *settings) {
    statements_close(settings->statements, STATEMENT_COUNT);
}

bool office_settings_follow(const struct wire_setting *setting) {
    return fold_setting_find(setting->name) == FOLD_QUIET_HOURS;
}

int office_settings_set(struct office_settings *settings, const struct wire_setting *setting, struct error *error) {
    sqlite3_stmt *statement = settings->statements[SET];
    settings->read = false;
    bind_text(statement, 1, setting->name);
    bind_text(statement, 2, setting->value);
    return statement_run(settings->database, statement, error);
}

void office_settings_doubt(struct office_settings *settings) {
    settings->read = false;
}

static int read_all(struct office_settings *settings, struct error *error) {
    sqlite3_stmt *statement = settings->statements[ALL];
    int result;
    fold_settings_begin(&settings->values);
    while ((result = database_step(settings->database, statement, error)) == 1) {
        const struct wire_setting set = {.name = column_text(statement, 0), .value = column_text(statement, 1)};
        if (sqlite3_column_int(statement, 2) != 1) {
            result =
                error_set(error, ERR_CORRUPT,
                          (struct error_words){.field = "a setting's row", .value = "it does not fit its checksum"});
            break;
        }
        fold_settings_apply(&settings->values, &set);
    }
    sqlite3_reset(statement);
    settings->read = result == 0;
    return result;
}

int office_settings_quiet(struct office_settings *settings, struct quiet *quiet, struct error *error) {
    int result = settings->read ? 0 : read_all(settings, error);
    const int64_t *hours = settings->values.numbers[FOLD_QUIET_HOURS];
    if (result < 0 || hours[2] == 0) {
        return result;
    }
    quiet->from = (int32_t)hours[0];
    quiet->until = (int32_t)hours[1];
    return 1;
}
