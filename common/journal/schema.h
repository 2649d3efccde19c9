/* The journal's files and tables.
 *
 *   head   a row per block, never changed: the heads of its events, and the chain's hash with them
 *   side   a row per block: its sides, encrypted; rewritten when entries are erased
 *   ids    derived: where an id stands. UUIDv7 rise with time, so new rows go to the right edge of the tree
 *   marks  derived: where the events with a mark stand
 *   meta   journal (its random id), epoch; that it needs its log; the version of its marks; while derived tables are made again, rebuilt (up to which seq)
 */
#pragma once

#include <limits.h>

#include "common/database.h"
#include "common/journal/side.h"

#define JOURNAL_VERSION 2

struct journal_paths {
    char database[PATH_MAX];
    char witness[PATH_MAX];
    char reserve[PATH_MAX];
    char mended[PATH_MAX]; /* made by a repair, complete, not yet in its place */
    char log[PATH_MAX];
};

int journal_paths(const char *directory, struct journal_paths *paths, struct error *error);

/* What makes a new journal with a random id: the tables and meta. Written into `sql`. */
#define SCHEMA_SQL_MAX 1200
void schema_sql(char sql[SCHEMA_SQL_MAX]);

/* Which derived tables are there. */
int schema_find_derived(struct database *database, bool *ids, bool *marks, struct error *error);

/* The rows of a block, as the journal and a repair write them. */
#define SCHEMA_INSERT_HEAD "INSERT INTO head VALUES(?, ?, ?, ?, ?)"
#define SCHEMA_INSERT_SIDE "INSERT INTO side VALUES(?, ?, ?)"

struct head_columns {
    uint64_t first;
    uint32_t count;
    uint64_t epoch;
    const struct hash *hash;
    struct text bytes;
};

struct side_columns {
    uint64_t first;
    const uint8_t *nonce; /* SIDE_NONCE_BYTES */
    struct text bytes;
};

int schema_put_head(struct database *database, sqlite3_stmt *insert, const struct head_columns *row,
                    struct error *error);
int schema_put_side(struct database *database, sqlite3_stmt *insert, const struct side_columns *row,
                    struct error *error);

/* First seq of the last block, 0 when there is none. */
int schema_last_block(struct database *database, uint64_t *first, struct error *error);

/* Makes the table of ids anew and empty, and that of marks if `marks`. */
int schema_make_derived(struct database *database, bool marks, struct error *error);

/* In meta while the log may hold what the database does not: from the opening to the closing. */
#define JOURNAL_NEEDS_LOG "log"

/* 1 and the value, 0 when there is no such row. */
int meta_read(struct database *database, const char *name, uint64_t *value, struct error *error);
int meta_write(struct database *database, const char *name, uint64_t value, struct error *error);
int meta_remove(struct database *database, const char *name, struct error *error);
