/* The kinds of problems: a table of codes and names. */
#include "common/import/problem_kinds.h"

#include "proto/validate_text.h"

static const struct {
    const char *kind;
    const char *name;
} rows[] = {
#define KIND_OF(kind, name) {kind, name},
#include "common/import/problem_kinds.def"
#undef KIND_OF
};
#define ROW_COUNT (sizeof rows / sizeof *rows)

struct text problem_kind_of(struct text name) {
    for (size_t i = 0; i < ROW_COUNT; i++) {
        if (text_equal(name, text_of(rows[i].name))) {
            return text_of(rows[i].kind);
        }
    }
    return text_is_code(name) ? name : (struct text){0};
}

struct text problem_kind_name(struct text kind) {
    for (size_t i = 0; i < ROW_COUNT; i++) {
        if (text_equal(kind, text_of(rows[i].kind))) {
            return text_of(rows[i].name);
        }
    }
    return kind;
}
