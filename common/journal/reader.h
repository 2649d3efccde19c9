/* The inside of a journal reader: its statements, the chain where it read last, the block it looked into last. */
#pragma once

#include "common/journal/journal.h"
#include "common/journal/schema.h"
#include "common/journal/side.h"
#include "common/journal/tail.h"

enum reader_statement {
    READ_ROW,
    READ_HEAD,
    READ_SIDE,
    READ_ID,
    READ_IDS,
    READ_MARK,
    READ_LAST_MARK,
    READ_CHANGES,
    READ_STATEMENTS
};

/* A head row without its bytes. */
struct head_row {
    uint64_t first;
    uint32_t count;
    uint64_t epoch;
    struct hash hash;
};

/* The block that single events are looked up in, kept for the next look-up as long as nothing was committed. */
struct block_cache {
    struct arena *arena; /* holds the block, its offsets and sides */
    struct arena *scratch;
    struct journal_block block;
    int64_t changes; /* of the database, when it was read */
    bool with_side;
    bool valid;
    size_t *offsets; /* of events within the head, as far as `known` */
    uint32_t known;  /* how many offsets there are; at least 1 */
    struct text *salts;
    struct text *sides;
};

struct journal_reader {
    struct database database;
    struct journal_tail *tail; /* NULL: the database alone */
    sqlite3_stmt *statements[READ_STATEMENTS];
    struct side_cipher cipher;
    uint64_t epoch;
    journal_derive derive;
    struct head_row last; /* the block read last; count 0: none */
    struct block_cache cache;
};

/* Opens the database at `path` for its chain alone, as damage may have left it: the cipher's journal and the epoch are
 * the caller's to set, and what needs derived tables that are missing must not be called. */
int reader_open_chain(struct journal_reader **reader, const struct journal_options *options, const char *path,
                      struct error *error);

/* The database's head row with the highest first that is at most `seq`: 1, 0 when there is none. The block may end
 * before. */
int reader_row(struct journal_reader *reader, uint64_t seq, struct head_row *row, struct error *error);

static inline uint64_t head_row_end(const struct head_row *row) {
    return row->first + row->count - 1;
}

void reader_cache_drop(struct block_cache *cache);

/* -ERR_CORRUPT that names the row of a table. */
int reader_damage(const char *table, uint64_t first, const char *what, struct error *error);

/* verify.c: the id and the marks of a stored event are in the derived tables. */
int verify_derived(struct journal_reader *reader, const struct event *event, int64_t *checked, struct error *error);
