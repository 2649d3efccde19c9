/* The witness: a small file beside the journal that says how far the journal had come.
 *
 * SQLite cuts a damaged log short without an error, and a hash chain cannot see a missing tail. After each commit the
 * new end is written here with one pwrite, into two slots in turn, each with a checksum and in a disk block of its
 * own. It is not synced: after a power cut it may be older than the journal, never newer.
 *
 *   slot = "CXWITNES" || u64be journal || u64be epoch || u64be seq || hash || BLAKE2b-256 of all before
 */
#pragma once

#include "common/error.h"
#include "proto/types.h"

struct witness_mark {
    uint64_t journal;
    uint64_t epoch;
    uint64_t seq;
    struct hash hash;
};

struct witness {
    int descriptor; /* -1: not open */
    int slot;       /* that is written next */
};

/* Opens the file at `path` and reads the highest valid mark: 1 found, 0 when the file is missing or holds none
 * (then nothing is open), < 0 error. */
int witness_open(struct witness *witness, const char *path, struct witness_mark *mark, struct error *error);

/* Makes the file anew with one mark, synced, its directory too. */
int witness_create(struct witness *witness, const char *path, const struct witness_mark *mark, struct error *error);

int witness_write(struct witness *witness, const struct witness_mark *mark, struct error *error);

/* Syncs and closes. */
void witness_close(struct witness *witness);
