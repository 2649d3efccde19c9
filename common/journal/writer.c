/* The journal's writing side: one transaction per block, then the witness, then the caller's receipts. */
#include "common/journal/writer.h"

#include <assert.h>
#include <inttypes.h>

#include "common/failpoint.h"
#include "common/journal/chain.h"

#define BUSY_MS 5000
#define TRUNCATE_MS 250 /* how long readers are waited for until the next commit tries again */

struct position journal_head(const struct journal *journal) {
    return journal->head;
}

int journal_room(const struct journal *journal, struct error *error) {
    return journal->reserve.held ? 0 : reserve_missing(&journal->reserve, error);
}

static int insert_head(struct journal *journal, const struct journal_append_block *block, const struct hash *hash,
                       struct error *error) {
    sqlite3_stmt *statement = journal->insert_head;
    sqlite3_bind_int64(statement, 1, (sqlite3_int64)block->first);
    sqlite3_bind_int64(statement, 2, block->count);
    sqlite3_bind_int64(statement, 3, (sqlite3_int64)journal->head.epoch);
    sqlite3_bind_blob(statement, 4, hash->bytes, HASH_BYTES, SQLITE_STATIC);
    sqlite3_bind_blob(statement, 5, block->head.data, (int)block->head.length, SQLITE_STATIC);
    int result = database_step(&journal->database, statement, error);
    sqlite3_clear_bindings(statement);
    return result;
}

static int insert_side(struct journal *journal, const struct journal_append_block *block, struct error *error) {
    struct side_seal *seal = &journal->seal;
    int result = side_seal(&journal->cipher, journal->head.epoch, block->first, block->side,
                           side_sealed_length(block->side), seal, error);
    if (result < 0) {
        return result;
    }
    sqlite3_stmt *statement = journal->insert_side;
    sqlite3_bind_int64(statement, 1, (sqlite3_int64)block->first);
    sqlite3_bind_blob(statement, 2, seal->nonce, sizeof seal->nonce, SQLITE_STATIC);
    sqlite3_bind_blob(statement, 3, seal->sealed.data, (int)seal->sealed.length, SQLITE_STATIC);
    result = database_step(&journal->database, statement, error);
    sqlite3_clear_bindings(statement);
    return result;
}

static int insert_derived(struct journal *journal, const struct journal_append_block *block, struct error *error) {
    int result = 0;
    for (uint32_t i = 0; i < block->count && result == 0; i++) {
        result = derived_add_id(&journal->derived, &block->ids[i], block->first + i, error);
    }
    for (uint32_t i = 0; i < block->mark_count && result == 0; i++) {
        const struct journal_mark *mark = &block->marks[i];
        assert(mark->index < block->count);
        result = derived_add_mark(&journal->derived, mark->key, block->first + mark->index, error);
    }
    return result;
}

/* All of a block in one transaction; `*erased` says whether sides of others were rewritten. */
static int transact(struct journal *journal, const struct journal_append_block *block, const struct hash *hash,
                    bool *erased, struct error *error) {
    int result = database_begin(&journal->database, error);
    if (result == 0) {
        result = insert_head(journal, block, hash, error);
    }
    if (result == 0) {
        result = insert_side(journal, block, error);
    }
    if (result == 0) {
        result = insert_derived(journal, block, error);
    }
    if (result == 0) {
        result = erasure_run(&journal->erasure, block, error);
        *erased = result == 1;
    }
    return result < 0 ? result : database_commit(&journal->database, error);
}

/* Empties the log. What is in the way of that for now (a reader, a full disk) is no error: 1 done, 0 not yet. */
static int truncate_log(struct journal *journal, struct error *error) {
    sqlite3_busy_timeout(journal->database.handle, TRUNCATE_MS);
    int result = database_truncate_log(&journal->database, error);
    sqlite3_busy_timeout(journal->database.handle, BUSY_MS);
    bool later = result == -(int)ERR_BUSY || result == -(int)ERR_NO_SPACE;
    return later ? 0 : result < 0 ? result : 1;
}

/* The disk is full: nothing of the block stays, and what the log takes is given back. That too needs room in the
 * database file, for which the reserve is given up when there is none. Fails only by damage or a failed sync. */
static int step_back(struct journal *journal, struct error *error) {
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

/* The commit has happened: what is left to do can only fail by what ends the process. */
static int after_commit(struct journal *journal, bool erased, struct error *error) {
    struct witness_mark mark = journal_mark_of(journal);
    int result = witness_write(&journal->witness, &mark, error);
    if (result < 0) { /* the block is durable: "no space" would mean that it was rolled back */
        return error_setf(error, ERR_IO, "the witness could not be written after the commit of %" PRIu64, mark.seq);
    }
    journal->log_holds_erased = journal->log_holds_erased || erased;
    if (journal->log_holds_erased) {
        struct error cause = {0};
        result = truncate_log(journal, &cause);
        journal->log_holds_erased = result == 0;
        if (result < 0) {
            *error = cause;
        }
    }
    return result < 0 ? result : 0;
}

int journal_append(struct journal *journal, const struct journal_append_block *block, struct position *after,
                   struct error *error) {
    struct error ignored = {0};
    error = error ? error : &ignored;
    assert(block->first == journal->head.seq + 1 && block->count > 0);
    if (!reserve_restore(&journal->reserve)) {
        return reserve_missing(&journal->reserve, error);
    }
    struct hash hash;
    bool erased = false;
    chain_next(&journal->hash, journal->head.epoch, block->first, block->count, block->head, &hash);
    FAILPOINT("intake-before-commit");
    int result = transact(journal, block, &hash, &erased, error);
    FAILPOINT("intake-after-commit");
    if (result == -(int)ERR_NO_SPACE) {
        return step_back(journal, error);
    }
    if (result < 0) {
        database_rollback(&journal->database);
        return result;
    }
    journal->hash = hash;
    journal->head.seq = block->first + block->count - 1;
    journal->head.hash = chain_short(&hash);
    result = after_commit(journal, erased, error);
    *after = journal->head;
    return result;
}
