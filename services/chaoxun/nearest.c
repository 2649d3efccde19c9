/* Nearest words: the distance of optimal string alignment by three rows of its table. */
#include "services/chaoxun/nearest.h"

#include <string.h>

#define WORD_MAX 40
#define FAR 3

static size_t least(size_t a, size_t b, size_t c) {
    size_t smaller = a < b ? a : b;
    return smaller < c ? smaller : c;
}

size_t nearest_distance(const char *one, const char *other) {
    size_t rows[3][WORD_MAX + 1];
    size_t height = strlen(one);
    size_t width = strlen(other);
    if (height > WORD_MAX || width > WORD_MAX) {
        return WORD_MAX;
    }
    for (size_t column = 0; column <= width; column++) {
        rows[0][column] = column;
    }
    for (size_t row = 1; row <= height; row++) {
        size_t *now = rows[row % 3];
        const size_t *above = rows[(row + 2) % 3];
        const size_t *two_above = rows[(row + 1) % 3];
        now[0] = row;
        for (size_t column = 1; column <= width; column++) {
            size_t change = above[column - 1] + (one[row - 1] != other[column - 1]);
            now[column] = least(above[column] + 1, now[column - 1] + 1, change);
            if (row > 1 && column > 1 && one[row - 1] == other[column - 2] && one[row - 2] == other[column - 1] &&
                two_above[column - 2] + 1 < now[column]) {
                now[column] = two_above[column - 2] + 1;
            }
        }
    }
    return rows[height % 3][width];
}

void nearest_consider(const char *word, const char *candidate, const char **best) {
    size_t distance = nearest_distance(word, candidate);
    if (distance >= FAR || distance >= strlen(word)) {
        return;
    }
    if (!*best || distance < nearest_distance(word, *best)) {
        *best = candidate;
    }
}
