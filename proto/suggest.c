/* Suggestions by edit distance (Levenshtein), bounded by the length of names. */
#include "proto/suggest.h"

#define KEY_MAX 40
#define DISTANCE_MAX 2

static char plain(char letter) {
    if (letter >= 'A' && letter <= 'Z') {
        return (char)(letter - 'A' + 'a');
    }
    return letter == '-' ? '_' : letter;
}

static unsigned least(unsigned a, unsigned b, unsigned c) {
    unsigned smaller = a < b ? a : b;
    return smaller < c ? smaller : c;
}

static unsigned distance(struct text key, const char *name, uint32_t name_length) {
    unsigned row[KEY_MAX + 1];
    for (unsigned i = 0; i <= key.length; i++) {
        row[i] = i;
    }
    for (uint32_t n = 0; n < name_length; n++) {
        unsigned diagonal = row[0];
        row[0] = n + 1;
        for (uint32_t k = 0; k < key.length; k++) {
            unsigned change = diagonal + (plain(key.data[k]) != name[n]);
            diagonal = row[k + 1];
            row[k + 1] = least(change, row[k] + 1, diagonal + 1);
        }
    }
    return row[key.length];
}

const char *suggest_field(const struct shape *shape, struct text key) {
    const char *best = NULL;
    unsigned nearest = DISTANCE_MAX + 1;
    if (key.length > KEY_MAX) {
        return NULL;
    }
    for (uint32_t i = 0; i < shape->field_count; i++) {
        const struct field *field = &shape->fields[i];
        unsigned steps = distance(key, field->name, field->name_length);
        /* two letters of a name of three are no likeness */
        if (steps < nearest && steps * 2 < field->name_length) {
            nearest = steps;
            best = field->name;
        }
    }
    return best;
}
