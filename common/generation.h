/* A generation: how often a database was committed. It stands in a row of the database and in a witness beside it
 * (journal/witness.h), so that a database that lost its end is noticed: SQLite cuts a damaged log short without an
 * error, and checksums of rows cannot tell what is missing.
 *
 * The row is written within each transaction, the witness behind its commit, with one pwrite and without a sync: after
 * a power cut it may be older than the database, never newer. For databases that nobody can make again.
 */
#pragma once

#include "common/database.h"
#include "common/journal/witness.h"

struct generation {
    struct database *database; /* borrowed */
    sqlite3_stmt *put;
    struct witness witness;
    uint64_t id; /* of the database, random */
    uint64_t number;
    uint64_t next; /* that the transaction under way has written */
};

/* "<path>" with .witness in place of .db. */
void generation_witness_path(const char *path, char *out, size_t size);

/* To be called before the database at `path` is opened: one that is missing while its witness stands must not be
 * replaced by an empty one. */
int generation_check_file(const char *path, struct error *error);

/* Reads the row and compares it with the witness; makes both where there are none yet. -ERR_CORRUPT names the file and
 * what does not fit. */
int generation_open(struct generation *generation, struct database *database, struct error *error);
void generation_close(struct generation *generation);

/* Within a transaction, before its commit. */
int generation_raise(struct generation *generation, struct error *error);

/* Behind the commit. -ERR_IO: what was committed is durable, but the process must end. */
int generation_committed(struct generation *generation, struct error *error);
