/* Columns as data: rows of a table bound, read and checked by a list of their columns.
 *
 * What cannot be folded again carries a checksum (BLAKE2b-128 over the row's number and all its columns) that is tested
 * whenever it is read. Words of the closed vocabularies are stored as words, never as ordinals.
 */
#pragma once

#include "services/notifier/statement.h"

#define CHECKSUM_BYTES 16

enum column_kind {
    COLUMN_INT64,
    COLUMN_INT32,
    COLUMN_BOOL,
    COLUMN_ID,
    COLUMN_STRING,  /* a char array, terminated */
    COLUMN_TEXT,    /* a struct text: borrowed from the statement when read */
    COLUMN_STATE,   /* enum delivery */
    COLUMN_CHANNEL, /* enum channel */
    COLUMN_BYTES    /* a struct text of any bytes */
};

struct column {
    enum column_kind kind;
    size_t offset; /* of the member */
    size_t size;
};

/* A row of a list of columns: COLUMN(struct, member, kind). */
#define COLUMN(row, member, kind) \
    { COLUMN_##kind, offsetof(row, member), sizeof(((row *)0)->member) }

struct columns {
    const struct column *items;
    int count;
};

/* Binds all of them, the first one to parameter `first`. Values are borrowed until the statement is reset. */
void columns_bind(struct columns columns, sqlite3_stmt *statement, int first, const void *row);

/* Reads all of them, the first one from column `first`. False when one cannot have been written so. */
bool columns_read(struct columns columns, sqlite3_stmt *statement, int first, void *row);

void columns_checksum(struct columns columns, int64_t number, const void *row, uint8_t out[CHECKSUM_BYTES]);

/* Reads them and tests the checksum, which stands in column `checksum`. */
bool columns_read_checked(struct columns columns, sqlite3_stmt *statement, int first, int checksum, int64_t number,
                          void *row);

/* What is folded, and could be folded again, carries the same in its column `checksum`, made and tested in SQL by
 * row_checksum(column, ...): a telephone number with a flipped bit is nobody's to be sent to. */
int columns_register(struct database *database, struct error *error);

/* A table from before there were such checksums gets them once, as it is; `columns` are those of the checksum. */
int columns_add_checksum(struct database *database, const char *table, const char *columns, struct error *error);
/* 1 the table has this column, 0 it has not. */
int columns_has(struct database *database, const char *table, const char *column, struct error *error);
