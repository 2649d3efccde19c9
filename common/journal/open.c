/* Opening the journal for writing: what is there must fit its witness, and derived tables are made whole. */
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/journal/chain.h"
#include "common/journal/reader.h"
#include "common/journal/writer.h"

static int witness_conflict(const char *what, const struct journal *journal, const struct witness_mark *mark,
                            struct error *error) {
    char at[POSITION_TEXT_SIZE];
    char value[ERROR_TEXT_MAX];
    struct position position = {mark->journal, mark->epoch, mark->seq, chain_short(&mark->hash)};
    position_format(&position, at);
    snprintf(value, sizeof value,
             "%s: it ends at seq %" PRIu64
             ", its witness stands at %s; restore a backup, or accept with verify --repair",
             what, journal->head.seq, at);
    return error_set(error, ERR_CORRUPT, (struct error_words){.field = "journal.db", .value = value});
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
    struct head_row row = {0};
    int result = mark->seq > 0 ? reader_row(reader, mark->seq, &row, error) : 0;
    if (result < 0) {
        return result;
    }
    struct hash start;
    chain_start(journal->cipher.journal, &start);
    const struct hash *hash = mark->seq > 0 ? &row.hash : &start;
    bool ends = mark->seq == 0 || (result == 1 && head_row_end(&row) == mark->seq);
    if (!ends || memcmp(hash->bytes, mark->hash.bytes, HASH_BYTES) != 0) {
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

static int check_what_is_there(struct journal *journal, const struct journal_options *options, struct error *error) {
    struct journal_reader *reader = NULL;
    int result = journal_reader_open(&reader, options, error);
    if (result == 0) {
        result = head_load(journal, reader, error);
    }
    if (result == 0) {
        result = witness_check(journal, reader, error);
    }
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

static int open_database(struct journal *journal, struct error *error) {
    char sql[SCHEMA_SQL_MAX];
    schema_sql(sql);
    const char *path = journal->paths.database;
    int result = database_open(&journal->database, path, DATABASE_FULL, sql, JOURNAL_VERSION, error);
    if (result == -(int)ERR_NO_SPACE && journal->reserve.held) {
        reserve_release(&journal->reserve);
        result = database_open(&journal->database, path, DATABASE_FULL, sql, JOURNAL_VERSION, error);
    }
    return result;
}

static int prepare(struct journal *journal, struct error *error) {
    struct database *database = &journal->database;
    int result = database_prepare(database, "INSERT INTO head VALUES(?, ?, ?, ?, ?)", &journal->insert_head, error);
    if (result == 0) {
        result = database_prepare(database, "INSERT INTO side VALUES(?, ?, ?)", &journal->insert_side, error);
    }
    if (result == 0) {
        result = derived_open(&journal->derived, database, error);
    }
    if (result == 0) {
        result = erasure_open(&journal->erasure, database, &journal->cipher, error);
    }
    return result;
}

static int open_all(struct journal *journal, const struct journal_options *options, struct error *error) {
    int result = journal_paths(options->directory, &journal->paths, error);
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
        result = derived_make_tables(&journal->database, options, error);
    }
    if (result == 0) {
        result = check_what_is_there(journal, options, error);
    }
    if (result == 0) {
        result = derived_restore(&journal->database, options, error);
    }
    return result < 0 ? result : prepare(journal, error);
}

int journal_open(struct journal **journal, const struct journal_options *options, struct error *error) {
    struct journal *self = calloc(1, sizeof *self);
    if (!self) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    self->witness.descriptor = -1;
    memcpy(self->cipher.key, options->side_key, sizeof self->cipher.key);
    int result = open_all(self, options, error);
    if (result < 0) {
        journal_close(&self);
        return result;
    }
    *journal = self;
    return 0;
}

void journal_close(struct journal **journal) {
    struct journal *self = *journal;
    if (!self) {
        return;
    }
    sqlite3_finalize(self->insert_head);
    sqlite3_finalize(self->insert_side);
    derived_close(&self->derived);
    erasure_close(&self->erasure);
    database_close(&self->database);
    witness_close(&self->witness);
    buffer_free(&self->seal.sealed);
    sodium_memzero(&self->cipher, sizeof self->cipher);
    free(self);
    *journal = NULL;
}
