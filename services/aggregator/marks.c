/* Rows of bits, in pieces. */
#include "services/aggregator/marks.h"

#include <stdlib.h>
#include <string.h>

#include "services/aggregator/bits.h"
#include "services/aggregator/column.h"

#define PIECE_BITS (MARKS_PIECE_WORDS * 64)

void marks_open(struct marks *marks, uint32_t activities, uint32_t rows, uint32_t pieces_most) {
    *marks = (struct marks){.row_pieces = activities / PIECE_BITS + 1, .pieces_most = pieces_most};
    marks->rows = rows > 0 ? calloc(rows, sizeof *marks->rows) : NULL;
    marks->count = marks->rows ? rows : 0;
}

void marks_close(struct marks *marks) {
    for (uint32_t row = 0; row < marks->count; row++) {
        free(marks->rows[row]);
    }
    free(marks->rows);
    free(marks->words);
    *marks = (struct marks){0};
}

static uint64_t *words_of(const struct marks *marks, uint32_t piece) {
    return &marks->words[(size_t)(piece - 1) * MARKS_PIECE_WORDS];
}

static uint32_t *row_of(struct marks *marks, uint32_t row) {
    if (row >= marks->count) {
        return NULL;
    }
    if (!marks->rows[row]) {
        marks->rows[row] = calloc(marks->row_pieces, sizeof **marks->rows);
    }
    return marks->rows[row];
}

/* The words of a row's piece, which move when another is made; NULL where it cannot be made. */
static uint64_t *piece_of(struct marks *marks, uint32_t row, uint32_t which) {
    uint32_t *pieces = row_of(marks, row);
    if (pieces && pieces[which] == 0 && marks->pieces < marks->pieces_most &&
        column_reserve(&marks->words, &marks->word_capacity, (uint64_t)marks->pieces + 1, MARKS_PIECE_BYTES) == 0) {
        pieces[which] = ++marks->pieces;
        memset(words_of(marks, pieces[which]), 0, MARKS_PIECE_BYTES);
    }
    return pieces && pieces[which] != 0 ? words_of(marks, pieces[which]) : NULL;
}

bool marks_add(struct marks *marks, uint32_t row, uint32_t activity) {
    uint64_t *words = piece_of(marks, row, activity / PIECE_BITS);
    if (words) {
        words[activity % PIECE_BITS / 64] |= UINT64_C(1) << activity % 64;
    }
    return words != NULL;
}

bool marks_unite(struct marks *into, uint32_t to, const struct marks *from, uint32_t row) {
    bool whole = true;
    for (uint32_t which = 0; which < from->row_pieces && whole; which++) {
        uint32_t piece = from->rows[row][which];
        uint64_t *words = piece != 0 ? piece_of(into, to, which) : NULL;
        whole = piece == 0 || words;
        for (uint32_t i = 0; i < MARKS_PIECE_WORDS && words; i++) {
            words[i] |= words_of(from, piece)[i];
        }
    }
    return whole;
}

uint64_t marks_count(const struct marks *marks, uint32_t row) {
    uint64_t total = 0;
    for (uint32_t which = 0; which < marks->row_pieces; which++) {
        uint32_t piece = marks->rows[row][which];
        total += piece != 0 ? bits_count(words_of(marks, piece), MARKS_PIECE_WORDS) : 0;
    }
    return total;
}
