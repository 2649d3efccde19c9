/* A small helper over SQLite: open with the right settings, prepared statements, transactions, errors as values.
 *
 * For state that cannot be folded again use DATABASE_FULL (one fdatasync per commit); for what can, DATABASE_NORMAL.
 * Always WAL, secure_delete, foreign keys off, own page cache bound, temporary data in memory. One connection is used
 * by one thread. A full disk is -ERR_NO_SPACE, damage -ERR_CORRUPT, any other -ERR_IO.
 */
#pragma once

#include <sqlite3.h>

#include "common/error.h"
#include "proto/types.h"

#define DATABASE_BUSY_MS 5000 /* how long a lock is waited for */

struct database_log;

/* DATABASE_BULK and DATABASE_BULK_NORMAL are DATABASE_FULL and DATABASE_NORMAL for what is written many megabytes at a
 * time: a new file gets pages of 16 KiB, a quarter of the calls that its WAL would need otherwise. */
enum database_mode { DATABASE_FULL, DATABASE_BULK, DATABASE_NORMAL, DATABASE_BULK_NORMAL, DATABASE_READ };

struct database {
    sqlite3 *handle;
    const char *path;         /* owned; for errors */
    struct database_log *log; /* owned; NULL of one that only reads */
};

/* `schema`: statements run in one transaction when user_version is 0; then user_version becomes `version`. Another
 * version is ERR_CORRUPT with what to do. With DATABASE_FULL all that is there is durable when this returns, also what a
 * killed process had written and not yet synced. */
int database_open(struct database *database, const char *path, enum database_mode mode, const char *schema, int version,
                  struct error *error);
void database_close(struct database *database);

int database_execute(struct database *database, const char *sql, struct error *error);
/* A table or column that is not there is damage: -ERR_CORRUPT. */
int database_prepare(struct database *database, const char *sql, sqlite3_stmt **statement, struct error *error);

/* sqlite3_step with errors translated: 1 a row, 0 done, < 0 error. Resets the statement unless a row came. */
int database_step(struct database *database, sqlite3_stmt *statement, struct error *error);

/* BEGIN IMMEDIATE. -ERR_BUSY while the WAL is as long as it may become because somebody reads on and on. */
int database_begin(struct database *database, struct error *error);
int database_commit(struct database *database, struct error *error);
void database_rollback(struct database *database);

/* From how many pages on the WAL is written back after a commit, with two syncs: 1,000 (4 MB) when not set. Under 16,000,
 * from which on readers are waited for. Pages of 4 KiB, whatever the file has. */
void database_set_log_pages(struct database *database, int pages);

/* How long the WAL may become beside a reader that holds its view: 256 MB when not set. Then nothing more is written. */
void database_set_log_limit(struct database *database, int64_t bytes);

/* Whether a result of the handle's last call means that there is no room on the disk. */
bool database_is_full(sqlite3 *handle, int result);

/* Whether a result means that somebody else is in the way. */
bool database_is_busy(int result);

/* Empties the WAL into the database and truncates it, so that no old row lies in it. -ERR_BUSY while a reader is in the way. */
int database_truncate_log(struct database *database, struct error *error);

/* Whether the WAL is left as it is when the last connection closes, instead of being written back and removed. */
void database_keep_log(struct database *database, bool keep);

/* What SQLite can tell of damage: of every page and row, with `indexes` also that these agree with their tables. Reads
 * the whole file. -ERR_CORRUPT with its first finding. */
int database_check(struct database *database, bool indexes, struct error *error);

/* Translates a SQLite result code. */
int database_error(struct database *database, int result, struct error *error);
