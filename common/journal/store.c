/* The database's side of the writer: the rows of a block, and a full disk. */
#include "common/journal/writer.h"

#define TRUNCATE_MS 250 /* how long readers are waited for until the next try */

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
    const struct record *record = &block->record;
    struct head_columns head = {record->first, record->count, record->epoch, &record->hash, block->head};
    struct side_columns side = {record->first, record->nonce, block->side};
    int result = schema_put_head(&journal->database, journal->insert_head, &head, error);
    if (result == 0) {
        result = schema_put_side(&journal->database, journal->insert_side, &side, error);
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
