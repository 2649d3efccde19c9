/* The state file: the tally's pages and its position in SQLite, synchronous=NORMAL, for it can be folded again.
 *
 * A save takes what changed since the last one and writes it with the position in one transaction, part by part:
 * store_snapshot (on the loop, memory only) copies some pages, store_write (blocks, may run on another thread, one at a
 * time) writes them. Folding may go on between the parts: a page that changes behind its part is taken once more, and
 * with the last part the position is written. So the file always holds one position and exactly its figures, and a save
 * needs the memory of a part only. Each page has a checksum (Poly1305) that is tested when it is loaded.
 */
#pragma once

#include "common/database.h"
#include "proto/codec.h"
#include "services/aggregator/tally.h"

struct store {
    struct database database;
    sqlite3_stmt *put;
};

/* A part of a save. Zero-initialised is empty: a save begins. */
struct snapshot {
    struct buffer bytes;   /* of this part's pages */
    struct buffer entries; /* struct snapshot_entry, of all parts of this save */
    size_t written;        /* so many of them are in the open transaction */
    bool last;             /* the position is in it: with it the transaction ends */
};

/* Opens or makes `path` and loads it into `*tally`, which is made here. -ERR_CORRUPT: the file is damaged or of another version;
 * it may be moved aside (store_move_aside) and folded again. Blocks. */
int store_open(struct store *store, const char *path, struct tally **tally, struct error *error);
void store_close(struct store *store);

/* Renames the file and what belongs to it to <path>.damaged, in place of an older one. */
int store_move_aside(const char *path, struct error *error);

/* How many pages have changed. */
uint32_t store_changed(struct tally *tally);

/* Takes up to `pages` of them for the next part; it is the last one when none is left. 0 or -ERR_NO_MEMORY. The pages then
 * count as saved: a part must be written or given back. */
int store_snapshot(struct tally *tally, struct snapshot *snapshot, uint32_t pages);

/* 0, and the next part may be taken; else nothing of the save was written, and what it took must be given back.
 * -ERR_NO_SPACE, -ERR_BUSY: for now. */
int store_write(struct store *store, struct snapshot *snapshot, struct error *error);

/* All that the save has taken so far counts as changed again; the snapshot is empty. 0 or -ERR_NO_MEMORY. */
int store_give_back(struct tally *tally, struct snapshot *snapshot);

void snapshot_free(struct snapshot *snapshot);
