/* What the office sets itself (setting.set) and the notifier follows: the quiet hours. Kept in notifier.db, read into memory
 * when they are first asked for after a change. Where the office set nothing, or "default", the service's setting holds.
 * Writing takes place within the caller's transaction. Reads no clock. Errors as of database.h.
 */
#pragma once

#include "proto/fold_settings.h"
#include "services/notifier/restraint/quiet.h"
#include "services/notifier/statement.h"

#define OFFICE_SETTINGS_STATEMENTS 2

struct office_settings {
    struct database *database;
    sqlite3_stmt *statements[OFFICE_SETTINGS_STATEMENTS];
    struct fold_settings values;
    bool read; /* they are as in the file */
};

/* Makes its table where there is none. */
int office_settings_open(struct office_settings *settings, struct database *database, struct error *error);
void office_settings_close(struct office_settings *settings);

/* Whether the notifier follows this setting. */
bool office_settings_follow(const struct wire_setting *setting);

/* A setting.set that it follows: the value from now on. */
int office_settings_set(struct office_settings *settings, const struct wire_setting *setting, struct error *error);

/* What is in memory may not be what is in the file any more: a transaction was rolled back. */
void office_settings_doubt(struct office_settings *settings);

/* 1: the office set them, and `quiet` gets their times; 0: it did not, and `quiet` stays. */
int office_settings_quiet(struct office_settings *settings, struct quiet *quiet, struct error *error);
