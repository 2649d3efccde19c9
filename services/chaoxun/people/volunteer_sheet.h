/* A roster as an office keeps it: a CSV file whose rows are volunteers, columns found by their headers
 * (volunteer_columns.def; UTF-8 or GB18030: common/import/table.h).
 *
 * A broken row has faults that name the column; the other rows go on. Columns of which 潮讯 keeps nothing are left out,
 * and volunteer_sheet_left_out tells which. Pure: no network, no clock. Not thread-safe.
 */
#pragma once

#include "common/import/headers.h"
#include "common/import/import.h"

struct volunteer_sheet;

struct volunteer_sheet_options {
    const char *default_unit; /* of rows without 中队; may be NULL */
    import_unit unit;
    void *data;
    int32_t today; /* later days of joining and leaving are refused */
};

struct volunteer_row {
    uint32_t row;                    /* as the spreadsheet counts: the header is 1 */
    struct wire_volunteer volunteer; /* the cells that are filled; in the arena given to volunteer_sheet_next */
    struct text unit;                /* the first of volunteer.units */
    bool leaves;
    int32_t left; /* day on which the volunteer left */
    struct faults faults;
};

/* Reads the whole file's bytes. Faults of the file as a whole (encoding, header, no 编号 and no 中队) are errors. */
int volunteer_sheet_open(struct volunteer_sheet **sheet, struct text bytes,
                         const struct volunteer_sheet_options *options, struct error *error);
void volunteer_sheet_close(struct volunteer_sheet **sheet);

uint32_t volunteer_sheet_rows(const struct volunteer_sheet *sheet); /* data rows */
const char *volunteer_sheet_encoding(const struct volunteer_sheet *sheet);

/* The headers of the columns that are left out, with 、 between; empty when there are none. */
void volunteer_sheet_left_out(const struct volunteer_sheet *sheet, char *out, size_t size);

/* From the first row again. */
void volunteer_sheet_rewind(struct volunteer_sheet *sheet);

/* The next row into `out`: 1, or 0 at the end, < 0 no memory. */
int volunteer_sheet_next(struct volunteer_sheet *sheet, struct arena *arena, struct volunteer_row *out);

/* The known columns. */
const struct header_row *volunteer_sheet_headers(uint32_t *count);

/* The header of the column that fills what a fault names by its path (a refusal_header). */
const char *volunteer_sheet_header_of(const char *path);
