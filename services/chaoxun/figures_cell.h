/* One value of an answer as the text of a cell. */
#pragma once

#include "common/error.h"
#include "common/export/sheet.h"
#include "proto/shape.h"

#define FIGURES_CELL_SIZE 80

/* The text, or what was written into `room` where text.data is NULL. */
struct figures_cell {
    struct text text;
    char room[FIGURES_CELL_SIZE];
};

/* The field's value in `row`, for people: minutes as hours, hundredths and thousandths as decimals, words in their language;
 * "" when absent. */
struct figures_cell figures_cell(const struct shape *shape, uint32_t field, const void *row,
                                 enum error_language language);

/* The same as it is, for programs: numbers in the unit of the field. */
void figures_cell_csv(const struct shape *shape, uint32_t field, const void *row, struct sheet_row *line);
