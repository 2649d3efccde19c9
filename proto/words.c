/* The closed vocabularies: rows of words.def by kind. */
#include <assert.h>

#include "proto/shape.h"

struct word_row {
    enum field_kind kind;
    int value;
    struct text wire;
    const char *chinese;
    const char *prose;
};

#define KIND_OF_approx KIND_APPROX
#define VALUE_OF_approx(name) APPROX_##name
#define KIND_OF_role KIND_ROLE
#define VALUE_OF_role(name) ROLE_##name
#define KIND_OF_basis KIND_BASIS
#define VALUE_OF_basis(name) BASIS_##name
#define KIND_OF_grade KIND_GRADE
#define VALUE_OF_grade(name) GRADE_##name
#define KIND_OF_status KIND_STATUS
#define VALUE_OF_status(name) STATUS_##name
#define KIND_OF_delivery KIND_DELIVERY
#define VALUE_OF_delivery(name) DELIVERY_##name
#define KIND_OF_channel KIND_CHANNEL
#define VALUE_OF_channel(name) CHANNEL_##name

static const struct word_row words[] = {
#define WORD(vocabulary, name, wire, chinese, prose) \
    {KIND_OF_##vocabulary, VALUE_OF_##vocabulary(name), {wire, sizeof wire - 1}, chinese, prose},
#include "proto/tables/words.def"
#undef WORD
};

#define WORD_ROWS (sizeof words / sizeof *words)

static const struct word_row *word_row(enum field_kind kind, int value) {
    for (size_t i = 0; i < WORD_ROWS; i++) {
        if (words[i].kind == kind && words[i].value == value) {
            return &words[i];
        }
    }
    return NULL;
}

int word_count(enum field_kind kind) {
    int count = 0;
    for (size_t i = 0; i < WORD_ROWS; i++) {
        count += words[i].kind == kind;
    }
    return count;
}

const char *word_wire(enum field_kind kind, int value) {
    const struct word_row *row = word_row(kind, value);
    assert(row);
    return row->wire.data;
}

const char *word_chinese(enum field_kind kind, int value) {
    const struct word_row *row = word_row(kind, value);
    assert(row);
    return row->chinese;
}

const char *word_prose(enum field_kind kind, int value) {
    const struct word_row *row = word_row(kind, value);
    assert(row);
    return row->prose;
}

int word_find(enum field_kind kind, struct text word) {
    for (size_t i = 0; i < WORD_ROWS; i++) {
        if (words[i].kind == kind && text_equal(words[i].wire, word)) {
            return words[i].value;
        }
    }
    return -1;
}
