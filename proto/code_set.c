/* Sets of codes: the rows of codes.def as data. */
#include "proto/code_set.h"

#include <stdio.h>

static const struct {
    enum code_set set;
    const char *code;
    const char *chinese;
} rows[] = {
#define CODE_OF(set, code, chinese) {CODES_##set, code, chinese},
#include "proto/tables/codes.def"
#undef CODE_OF
};

#define ROWS (sizeof rows / sizeof *rows)

const char *code_chinese(enum code_set set, struct text code) {
    for (size_t i = 0; i < ROWS; i++) {
        if (rows[i].set == set && text_equal(code, text_of(rows[i].code))) {
            return rows[i].chinese;
        }
    }
    return NULL;
}

void code_list(enum code_set set, char *out, size_t size) {
    int used = 0;
    out[0] = '\0';
    for (size_t i = 0; i < ROWS && used >= 0 && (size_t)used < size; i++) {
        if (rows[i].set == set) {
            used += snprintf(out + used, size - (size_t)used, "%s%s", used > 0 ? ", " : "", rows[i].code);
        }
    }
}
