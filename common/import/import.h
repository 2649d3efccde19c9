/* The importer: a CSV file as people's spreadsheets have it, to report events and faults by row and column.
 *
 * UTF-8 with or without BOM, or GB18030 (found by trying; iconv); commas, quotes, CR/LF as RFC 4180 and Excel write
 * them (libcsv). The first row holds Chinese headers (import_headers lists them); unknown headers are faults of the
 * file. A broken row is reported with its row number (the header is row 1), its column's header and what to do; the other
 * rows go on. Ids are UUIDv7-shaped from the date and a hash of unit and 编号, or, without a 编号, of the row's
 * content and its ordinal among equal rows: the same file twice gives the same events. A known 编号 with other content
 * meets `conflict` at intake: the caller then offers it as an amendment (import_amend). A row with a 系统编号, as exports
 * (common/export/) have it, keeps that id.
 *
 * `at` of an event is the begin of its first day (China Standard Time), 0 where the day is not known, so that it too
 * is the same each time. Pure: no network, no clock; memory is bounded by the limits below. Not thread-safe.
 */
#pragma once

#include "common/arena.h"
#include "proto/codec.h"

#define IMPORT_BYTES_MAX (64 * 1024 * 1024)
#define IMPORT_COLUMNS_MAX 64
#define IMPORT_CELL_MAX 32768 /* bytes */

struct import;

/* Which unit a squad's name in the file means: its path code, short or full name. Returns false when unknown. `path`
 * points to at least EVENT_UNIT_MAX + 1 bytes. */
typedef bool (*import_unit)(void *data, struct text name, char *path);

struct import_options {
    const char *default_unit; /* for files without the column 中队; may be NULL */
    import_unit unit;
    void *data;
    struct text by; /* actor's number; may be empty */
};

struct import_row {
    uint32_t row;         /* as the spreadsheet counts: the header is 1 */
    struct event event;   /* valid when faults.count is 0; in the arena given to import_next */
    struct faults faults; /* field is the column's header */
    uint32_t warnings;    /* how many of `warning` are filled */
    char warning[4][200]; /* contradictions and what was worked out, in Chinese */
};

/* Reads the whole file's bytes (copied as UTF-8). Faults of the file as a whole (encoding, header, no rows, quotes
 * open at the end) are errors. */
int import_open(struct import **import, struct text bytes, const struct import_options *options, struct error *error);
void import_close(struct import **import);

uint32_t import_row_count(const struct import *import);   /* data rows */
const char *import_encoding(const struct import *import); /* "UTF-8" or "GB18030" */

/* The next row into `out`: 1, or 0 at the end, < 0 no memory. */
int import_next(struct import *import, struct arena *arena, struct import_row *out);

/* Makes the amendment of a row whose id was taken: type report.amended, a new id derived from the content. */
void import_amend(const struct import_row *row, struct arena *arena, struct event *event);

/* The known headers, NULL-terminated; import_header_prose tells what each column holds. */
const char *const *import_headers(void);
const char *import_header_prose(const char *header);

/* The header of the column that fills what a fault names by its path (body.measures[2].unit, at); the path itself when
 * none does. For the faults that intake finds in a row. */
const char *import_header_of(const char *path);

/* The field of a report that a column fills ("attendances"); the header itself when it is not known. */
const char *import_field_of(const char *header);
