/* The inside of the journal's writer: its connection, its files, where it stands. */
#pragma once

#include "common/journal/derived.h"
#include "common/journal/erasure.h"
#include "common/journal/reserve.h"
#include "common/journal/witness.h"

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
    struct side_seal seal;
    struct position head;
    struct hash hash;
    bool remade;           /* derived tables were made again when it was opened */
    bool log_holds_erased; /* its truncation is still to be done */
};

static inline struct witness_mark journal_mark_of(const struct journal *journal) {
    return (struct witness_mark){journal->cipher.journal, journal->head.epoch, journal->head.seq, journal->hash};
}
