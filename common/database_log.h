/* How long a database's WAL becomes. Internal to the database.
 *
 * After a commit the log is written back when it is long (`least`), and as soon as nobody reads it any more it begins anew.
 * A reader that holds its view for long is in the way of that: from LOG_PAGES_MAX on readers are waited for, for a moment
 * and not after every commit, so that writing goes on. At `limit` nothing more is written, -ERR_BUSY, until it has gone.
 */
#pragma once

#include "common/database.h"

struct database_log {
    int scale; /* of a page of the file to one of 4 KiB, in which all that follows is counted */
    int least; /* pages, from which on it is written back */
    int limit; /* pages, from which on nothing is written */
    int pages; /* after the last commit */
    int asked; /* pages when readers were last waited for */
};

/* NULL: no memory. The hook of the handle goes on with it. */
struct database_log *database_log_open(sqlite3 *handle);

/* Writes the log back into the database, with both syncs, as SQLite's result. No room and a reader in the way are no errors: the log keeps
 * everything until the next try. */
int database_log_write_back(sqlite3 *handle, const char *schema);

/* 0 when there is room in the log for a transaction; waits a second at most. */
int database_log_check(struct database *database, struct error *error);
