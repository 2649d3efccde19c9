/* The record of the shim: what was written since the last sync, so that a power cut can be played afterwards.
 *
 * A folder outside of the recorded files, on the same file system, holds the file `changes`: a row for each change
 * before it happens (struct record_row, then the old bytes, then the new ones), and each sync that succeeded. Files
 * that were unlinked or replaced keep a second name in it, so that they can come back. tests/fault/power.py reads it.
 *
 * Files are known by their inode. Changes of a folder (a name made, removed, replaced) are durable with a sync of the
 * folder. Memory that is mapped is not seen; SQLite maps only its -shm file, which is derived.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum record_kind {
    RECORD_WRITE = 1, /* old bytes: what stood there within the file's old size; new bytes */
    RECORD_SIZE,      /* truncated or extended to `offset`; old bytes: what was cut off */
    RECORD_MADE,      /* new bytes: the name; `offset`: 1 for a folder */
    RECORD_REMOVED,   /* old bytes: its second name; new bytes: the name */
    RECORD_RENAMED,   /* old bytes: the second name of what it replaced, or none; new bytes: from, NUL, to */
    RECORD_SYNC_BEGIN,
    RECORD_SYNCED /* `offset`: the number of the row of its begin; what came before it of this file is durable */
};

struct record_row {
    uint32_t kind;
    uint32_t reserved;
    uint64_t file; /* the inode: of the file, or of the folder where a name is changed */
    uint64_t offset;
    uint64_t old_size; /* of the file */
    uint64_t old_bytes;
    uint64_t new_bytes;
};

bool record_is_on(void);

/* From begin to end the file system changes as it was told: one change at a time, all threads. */
void record_begin(void);
void record_end(void);

/* Within them, before the change. */
void record_write(int file, const void *bytes, size_t length, off_t offset);
void record_zeroes(int file, size_t length, off_t offset); /* as a write of that many zero bytes */
void record_size(int file, off_t size);
void record_made(const char *path, bool folder);
void record_removed(const char *path);
void record_renamed(const char *from, const char *to);

/* Around a sync, which is not between begin and end: others write meanwhile. */
uint64_t record_sync_begin(int file);
void record_synced(int file, uint64_t begin);
