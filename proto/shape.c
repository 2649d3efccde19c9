/* Shapes: the rows of the tables as descriptors, kinds and words. */
#include "proto/shape.h"

#include <assert.h>

#define REQUIRED true
#define OPTIONAL false
#define PLACE_HEAD false
#define PLACE_SIDE true

/* A row's `sub`: no_shape is the one past the last. */
#define SHAPE_no_shape SHAPE_COUNT
#define SUB_OF(sub) ((int)SHAPE_##sub == SHAPE_COUNT ? NULL : &shape_table[SHAPE_##sub])

#define FIELD_ROW(shape, name, kind, required, place, min, max, unit, sub, prose) \
    {#name, \
     KIND_##kind, \
     required, \
     PLACE_##place, \
     min, \
     max, \
     unit, \
     SUB_OF(sub), \
     prose, \
     offsetof(struct wire_##shape, name), \
     sizeof #name - 1, \
     " " #name},
#define SHAPE_FIELDS(shape, FIELDS) static const struct field fields_of_##shape[] = {FIELDS(FIELD_ROW)};
SHAPES(SHAPE_FIELDS)

#define REQUIRED_BIT(shape, name, kind, required, ...) | (uint64_t)(required) << FIELD_##shape##_##name
#define SIDE_BIT(shape, name, kind, required, place, ...) | (uint64_t)(PLACE_##place) << FIELD_##shape##_##name
#define SHAPE_ROW(shape, FIELDS) \
    {#shape, \
     fields_of_##shape, \
     FIELD_COUNT_##shape, \
     sizeof(struct wire_##shape), \
     (0 FIELDS(SIDE_BIT)) != 0, \
     0 FIELDS(REQUIRED_BIT), \
     0 FIELDS(SIDE_BIT)},
const struct shape shape_table[SHAPE_COUNT] = {SHAPES(SHAPE_ROW)};

#define SHAPE_FITS(shape, FIELDS) _Static_assert(FIELD_COUNT_##shape <= 64, #shape ": a bit per field in `present`");
SHAPES(SHAPE_FITS)

const struct shape *shape_of(enum shape_index index) {
    assert(index < SHAPE_COUNT);
    return &shape_table[index];
}

int shape_find(const struct shape *shape, struct text name, uint32_t expected) {
    uint32_t index = expected;
    for (uint32_t tries = 0; tries < shape->field_count; tries++, index++) {
        if (index >= shape->field_count) {
            index = 0;
        }
        const struct field *field = &shape->fields[index];
        if (field->name_length == name.length && memcmp(field->name, name.data, name.length) == 0) {
            return (int)index;
        }
    }
    return -1;
}

struct kind_row {
    const char *name;
    const char *wire;
    const char *json;
    const char *prose;
    size_t size; /* of the C type */
};

static const struct kind_row kinds[KIND_COUNT] = {
#define KIND(name, c_type, wire, json, prose) {#name, wire, json, prose, sizeof(c_type)},
#include "proto/tables/kinds.def"
#undef KIND
};

static const struct kind_row *kind_row(enum field_kind kind) {
    assert(kind < KIND_COUNT);
    return &kinds[kind];
}

const char *kind_name(enum field_kind kind) {
    return kind_row(kind)->name;
}

const char *kind_wire(enum field_kind kind) {
    return kind_row(kind)->wire;
}

const char *kind_json(enum field_kind kind) {
    return kind_row(kind)->json;
}

const char *kind_prose(enum field_kind kind) {
    return kind_row(kind)->prose;
}

int kind_item(enum field_kind kind) {
    switch (kind) {
    case KIND_IDS:
        return KIND_ID;
    case KIND_CODES:
        return KIND_CODE;
    case KIND_TEXTS:
        return KIND_TEXT;
    case KIND_PATHS:
        return KIND_PATH;
    case KIND_NUMBERS:
        return KIND_NUMBER;
    case KIND_DATES:
        return KIND_DATE;
    default:
        return -1;
    }
}

size_t field_size(const struct field *field) {
    return kind_row(field->kind)->size;
}

size_t kind_item_size(enum field_kind kind) {
    if (kind == KIND_RECORDS || kind == KIND_RECORD) {
        return 0;
    }
    int item = kind_item(kind);
    return kind_row(item < 0 ? kind : (enum field_kind)item)->size;
}

bool kind_is_text(enum field_kind kind) {
    return kind == KIND_TEXT || kind == KIND_PROSE || kind == KIND_CODE || kind == KIND_PATH || kind == KIND_NUMBER ||
           kind == KIND_PHONE || kind == KIND_EMAIL || kind == KIND_KEY;
}
