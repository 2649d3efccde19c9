/* The log: a file of fixed size in front of the database, in which a block is durable after one write and one sync.
 *
 * It was written with zeros and synced when it was made, and is never grown or truncated: fdatasync then has no
 * metadata to write, and needs no room on the disk. Two segments are filled in turn with records (record.h), each of
 * which begins at a sector. A segment is begun again only when all its blocks are in the database, so what is left in
 * it of earlier turns is told from what counts by its seq alone: it is not behind the database's end.
 *
 *   file = head (4096 bytes) || segment || segment
 *   head = "CXJRNLOG" || u32be version || u64be journal || u32be segment bytes || u64be base || MAC of all before ||
 *          zeros
 *
 * The base is the seq up to which blocks were in the database when the journal was closed last, or the log was made.
 *
 * One thread at a time. Blocks.
 */
#pragma once

#include "common/journal/record.h"

#define LOG_NAME "journal.log"
#define LOG_SEGMENTS 2
#define LOG_HEAD_BYTES 4096

struct log_segment {
    uint64_t last; /* seq of the last block in it that counts; 0: none */
    uint32_t used; /* bytes from its beginning that may hold something */
};

struct journal_log {
    int descriptor; /* -1: not open */
    uint64_t journal;
    uint32_t segment_bytes;
    uint64_t base;
    uint8_t key[RECORD_KEY_BYTES];
    struct log_segment segments[LOG_SEGMENTS];
    int active;
    uint32_t offset; /* in the active segment, where the next record goes */
};

/* All of the file in memory, as recovery looks at it. */
struct log_image {
    uint8_t *bytes;
    size_t length;
};

/* Opens the file at `path`: 1, 0 when there is none, -ERR_CORRUPT when it is damaged, cut short or of another journal,
 * or its key is another. */
int log_open(struct journal_log *log, const char *path, const struct side_cipher *cipher, struct error *error);

/* Makes the file, in the place of one that is there; it is whole or not there. `segment_bytes`: a multiple of
 * RECORD_SECTOR. The database holds all up to `base`. */
int log_create(struct journal_log *log, const char *path, const struct side_cipher *cipher, uint32_t segment_bytes,
               uint64_t base, struct error *error);
void log_close(struct journal_log *log);

/* Reads all of it. The caller frees `image->bytes`. */
int log_read(struct journal_log *log, struct log_image *image, struct error *error);

/* Whether the log is there and a record of so many bytes fits into a segment. */
bool log_takes(const struct journal_log *log, size_t bytes);

/* The seq up to which blocks must be in the database before a record of so many bytes may be written; 0: it may. */
uint64_t log_needs(const struct journal_log *log, size_t bytes);

/* Writes a record and syncs it. -ERR_NO_SPACE (the file system has no fixed places for a file's blocks): nothing
 * counts, the next record goes to the same place. Any other error: it is not known whether the record is there. */
int log_append(struct journal_log *log, const uint8_t *bytes, size_t length, uint64_t last, struct error *error);

/* Notes the base, synced: without what the database held then, it is not whole. */
int log_set_base(struct journal_log *log, uint64_t base, struct error *error);

/* Overwrites all that was used with zeros, synced: nothing of it counts any more. */
int log_wipe(struct journal_log *log, struct error *error);
