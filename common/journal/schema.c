/* The journal's tables and its meta rows. */
#include "common/journal/schema.h"

#include <sodium.h>
#include <stdio.h>

#define IDS "CREATE TABLE ids(id BLOB PRIMARY KEY, seq INTEGER NOT NULL) WITHOUT ROWID;"
#define MARKS "CREATE TABLE marks(key BLOB NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY(key, seq)) WITHOUT ROWID;"

/* The bytes stand last: what is read without them is read without their overflow pages. */
static const char tables[] =
    "CREATE TABLE meta(name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE head(first INTEGER PRIMARY KEY, count INTEGER NOT NULL, epoch INTEGER NOT NULL, hash BLOB NOT NULL,"
    " bytes BLOB NOT NULL);"
    "CREATE TABLE side(first INTEGER PRIMARY KEY, nonce BLOB NOT NULL, bytes BLOB NOT NULL);" IDS MARKS;

int journal_paths(const char *directory, struct journal_paths *paths, struct error *error) {
    int longest = snprintf(paths->database, sizeof paths->database, "%s/journal.db", directory);
    snprintf(paths->witness, sizeof paths->witness, "%s/journal.witness", directory);
    snprintf(paths->mended, sizeof paths->mended, "%s/journal.mended", directory);
    snprintf(paths->log, sizeof paths->log, "%s/journal.log", directory);
    int reserve = snprintf(paths->reserve, sizeof paths->reserve, "%s/journal.reserve", directory);
    if (longest < 0 || reserve < 0 || (size_t)reserve >= sizeof paths->reserve) {
        return error_setf(error, ERR_IO, "the journal's path is too long");
    }
    return 0;
}

void schema_sql(char sql[SCHEMA_SQL_MAX]) {
    int64_t journal = 0;
    while (journal == 0) {
        randombytes_buf(&journal, sizeof journal);
    }
    snprintf(sql, SCHEMA_SQL_MAX, "%sINSERT INTO meta VALUES('journal', %lld), ('epoch', 1);", tables,
             (long long)journal);
}

static int table_exists(struct database *database, const char *name, bool *exists, struct error *error) {
    sqlite3_stmt *statement = NULL;
    int result =
        database_prepare(database, "SELECT 1 FROM sqlite_schema WHERE type='table' AND name=?", &statement, error);
    if (result == 0) {
        sqlite3_bind_text(statement, 1, name, -1, SQLITE_STATIC);
        result = database_step(database, statement, error);
    }
    *exists = result == 1;
    sqlite3_finalize(statement);
    return result < 0 ? result : 0;
}

int schema_find_derived(struct database *database, bool *ids, bool *marks, struct error *error) {
    int result = table_exists(database, "ids", ids, error);
    return result < 0 ? result : table_exists(database, "marks", marks, error);
}

int schema_put_head(struct database *database, sqlite3_stmt *insert, const struct head_columns *row,
                    struct error *error) {
    sqlite3_bind_int64(insert, 1, (sqlite3_int64)row->first);
    sqlite3_bind_int64(insert, 2, row->count);
    sqlite3_bind_int64(insert, 3, (sqlite3_int64)row->epoch);
    sqlite3_bind_blob(insert, 4, row->hash->bytes, HASH_BYTES, SQLITE_STATIC);
    sqlite3_bind_blob(insert, 5, row->bytes.data, (int)row->bytes.length, SQLITE_STATIC);
    int result = database_step(database, insert, error);
    sqlite3_clear_bindings(insert);
    return result;
}

int schema_put_side(struct database *database, sqlite3_stmt *insert, const struct side_columns *row,
                    struct error *error) {
    sqlite3_bind_int64(insert, 1, (sqlite3_int64)row->first);
    sqlite3_bind_blob(insert, 2, row->nonce, SIDE_NONCE_BYTES, SQLITE_STATIC);
    sqlite3_bind_blob(insert, 3, row->bytes.data, (int)row->bytes.length, SQLITE_STATIC);
    int result = database_step(database, insert, error);
    sqlite3_clear_bindings(insert);
    return result;
}

int schema_last_block(struct database *database, uint64_t *first, struct error *error) {
    sqlite3_stmt *statement = NULL;
    int result = database_prepare(database, "SELECT max(first) FROM head", &statement, error);
    if (result == 0) {
        result = database_step(database, statement, error);
        *first = result == 1 ? (uint64_t)sqlite3_column_int64(statement, 0) : 0;
    }
    sqlite3_finalize(statement);
    return result < 0 ? result : 0;
}

int schema_make_derived(struct database *database, bool marks, struct error *error) {
    int result = database_execute(database, "DROP TABLE IF EXISTS ids;" IDS, error);
    if (result == 0 && marks) {
        result = database_execute(database, "DROP TABLE IF EXISTS marks;" MARKS, error);
    }
    return result;
}

static int meta_run(struct database *database, const char *sql, const char *name, uint64_t *value,
                    struct error *error) {
    sqlite3_stmt *statement = NULL;
    int result = database_prepare(database, sql, &statement, error);
    if (result == 0) {
        sqlite3_bind_text(statement, 1, name, -1, SQLITE_STATIC);
        if (sqlite3_bind_parameter_count(statement) == 2) {
            sqlite3_bind_int64(statement, 2, (sqlite3_int64)*value);
        }
        result = database_step(database, statement, error);
        if (result == 1) {
            *value = (uint64_t)sqlite3_column_int64(statement, 0);
        }
    }
    sqlite3_finalize(statement);
    return result;
}

int meta_read(struct database *database, const char *name, uint64_t *value, struct error *error) {
    return meta_run(database, "SELECT value FROM meta WHERE name=?", name, value, error);
}

int meta_write(struct database *database, const char *name, uint64_t value, struct error *error) {
    return meta_run(database, "INSERT OR REPLACE INTO meta VALUES(?, ?)", name, &value, error);
}

int meta_remove(struct database *database, const char *name, struct error *error) {
    uint64_t none = 0;
    return meta_run(database, "DELETE FROM meta WHERE name=?", name, &none, error);
}
