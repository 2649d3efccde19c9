/* The database's side of the writer: the rows of a block, and a full disk. */
#include "common/journal/writer.h"

#define TRUNCATE_MS 250 /* how long readers are waited for until the next try */

static int insert_head(struct journal *journal, const struct sealed_block *block, struct error *error) {
    const struct record *record = &block->record;
    sqlite3_stmt *statement = journal->insert_head;
    sqlite3_bind_int64(statement, 1, (sqlite3_int64)record->first);
    sqlite3_bind_int64(statement, 2, record->count);
    sqlite3_bind_int64(statement, 3, (sqlite3_int64)record->epoch);
    sqlite3_bind_blob(statement, 4, record->hash.bytes, HASH_BYTES, SQLITE_STATIC);
    sqlite3_bind_blob(statement, 5, block->head.data, (int)block->head.length, SQLITE_STATIC);
    int result = database_step(&journal->database, statement, error);
    sqlite3_clear_bindings(statement);
    return result;
}

static int insert_side(struct journal *journal, const struct sealed_block *block, struct error *error) {
    sqlite3_stmt *statement = journal->insert_side;
    sqlite3_bind_int64(statement, 1, (sqlite3_int64)block->record.first);
    sqlite3_bind_blob(statement, 2, block->record.nonce, SIDE_NONCE_BYTES, SQLITE_STATIC);
    sqlite3_bind_blob(statement, 3, block->side.data, (int)block->side.length, SQLITE_STATIC);
    int result = database_step(&journal->database, statement, error);
    sqlite3_clear_bindings(statement);
    return result;
}

static int insert_derived(struct journal *journal, const struct sealed_block *block, struct error *error) {
    uint64_t first = block->record.first;
    int result = 0;
    for (uint32_t i = 0; i < block->record.count && result == 0; i++) {
        result = derived_add_id(&journal->derived, &block->ids[i], first + i, error);
    }
    for (uint32_t i = 0; i < block->mark_count && result == 0; i++) {
        result = derived_add_mark(&journal->derived, block->marks[i].key, first + block->marks[i].index, error);
    }
    return result;
}

int store_block(struct journal *journal, const struct sealed_block *block, struct error *error) {
    int result = insert_head(journal, block, error);
    if (result == 0) {
        result = insert_side(journal, block, error);
    }
    return result < 0 ? result : insert_derived(journal, block, error);
}

/* Empties SQLite's log. What is in the way of that for now (a reader, a full disk) is no error: 1 done, 0 not yet. */
static int truncate_log(struct journal *journal, struct error *error) {
    sqlite3_busy_timeout(journal->database.handle, TRUNCATE_MS);
    int result = database_truncate_log(&journal->database, error);
    sqlite3_busy_timeout(journal->database.handle, DATABASE_BUSY_MS);
    bool later = result == -(int)ERR_BUSY || result == -(int)ERR_NO_SPACE;
    return later ? 0 : result < 0 ? result : 1;
}

int store_step_back(struct journal *journal, struct error *error) {
    database_rollback(&journal->database);
    struct error cause = {0};
    int result = truncate_log(journal, &cause);
    if (result == 0 && cause.code == ERR_NO_SPACE && journal->reserve.bytes > 0) {
        reserve_release(&journal->reserve);
        result = truncate_log(journal, &cause);
    }
    if (result < 0) {
        *error = cause;
        return result;
    }
    return error_set(error, ERR_NO_SPACE, (struct error_words){0});
}

int store_forget(struct journal *journal, struct error *error) {
    if (!journal->log_holds_erased) {
        return 0;
    }
    struct error cause = {0};
    int result = truncate_log(journal, &cause);
    journal->log_holds_erased = result == 0;
    if (result < 0) {
        *error = cause;
    }
    return result < 0 ? result : 0;
}
