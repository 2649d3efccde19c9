/* One row's cells into the fields of a report: each column of columns.def has a reader here. Part of the importer. */
#pragma once

#include "common/import/headers.h"
#include "common/import/import.h"

enum column {
#define COLUMN(NAME, header, aliases, prose) COLUMN_##NAME,
#include "common/import/columns.def"
#undef COLUMN
    COLUMN_COUNT
};

const char *column_header(enum column column);
const char *column_prose(enum column column);

/* All of them, by their place in the enum; the one that a header names, -1 when it is unknown. */
struct headers column_headers(void);
int column_find(struct text header);

/* A row under way. */
struct row_reading {
    const struct import_options *options;
    struct arena *arena;
    struct import_row *row;
    struct wire_report *report; /* the body of row->event */
    char *unit;                 /* EVENT_UNIT_MAX + 1 bytes in the arena; empty until known */
    struct id id;               /* of 系统编号; zero when the row has none */
    bool no_memory;
};

/* Reads a cell that is not empty. Faults and warnings go into the row. */
void cell_read(struct row_reading *reading, enum column column, struct text cell);

/* What follows from several cells: the service minutes worked out from headcount and length, contradictions. */
void cells_conclude(struct row_reading *reading);

/* The code of the programme that a name means (清洁家园), or that it is; NULL when it is none. */
const char *cell_programme(struct text name);

void row_fault(struct row_reading *reading, enum error_code code, enum column column, const char *limit,
               struct text value);
void row_warn(struct row_reading *reading, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* ---- cells that hold lists (cell_lists.c) ---- */

#define CELL_PARTS_MAX 100

/* Splits at 、 ； ; and line ends and, with `commas`, at ， and , too; empty parts are left out. */
uint32_t cell_split(struct text cell, bool commas, struct text parts[CELL_PARTS_MAX]);

/* Zeroed arena memory for `count` items, or NULL with reading->no_memory set. */
void *cell_items(struct row_reading *reading, uint32_t count, size_t size);

void read_measures_cell(struct row_reading *reading, enum column column, struct text cell);
void read_found_cell(struct row_reading *reading, enum column column, struct text cell);
void read_partners_cell(struct row_reading *reading, enum column column, struct text cell);
void read_places_cell(struct row_reading *reading, enum column column, struct text cell);
void read_dates_cell(struct row_reading *reading, enum column column, struct text cell);

/* ---- cells that hold one whole number (cell_counts.c): who took part, the item of the menu, the rating in stars ---- */

void read_count_cell(struct row_reading *reading, enum column column, struct text cell);

/* The count that the column stands for: its field, where it stands in the report, and how many thousandths of the cell's
 * number are one of it. False for other columns. */
struct count_cell {
    unsigned field;
    size_t offset;
    int64_t unit;
};
bool count_cell_of(enum column column, struct count_cell *count);
