/* Marks: which activities lie in each of a few rows, a bit each, while very many reports are added up on one thread. A bitmap that
 * grows with what is in it (cells.h) costs ten times as much for each of them. Rows for which there is no room have none. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct marks {
    uint64_t **rows; /* by number; NULL: nothing is marked */
    uint32_t count;  /* rows that there is room for */
    uint32_t words;  /* of one */
};

/* Room for so many rows of `activities` numbers, each of which takes memory when something is marked in it. Without memory there
 * is room for none. */
void marks_open(struct marks *marks, uint32_t activities, uint32_t rows);
void marks_close(struct marks *marks);

/* False when there is no room for the row, or no memory. */
bool marks_add(struct marks *marks, uint32_t row, uint32_t activity);

/* Puts what one row has into a row of others with as many numbers. */
bool marks_unite(struct marks *into, uint32_t to, const struct marks *from, uint32_t row);

static inline bool marks_has(const struct marks *marks, uint32_t row) {
    return row < marks->count && marks->rows[row];
}

uint64_t marks_count(const struct marks *marks, uint32_t row); /* how many */
