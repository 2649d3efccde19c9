/* Rows of bits. */
#include "services/aggregator/marks.h"

#include <stdlib.h>

#include "services/aggregator/bits.h"

void marks_open(struct marks *marks, uint32_t activities, uint32_t rows) {
    *marks = (struct marks){.words = activities / 64 + 1};
    marks->rows = rows > 0 ? calloc(rows, sizeof *marks->rows) : NULL;
    marks->count = marks->rows ? rows : 0;
}

void marks_close(struct marks *marks) {
    for (uint32_t row = 0; row < marks->count; row++) {
        free(marks->rows[row]);
    }
    free(marks->rows);
    *marks = (struct marks){0};
}

static uint64_t *row_of(struct marks *marks, uint32_t row) {
    if (row >= marks->count) {
        return NULL;
    }
    if (!marks->rows[row]) {
        marks->rows[row] = calloc(marks->words, sizeof **marks->rows);
    }
    return marks->rows[row];
}

bool marks_add(struct marks *marks, uint32_t row, uint32_t activity) {
    uint64_t *bits = row_of(marks, row);
    if (bits) {
        bits[activity / 64] |= UINT64_C(1) << activity % 64;
    }
    return bits != NULL;
}

bool marks_unite(struct marks *into, uint32_t to, const struct marks *from, uint32_t row) {
    uint64_t *bits = row_of(into, to);
    for (uint32_t i = 0; i < from->words && bits; i++) {
        bits[i] |= from->rows[row][i];
    }
    return bits != NULL;
}

uint64_t marks_count(const struct marks *marks, uint32_t row) {
    return bits_count(marks->rows[row], marks->words);
}
