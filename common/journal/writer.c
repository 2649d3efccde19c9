/* The journal's writing side: a block into the log, or straight into the database, then the witness, then the caller's
 * receipts. */
#include "common/journal/writer.h"

#include <assert.h>
#include <inttypes.h>

#include "common/failpoint.h"
#include "common/journal/chain.h"

struct position journal_head(const struct journal *journal) {
    return journal->head;
}

struct hash journal_head_hash(const struct journal *journal) {
    return journal->hash;
}

int journal_room(const struct journal *journal, struct error *error) {
    return journal->reserve.held ? 0 : reserve_missing(&journal->reserve, error);
}

static bool is_erasing(const struct journal_append_block *block) {
    return block->forget_mark_count > 0 || block->forget_seq_count > 0;
}

/* ---- after the block is durable ---- */

/* What is left to do can only fail by what ends the process. */
static int stand_behind(struct journal *journal, const struct sealed_block *block, struct error *error) {
    journal->hash = block->record.hash;
    journal->head.seq = record_end(&block->record);
    journal->head.hash = chain_short(&journal->hash);
    struct witness_mark mark = journal_mark_of(journal);
    FAILPOINT("intake-before-witness");
    int result = witness_write(&journal->witness, &mark, error);
    if (result < 0) { /* the block is durable: "no space" would mean that it was rolled back */
        return error_setf(error, ERR_IO, "the witness could not be written after the commit of %" PRIu64, mark.seq);
    }
    return 0;
}

/* ---- through the log ---- */

/* The mover has work when half a segment came together, and when one is full. */
static bool is_time_to_move(const struct journal_log *log, int active, uint32_t before) {
    uint32_t half = log->segment_bytes / 2;
    return log->active != active || (before < half && log->offset >= half);
}

static int append_to_log(struct journal *journal, struct sealed_block *block, struct error *error) {
    struct journal_log *log = &journal->log;
    int active = log->active;
    uint32_t offset = log->offset;
    uint64_t needs = log_needs(log, block->length);
    int result = needs > 0 && !mover_has_moved(&journal->mover, needs) ? mover_wait(&journal->mover, needs, error) : 0;
    if (result < 0) {
        return result;
    }
    FAILPOINT("intake-before-commit");
    result = log_append(log, block->bytes, block->length, record_end(&block->record), error);
    FAILPOINT("intake-after-commit");
    if (result == 0) {
        result = stand_behind(journal, block, error);
    }
    if (result == 0) {
        result = tail_push(journal->tail, block, &journal->head, error);
    }
    if (result == 0 && is_time_to_move(log, active, offset)) {
        mover_ask(&journal->mover);
    }
    return result;
}

/* ---- straight into the database ---- */

/* All of a block in one transaction; `*erased` says whether sides of others were rewritten. */
static int transact(struct journal *journal, const struct sealed_block *block,
                    const struct journal_append_block *source, bool *erased, struct error *error) {
    int result = database_begin(&journal->database, error);
    if (result == 0) {
        result = store_block(journal, block, error);
    }
    if (result == 0) {
        result = erasure_run(&journal->erasure, source, error);
        *erased = result == 1;
    }
    return result < 0 ? result : database_commit(&journal->database, error);
}

/* Under the database's lock. What was appended before is moved first. Our own log is wiped before an erasure, not
 * after: it holds nothing then that the database does not, so a crash in between loses nothing and leaves nothing. */
static int append_moved(struct journal *journal, const struct sealed_block *block,
                        const struct journal_append_block *source, struct error *error) {
    bool erased = false;
    int result = mover_settle(journal, error);
    if (result == 0 && is_erasing(source) && journal->log.descriptor >= 0) {
        result = log_wipe(&journal->log, error);
    }
    if (result < 0) {
        return result;
    }
    FAILPOINT("intake-before-commit");
    result = transact(journal, block, source, &erased, error);
    FAILPOINT("intake-after-commit");
    if (result == -(int)ERR_NO_SPACE) {
        return store_step_back(journal, error);
    }
    if (result < 0) {
        database_rollback(&journal->database);
        return result;
    }
    result = stand_behind(journal, block, error);
    if (result == 0) {
        mover_note_moved(&journal->mover, journal->head.seq);
        tail_begin(journal->tail, &journal->head);
        journal->log_holds_erased = journal->log_holds_erased || erased;
        result = store_forget(journal, error);
    }
    return result;
}

static int append_to_database(struct journal *journal, const struct sealed_block *block,
                              const struct journal_append_block *source, struct error *error) {
    pthread_mutex_lock(&journal->mover.database_lock);
    int result = append_moved(journal, block, source, error);
    if (!journal->reserve.held) {
        atomic_store(&journal->mover.trouble, true);
    }
    pthread_mutex_unlock(&journal->mover.database_lock);
    return result;
}

/* ---- both ---- */

/* Errors that say for sure that nothing was stored. */
static bool is_stored_not(int result) {
    return result == -(int)ERR_NO_SPACE || result == -(int)ERR_BUSY;
}

/* Not without the thread that empties it again: then the database is used alone. */
static bool takes_log(const struct journal *journal, size_t bytes) {
    return journal->mover.running && log_takes(&journal->log, bytes);
}

static int append(struct journal *journal, const struct journal_append_block *source, struct error *error) {
    struct sealed_block *block = NULL;
    struct sealer sealer = {&journal->cipher, journal->log.key, journal->head.epoch, journal->hash};
    int result = sealed_block_make(&block, &sealer, source, error);
    if (result < 0) {
        return result;
    }
    bool through_log = !is_erasing(source) && takes_log(journal, block->length);
    result = through_log ? append_to_log(journal, block, error) : append_to_database(journal, block, source, error);
    sealed_block_release(&block);
    return result;
}

int journal_append(struct journal *journal, const struct journal_append_block *block, struct position *after,
                   struct error *error) {
    struct error ignored = {0};
    error = error ? error : &ignored;
    assert(block->first == journal->head.seq + 1 && block->count > 0);
    int result = atomic_load(&journal->mover.trouble) ? mover_clear_trouble(journal, error) : 0;
    if (result == 0) {
        result = append(journal, block, error);
    }
    if (result < 0 && !is_stored_not(result)) {
        mover_fail(&journal->mover, result, error);
    }
    *after = journal->head;
    return result;
}

bool journal_is_quick(struct journal *journal, size_t bytes) {
    struct mover *mover = &journal->mover;
    size_t record = bytes + RECORD_HEADER_BYTES + RECORD_SECTOR;
    return !atomic_load(&mover->trouble) && takes_log(journal, record) &&
           mover_has_moved(mover, log_needs(&journal->log, record));
}

/* ---- settling ---- */

int journal_settle(struct journal *journal, struct error *error) {
    struct error ignored = {0};
    error = error ? error : &ignored;
    pthread_mutex_lock(&journal->mover.database_lock);
    int result = mover_settle(journal, error);
    if (result == 0 && (result = store_forget(journal, error)) < 0) {
        mover_fail(&journal->mover, result, error);
    }
    pthread_mutex_unlock(&journal->mover.database_lock);
    return result;
}

void journal_ask_settle(struct journal *journal) {
    mover_ask(&journal->mover);
}

int journal_is_settled(struct journal *journal, uint64_t seq) {
    return mover_has_moved(&journal->mover, seq) ? 1 : mover_obstacle(&journal->mover);
}

void journal_tell_failure(struct journal *journal, void (*tell)(void *data), void *data) {
    mover_tell(&journal->mover, tell, data);
}

int journal_failure(struct journal *journal, struct error *error) {
    return mover_failure(&journal->mover, error);
}
