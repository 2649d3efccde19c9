/* Buckets in SQLite. */
#include "services/notifier/restraint/buckets.h"

#include <assert.h>

#include "services/notifier/columns.h"

#define COLUMNS "kind, of, channel, at, more"

static const char table[] = "CREATE TABLE IF NOT EXISTS buckets (kind TEXT, of TEXT, channel TEXT, at INTEGER NOT NULL,"
                            " more INTEGER NOT NULL, checksum BLOB NOT NULL, PRIMARY KEY (kind, of, channel))"
                            " WITHOUT ROWID";

enum { GET, PUT, STATEMENT_COUNT };

static_assert(STATEMENT_COUNT == BUCKETS_STATEMENTS, "room for each");

static const char *const sql[STATEMENT_COUNT] = {
    [GET] = "SELECT at, more, checksum IS row_checksum(" COLUMNS ") FROM buckets WHERE kind = ?1 AND of = ?2"
            " AND channel = ?3",
    [PUT] = "INSERT OR REPLACE INTO buckets (" COLUMNS ", checksum)"
            " VALUES (?1, ?2, ?3, ?4, ?5, row_checksum(?1, ?2, ?3, ?4, ?5))",
};

int buckets_open(struct buckets *buckets, struct database *database, struct error *error) {
    *buckets = (struct buckets){.database = database};
    int result = database_execute(database, table, error);
    result = result < 0 ? result : columns_add_checksum(database, "buckets", COLUMNS, error);
    return result < 0 ? result : statements_open(database, sql, STATEMENT_COUNT, buckets->statements, error);
}

void buckets_close(struct buckets *buckets) {
    statements_close(buckets->statements, STATEMENT_COUNT);
}

static sqlite3_stmt *bind_key(struct buckets *buckets, int which, const struct bucket_key *key) {
    sqlite3_stmt *statement = buckets->statements[which];
    bind_string(statement, 1, key->kind);
    bind_string(statement, 2, key->of);
    bind_string(statement, 3, key->channel);
    return statement;
}

int buckets_get(struct buckets *buckets, const struct bucket_key *key, struct bucket *bucket, struct error *error) {
    sqlite3_stmt *statement = bind_key(buckets, GET, key);
    int result = database_step(buckets->database, statement, error);
    *bucket = (struct bucket){0};
    if (result == 1 && sqlite3_column_int(statement, 2) != 1) {
        result = error_set(error, ERR_CORRUPT,
                           (struct error_words){.field = "a bucket's row", .value = "it does not fit its checksum"});
    } else if (result == 1) {
        *bucket = (struct bucket){sqlite3_column_int64(statement, 0), sqlite3_column_int64(statement, 1)};
    }
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    return result < 0 ? result : 0;
}

int buckets_put(struct buckets *buckets, const struct bucket_key *key, const struct bucket *bucket,
                struct error *error) {
    sqlite3_stmt *statement = bind_key(buckets, PUT, key);
    sqlite3_bind_int64(statement, 4, bucket->at);
    sqlite3_bind_int64(statement, 5, bucket->more);
    return statement_run(buckets->database, statement, error);
}
