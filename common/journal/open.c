/* Opening the journal for writing: what is there must fit its witness, and derived tables are made whole. */
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/failpoint.h"
#include "common/journal/chain.h"
#include "common/journal/reader.h"
#include "common/journal/writer.h"

/* Where the log ended, for the error: the byte at which its next record should be. */
static void describe_end(const struct journal *journal, char out[120]) {
    const struct log_found *found = &journal->log_found;
    *out = '\0';
    if (found->torn > 0) {
        snprintf(out, 120, " (" LOG_NAME " at byte %" PRId64 ": the record of seq %" PRIu64 " is damaged)", found->torn,
                 journal->head.seq + 1);
    } else if (found->end > 0) {
        snprintf(out, 120, " (" LOG_NAME " at byte %" PRId64 ")", found->end);
    }
}

static int witness_conflict(const char *what, const struct journal *journal, const struct witness_mark *mark,
                            struct error *error) {
    char at[POSITION_TEXT_SIZE];
    char end[120];
    char value[ERROR_TEXT_MAX];
    struct position position = {mark->journal, mark->epoch, mark->seq, chain_short(&mark->hash)};
    position_format(&position, at);
    describe_end(journal, end);
    snprintf(value, sizeof value,
             "%s: it ends at seq %" PRIu64
             "%s, its witness stands at %s; restore a backup, or accept with verify --repair",
             what, journal->head.seq, end, at);
    return error_set(error, ERR_CORRUPT, (struct error_words){.field = "journal.db", .value = value});
}

/* The chain's hash at `seq`, where a block ends in the database or in the tail: 1, 0 when none ends there. */
static int hash_at(const struct journal *journal, struct journal_reader *reader, uint64_t seq, struct hash *hash,
                   struct error *error) {
    struct head_row row = {0};
    if (seq == 0) {
        chain_start(journal->cipher.journal, hash);
        return 1;
    }
    struct sealed_block *block = tail_take(journal->tail, seq);
    if (block) {
        bool ends = record_end(&block->record) == seq;
        *hash = block->record.hash;
        sealed_block_release(&block);
        return ends;
    }
    int result = reader_row(reader, seq, &row, error);
    *hash = row.hash;
    return result < 0 ? result : result == 1 && head_row_end(&row) == seq;
}

/* Compares the journal with what the witness saw. */
static int witness_compare(const struct journal *journal, struct journal_reader *reader,
                           const struct witness_mark *mark, struct error *error) {
    if (mark->journal != journal->cipher.journal) {
        return witness_conflict("it is another journal", journal, mark, error);
    }
    if (mark->seq > journal->head.seq || mark->epoch > journal->head.epoch) {
        return witness_conflict("it lost its tail", journal, mark, error);
    }
    if (mark->epoch < journal->head.epoch) { /* a repair writes both */
        return witness_conflict("it is of another epoch", journal, mark, error);
    }
    struct hash hash = {{0}};
    int result = hash_at(journal, reader, mark->seq, &hash, error);
    if (result < 0) {
        return result;
    }
    if (result == 0 || memcmp(hash.bytes, mark->hash.bytes, HASH_BYTES) != 0) {
        return witness_conflict("its hash there is another", journal, mark, error);
    }
    return 0;
}

static int witness_check(struct journal *journal, struct journal_reader *reader, struct error *error) {
    struct witness_mark mark;
    int result = witness_open(&journal->witness, journal->paths.witness, &mark, error);
    if (result < 0) {
        return result;
    }
    if (result == 1) {
        return witness_compare(journal, reader, &mark, error);
    }
    if (journal->head.seq > 0) {
        char value[ERROR_TEXT_MAX];
        snprintf(value, sizeof value,
                 "it is missing or unreadable, so nobody knows whether journal.db, which ends at seq %" PRIu64
                 ", is whole; put it back, or accept with verify --repair",
                 journal->head.seq);
        return error_set(error, ERR_CORRUPT, (struct error_words){.field = "journal.witness", .value = value});
    }
    mark = journal_mark_of(journal);
    return witness_create(&journal->witness, journal->paths.witness, &mark, error);
}

/* Reads the last block, which checks its hash, and stands at its end. */
static int head_load(struct journal *journal, struct journal_reader *reader, struct error *error) {
    journal->cipher.journal = reader->cipher.journal;
    int result = journal_reader_head(reader, &journal->head, error);
    chain_start(journal->cipher.journal, &journal->hash);
    if (result < 0 || journal->head.seq == 0) {
        return result;
    }
    struct arena *arena = arena_create(SIZE_MAX);
    if (!arena) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    struct journal_block block;
    result = journal_read(reader, journal->head.seq - 1, true, arena, &block, error);
    if (result == 1) {
        journal->hash = block.hash;
    }
    arena_destroy(&arena);
    return result < 0 ? result : 0;
}

/* `options` without the tail: the database alone. */
static int check_what_is_there(struct journal *journal, const struct journal_options *options, struct error *error) {
    struct journal_reader *reader = NULL;
    int result = journal_reader_open(&reader, options, error);
    if (result == 0) {
        result = head_load(journal, reader, error);
    }
    uint64_t moved = journal->head.seq;
    if (result == 0) {
        result = recover_log(journal, options, error);
    }
    if (result == 0) {
        result = witness_check(journal, reader, error);
    }
    mover_note_moved(&journal->mover, moved);
    journal_reader_close(&reader);
    return result;
}

/* A database that is gone while its witness stands must not be replaced by an empty one. */
static int database_is_not_lost(const struct journal_paths *paths, struct error *error) {
    bool lost = access(paths->database, F_OK) < 0 && access(paths->witness, F_OK) == 0;
    struct witness witness;
    struct witness_mark mark = {0};
    if (!lost || witness_open(&witness, paths->witness, &mark, NULL) != 1) {
        return 0;
    }
    witness_close(&witness);
    if (mark.seq == 0) {
        return 0;
    }
    char value[120];
    snprintf(value, sizeof value, "it is missing, though its witness stands at seq %" PRIu64 "; restore a backup",
             mark.seq);
    return error_set(error, ERR_CORRUPT, (struct error_words){.field = "journal.db", .value = value});
}

/* The journal is not whole between the moves of a repair. */
static int repair_is_not_under_way(const struct journal_paths *paths, struct error *error) {
    if (access(paths->mended, F_OK) < 0) {
        return 0;
    }
    return error_set(error, ERR_CORRUPT,
                     (struct error_words){.field = "journal.db",
                                          .value = "its repair was interrupted: finish it with chaoxun verify --repair "
                                                   "--drop"});
}

#ifdef PLANTED_NO_SYNC /* a test builds this: commits without a sync, and a power cut must show it */
#define DURABILITY DATABASE_NORMAL
#else
#define DURABILITY DATABASE_BULK
#endif

static int open_database(struct journal *journal, struct error *error) {
    char sql[SCHEMA_SQL_MAX];
    schema_sql(sql);
    const char *path = journal->paths.database;
    int result = database_open(&journal->database, path, DURABILITY, sql, JOURNAL_VERSION, error);
    if (result == -(int)ERR_NO_SPACE && journal->reserve.held) {
        reserve_release(&journal->reserve);
        result = database_open(&journal->database, path, DURABILITY, sql, JOURNAL_VERSION, error);
    }
    return result;
}

static int prepare(struct journal *journal, struct error *error) {
    struct database *database = &journal->database;
    int result = database_prepare(database, SCHEMA_INSERT_HEAD, &journal->insert_head, error);
    if (result == 0) {
        result = database_prepare(database, SCHEMA_INSERT_SIDE, &journal->insert_side, error);
    }
    if (result == 0) {
        result = derived_open(&journal->derived, database, error);
    }
    if (result == 0) {
        result = erasure_open(&journal->erasure, database, &journal->cipher, error);
    }
    return result;
}

/* ---- the log ---- */

static uint32_t segment_wanted(const struct journal_options *options) {
    uint32_t whole = options->log_bytes > 0 ? options->log_bytes : JOURNAL_LOG_BYTES;
    return whole / LOG_SEGMENTS / RECORD_SECTOR * RECORD_SECTOR;
}

/* From now on a log that is missing is a loss, until the journal is closed. Where there is no room to note it, the next
 * opening does. */
static int note_log(struct journal *journal, bool needed, struct error *error) {
    struct database *database = &journal->database;
    int result = database_begin(database, error);
    if (result == 0) {
        result = needed ? meta_write(database, JOURNAL_NEEDS_LOG, 1, error)
                        : meta_remove(database, JOURNAL_NEEDS_LOG, error);
    }
    if (result == 0) {
        result = database_commit(database, error);
    }
    if (result < 0) {
        database_rollback(database);
    }
    return result == -(int)ERR_NO_SPACE || result == -(int)ERR_BUSY ? 0 : result;
}

/* The database holds all that a log of another length held. That is wiped, as its blocks go back to the file system and
 * nothing may be left there of a side that is erased one day. Where there is no room for the new one the journal does
 * with what it has, until the next opening: the reserve is for what must be written. */
static int make_log(struct journal *journal, uint32_t segment_bytes, struct error *error) {
    struct journal_log made;
    int result = journal->log.descriptor >= 0 ? log_wipe(&journal->log, error) : 0;
    if (result == 0) {
        result = log_create(&made, journal->paths.log, &journal->cipher, segment_bytes, journal->head.seq, error);
    }
    if (result == 0) {
        log_close(&journal->log);
        journal->log = made;
        sodium_memzero(made.key, sizeof made.key);
    }
    return result == -(int)ERR_NO_SPACE ? 0 : result;
}

/* A log of the wanted length, where that can be had now. */
static int have_log(struct journal *journal, uint32_t segment_bytes, bool settled, struct error *error) {
    const struct journal_log *log = &journal->log;
    bool another = settled && log->descriptor >= 0 && log->segment_bytes != segment_bytes;
    int result = another || log->descriptor < 0 ? make_log(journal, segment_bytes, error) : 0;
    return result == 0 && log->descriptor >= 0 ? note_log(journal, true, error) : result;
}

/* What only the log held goes into the database; no room for it is no reason not to open. */
static int begin_writing(struct journal *journal, const struct journal_options *options, struct error *error) {
    int result = mover_settle(journal, error);
    bool settled = result == 0;
    if (result == -(int)ERR_NO_SPACE || result == -(int)ERR_BUSY) {
        result = 0;
    }
    if (result == 0 && options->tail) {
        result = have_log(journal, segment_wanted(options), settled, error);
    } else if (settled && !options->tail && journal->log.descriptor >= 0) {
        result = log_wipe(&journal->log, error);
        log_close(&journal->log);
    }
    if (!journal->reserve.held) {
        atomic_store(&journal->mover.trouble, true);
    }
    return result < 0 || !options->tail ? result : mover_start(journal, error);
}

/* ---- all of it ---- */

static int open_all(struct journal *journal, const struct journal_options *options, struct error *error) {
    struct journal_options alone = *options;
    alone.tail = NULL;
    int result = journal_paths(options->directory, &journal->paths, error);
    if (result == 0) {
        result = repair_is_not_under_way(&journal->paths, error);
    }
    if (result == 0) {
        result = database_is_not_lost(&journal->paths, error);
    }
    if (result < 0) {
        return result;
    }
    reserve_open(&journal->reserve, journal->paths.reserve, options->reserve_bytes);
    result = open_database(journal, error);
    if (result == 0 && options->wal_bytes > 0) {
        database_set_log_limit(&journal->database, options->wal_bytes);
    }
    if (result == 0) {
        /* What is damaged stays as it is for a repair: SQLite would empty the log as its last connection closes. */
        database_keep_log(&journal->database, true);
        result = derived_make_tables(&journal->database, options, error);
    }
    if (result == 0) {
        result = check_what_is_there(journal, &alone, error);
    }
    FAILPOINT("intake-inside-opening");
    if (result == 0) {
        result = derived_restore(&journal->database, &alone, error);
        journal->remade = result == 1 && journal->head.seq > 0;
        result = result < 0 ? result : 0;
    }
    if (result == 0) {
        database_keep_log(&journal->database, false);
        result = prepare(journal, error);
    }
    return result < 0 ? result : begin_writing(journal, options, error);
}

int journal_open(struct journal **journal, const struct journal_options *options, struct error *error) {
    struct error ignored = {0};
    error = error ? error : &ignored;
    struct journal *self = calloc(1, sizeof *self);
    struct journal_tail *tail = options->tail ? tail_retain(options->tail) : journal_tail_create();
    if (!self || !tail) {
        journal_tail_release(&tail);
        free(self);
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    self->tail = tail;
    self->witness.descriptor = -1;
    self->log.descriptor = -1;
    memcpy(self->cipher.key, options->side_key, sizeof self->cipher.key);
    mover_begin(&self->mover);
    int result = open_all(self, options, error);
    if (result < 0) {
        mover_fail(&self->mover, result, error); /* nothing is to be moved at the closing */
        journal_close(&self);
    }
    *journal = self;
    return result;
}

bool journal_was_remade(const struct journal *journal) {
    return journal->remade;
}

void journal_close(struct journal **journal) {
    struct journal *self = *journal;
    if (!self) {
        return;
    }
    mover_stop(self);
    if (journal_settle(self, NULL) == 0 && self->log.descriptor >= 0 &&
        log_set_base(&self->log, self->head.seq, NULL) == 0) {
        note_log(self, false, NULL);
    }
    tail_end(self->tail);
    journal_tail_release(&self->tail);
    sqlite3_finalize(self->insert_head);
    sqlite3_finalize(self->insert_side);
    derived_close(&self->derived);
    erasure_close(&self->erasure);
    database_close(&self->database);
    log_close(&self->log);
    witness_close(&self->witness);
    mover_end(&self->mover);
    sodium_memzero(&self->cipher, sizeof self->cipher);
    sodium_memzero(self->log.key, sizeof self->log.key);
    free(self);
    *journal = NULL;
}
