/* Marks: which activities lie in each of some rows, a bit each, while very many reports are added up on one thread. A bitmap that
 * grows with what is in it (cells.h) costs ten times as much for each of them. Bits are in pieces that take memory when the first
 * of them is set: activities of a row's days have numbers near each other, so that a short row has few pieces. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define MARKS_PIECE_WORDS 64
#define MARKS_PIECE_BYTES (MARKS_PIECE_WORDS * sizeof(uint64_t))

struct marks {
    uint32_t **rows;        /* by number, then by piece: its number plus one; NULL: nothing is marked */
    uint32_t count;         /* rows that there is room for */
    uint32_t row_pieces;    /* of one, if all were there */
    uint64_t *words;        /* of all pieces */
    uint32_t pieces;        /* how many there are */
    uint32_t pieces_most;   /* how many there may be */
    uint32_t word_capacity; /* in pieces */
};

/* Room for so many rows of `activities` numbers, and for so many pieces of all rows together. Without memory there is room for
 * none. */
void marks_open(struct marks *marks, uint32_t activities, uint32_t rows, uint32_t pieces_most);
void marks_close(struct marks *marks);

/* False when there is no room, or no memory. */
bool marks_add(struct marks *marks, uint32_t row, uint32_t activity);

/* Puts what one row has into a row of others with as many numbers. Likewise. */
bool marks_unite(struct marks *into, uint32_t to, const struct marks *from, uint32_t row);

static inline bool marks_has(const struct marks *marks, uint32_t row) {
    return row < marks->count && marks->rows[row];
}

uint64_t marks_count(const struct marks *marks, uint32_t row); /* how many */
