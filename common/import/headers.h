/* The header of a table: which column is which, by the headers that are known and their synonyms. Pure.
 *
 * Compared without white space (姓　名), marks of required columns (*姓名) and the width of brackets.
 */
#pragma once

#include "common/import/table.h"

struct header_row {
    const char *header;
    const char *aliases; /* separated by '|' */
    const char *prose;
};

struct headers {
    const struct header_row *rows;
    uint32_t count; /* at most 64 */
};

/* The row that a name means; -1 unknown. */
int headers_find(struct headers headers, struct text name);

/* The row of each column of the table. -ERR_CSV_HEADER with the column, what stands there and what is known;
 * -ERR_REPEATED when two columns mean the same; -ERR_TOO_MANY; the fault of a header that cannot be read. `*taken` gets a
 * bit for each row that has a column. */
int headers_read(struct headers headers, const struct table *table, int columns[TABLE_CELLS_MAX], uint64_t *taken,
                 struct error *error);
