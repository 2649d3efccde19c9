/* A CSV file as rows of cells in UTF-8, with what is broken named by row.
 *
 * The encoding is found by trying: UTF-8 (with or without BOM) when most lines that are not ASCII are valid UTF-8, else
 * GB18030. A line that is in neither is a fault of its row. A quote that is never closed costs its own row only:
 * reading goes on with the next line. Memory: about twice the file. Library: libcsv for the cells, iconv(3).
 */
#pragma once

#include "common/error.h"
#include "proto/faults.h"

#define TABLE_CELLS_MAX 64
#define TABLE_ROWS_MAX 1000000
#define TABLE_SPAN_MAX 100 /* lines that one quoted cell may span */

struct table_row {
    uint32_t number;       /* as the spreadsheet counts, the header is 1 */
    uint32_t cell_count;   /* cells found; more than TABLE_CELLS_MAX are counted but not kept */
    size_t first;          /* index into the table's cells */
    enum error_code fault; /* ERR_OK, ERR_CSV_ENCODING or ERR_CSV_QUOTE: no cells then */
};

struct table {
    struct table_row *rows; /* rows[0] is the header; rows without any content are left out */
    uint32_t row_count;
    struct text *cells;
    size_t cell_count;
    size_t cell_capacity;
    uint32_t row_capacity;
    char *text; /* owns what the cells show */
    size_t text_length;
    size_t text_capacity;
    bool gb18030;
};

/* 0, -ERR_NO_MEMORY, -ERR_TOO_MANY rows, or -ERR_CSV_ENCODING when it is another encoding altogether (UTF-16). */
int table_read(struct table *table, struct text bytes, struct error *error);
void table_free(struct table *table);

/* A cell without surrounding white space; empty when the row has fewer. */
struct text table_cell(const struct table *table, const struct table_row *row, uint32_t column);

/* Whether the row has the header's cells. Else a fault says what is wrong with it; its field is the row's number. */
bool table_row_whole(const struct table *table, const struct table_row *row, struct faults *faults);
