/* The inside of the journal's writer: its connection, its files, where it stands.
 *
 * The connection is used by whoever holds the mover's `database_lock`: the mover, or an append that goes straight into
 * the database. Everything else belongs to the thread that appends, but for what has a lock of its own.
 */
#pragma once

#include "common/journal/derived.h"
#include "common/journal/erasure.h"
#include "common/journal/log.h"
#include "common/journal/mover.h"
#include "common/journal/reserve.h"
#include "common/journal/tail.h"
#include "common/journal/witness.h"

/* How the log was found when the journal was opened. */
struct log_found {
    int64_t end;  /* byte of the file behind the last block that was taken from it; 0: none was */
    int64_t torn; /* byte of a record at the next seq that is not what was written; 0: there is none */
};

struct journal {
    struct journal_paths paths;
    struct database database;
    struct side_cipher cipher;
    struct derived derived;
    struct erasure erasure;
    struct witness witness;
    struct reserve reserve;
    sqlite3_stmt *insert_head;
    sqlite3_stmt *insert_side;
    struct position head;
    struct hash hash;
    bool remade;           /* derived tables were made again when it was opened */
    bool log_holds_erased; /* SQLite's: its truncation is still to be done */
    struct journal_log log;
    struct log_found log_found;
    struct journal_tail *tail;
    struct mover mover;
};

static inline struct witness_mark journal_mark_of(const struct journal *journal) {
    return (struct witness_mark){journal->cipher.journal, journal->head.epoch, journal->head.seq, journal->hash};
}

/* store.c: the database, under its lock */

/* The rows of a block, within a transaction. */
int store_block(struct journal *journal, const struct sealed_block *block, struct error *error);

/* The disk is full: nothing of the transaction stays, and what SQLite's log takes is given back. That too needs room in
 * the database file, for which the reserve is given up when there is none. -ERR_NO_SPACE, or another code by damage or a
 * failed sync. */
int store_step_back(struct journal *journal, struct error *error);

/* When sides were erased: empties SQLite's log, which holds their old rows. What is in the way of that for now (a reader,
 * a full disk) is no error: it is tried again the next time. */
int store_forget(struct journal *journal, struct error *error);

/* recover.c */

/* Takes the blocks of the log that follow on the database into the tail, and stands at their end. */
int recover_log(struct journal *journal, const struct journal_options *options, struct error *error);
