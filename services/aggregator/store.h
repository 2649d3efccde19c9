/* The state file: the tally's pages and its position in SQLite, synchronous=NORMAL, for it can be folded again.
 *
 * A save takes what changed since the last one (store_snapshot, on the loop, memory only) and writes it with the
 * position in one transaction (store_write, blocks, may run on another thread, one at a time). So the file always holds
 * one position and exactly its figures. Each page has a checksum (Poly1305) that is tested when it is loaded.
 */
#pragma once

#include "common/database.h"
#include "proto/codec.h"
#include "services/aggregator/tally.h"

struct store {
    struct database database;
    sqlite3_stmt *put;
};

/* Pages to be written. Zero-initialised is empty. */
struct snapshot {
    struct buffer bytes;
    struct buffer entries; /* struct snapshot_entry */
};

/* Opens or makes `path` and loads it into `*tally`, which is made here. -ERR_CORRUPT: the file is damaged or of another version;
 * it may be moved aside (store_move_aside) and folded again. Blocks. */
int store_open(struct store *store, const char *path, struct tally **tally, struct error *error);
void store_close(struct store *store);

/* Renames the file and what belongs to it to <path>.damaged, in place of an older one. */
int store_move_aside(const char *path, struct error *error);

/* 0 or -ERR_NO_MEMORY. The tally then counts as saved: a snapshot must not be lost. */
int store_snapshot(struct tally *tally, struct snapshot *snapshot);
void snapshot_free(struct snapshot *snapshot);

/* 0, and the snapshot is empty again; -ERR_NO_SPACE: nothing was written, try again with the same; others: stop. */
int store_write(struct store *store, struct snapshot *snapshot, struct error *error);
