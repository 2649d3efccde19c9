/* Erasure: the sides of events become nil, within the transaction of the block that says so.
 *
 * Each block that holds one is decrypted, loses the entries, and is encrypted anew with a fresh nonce and the same
 * length: the row's old bytes are overwritten in place. Heads, chain, ids and marks stay as they are.
 */
#pragma once

#include "common/journal/derived.h"
#include "common/journal/side.h"

struct erasure {
    struct database *database;        /* borrowed */
    const struct side_cipher *cipher; /* borrowed */
    sqlite3_stmt *select_marked;
    sqlite3_stmt *select_side;
    sqlite3_stmt *update_side;
};

int erasure_open(struct erasure *erasure, struct database *database, const struct side_cipher *cipher,
                 struct error *error);
void erasure_close(struct erasure *erasure);

/* Erases what `block` says is to be forgotten; its own rows are there already. 1 when a row was rewritten, else 0. */
int erasure_run(struct erasure *erasure, const struct journal_append_block *block, struct error *error);
