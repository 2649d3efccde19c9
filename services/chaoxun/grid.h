/* A grid of text for the terminal, its columns aligned by display width: a Chinese character takes two columns.
 *
 * Cells are copied. A grid of 0 rows prints its header. Widths come from wcwidth(3), so that the process's LC_CTYPE
 * must be a UTF-8 one (main sets C.UTF-8).
 */
#pragma once

#include <stdio.h>

#include "proto/types.h"

#define GRID_COLUMNS_MAX 40

enum grid_align { GRID_LEFT, GRID_RIGHT };

struct grid;

struct grid *grid_create(void); /* NULL without memory */
void grid_destroy(struct grid **grid);

/* Adds a column; all of them before the first cell. */
void grid_column(struct grid *grid, const char *header, enum grid_align align);

/* The next cell, row by row. */
void grid_cell(struct grid *grid, struct text text);
void grid_cellf(struct grid *grid, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Prints header, a line, and the rows; false when memory had run out and it is not whole. */
bool grid_print(const struct grid *grid, FILE *out);

/* Columns that `text` takes on a terminal; control characters and what is not UTF-8 take none. */
int grid_width(struct text text);
