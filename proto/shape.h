/* Shapes: the tables as data, and the C structs that are expanded from them.
 *
 * Every row of tables/shapes.h becomes `struct wire_<shape>`: one member per field (its C type by kinds.def) and
 * `present`, a bit per field. A member whose bit is not set is zero. Test with wire_has(), set with wire_set().
 *
 *     struct wire_report report = {0};
 *     report.attendances = 23;
 *     wire_set(&report.present, FIELD_report_attendances);
 *
 * One generic codec walks the shapes (codec.h, json.h); nothing else needs to know a field.
 */
#pragma once

#include "proto/tables/shapes.h"
#include "proto/types.h"

enum field_kind {
#define KIND(name, c_type, wire, json, prose) KIND_##name,
#include "proto/tables/kinds.def"
#undef KIND
    KIND_COUNT
};

/* C types by kind. */
#define KIND(name, c_type, wire, json, prose) typedef c_type kind_type_##name;
#include "proto/tables/kinds.def"
#undef KIND

/* FIELD_<shape>_<name>: index of the field within its shape. */
#define SHAPE_FIELD_INDEX(shape, name, ...) FIELD_##shape##_##name,
#define SHAPE_INDEXES(shape, FIELDS) enum field_of_##shape{FIELDS(SHAPE_FIELD_INDEX) FIELD_COUNT_##shape};
SHAPES(SHAPE_INDEXES)

#define SHAPE_MEMBER(shape, name, kind, ...) kind_type_##kind name;
#define SHAPE_STRUCT(shape, FIELDS) \
    struct wire_##shape { \
        uint64_t present; \
        FIELDS(SHAPE_MEMBER) \
    };
SHAPES(SHAPE_STRUCT)

/* SHAPE_<shape>: index of the shape in shape_table(). */
enum shape_index {
#define SHAPE_ORDINAL(shape, FIELDS) SHAPE_##shape,
    SHAPES(SHAPE_ORDINAL) SHAPE_COUNT
};

struct shape;

#define FIELD_KEY_BYTES 32

struct field {
    const char *name;
    enum field_kind kind;
    bool required;
    bool side; /* travels in `side`, not in `body` */
    int64_t min;
    int64_t max;
    const char *unit;
    const struct shape *sub; /* of RECORDS and RECORD, else NULL */
    const char *prose;
    uint32_t offset; /* of the member in the struct */
    uint32_t name_length;
    char key[FIELD_KEY_BYTES]; /* a byte for its head, then the name: to be copied in one piece */
};

struct shape {
    const char *name;
    const struct field *fields;
    uint32_t field_count;
    uint32_t size;            /* of the struct */
    bool has_side;            /* any field is SIDE */
    uint64_t required_fields; /* a bit per field, as `present` */
    uint64_t side_fields;
};

extern const struct shape shape_table[SHAPE_COUNT];

const struct shape *shape_of(enum shape_index index); /* never NULL */

/* Index of the field with this name, or -1; looked for from `expected` on, as keys usually come in the table's order. */
int shape_find(const struct shape *shape, struct text name, uint32_t expected);

size_t field_size(const struct field *field); /* of the member in the struct */

const char *kind_name(enum field_kind kind); /* "TEXT" */
const char *kind_wire(enum field_kind kind); /* "str" */
const char *kind_json(enum field_kind kind); /* "string" */
const char *kind_prose(enum field_kind kind);
size_t kind_item_size(enum field_kind kind); /* of a list's item (RECORDS: 0, see sub->size), else of the value */

static inline bool wire_has(uint64_t present, unsigned field) {
    return (present >> field & 1) != 0;
}

static inline void wire_set(uint64_t *present, unsigned field) {
    *present |= UINT64_C(1) << field;
}

/* TEXT, PROSE and the texts with a format (CODE to KEY): in C a struct text, on the wire a str. */
bool kind_is_text(enum field_kind kind);

/* On the wire an array: RECORDS, and what kind_item tells the items of. */
static inline bool kind_is_list(enum field_kind kind) {
    switch (kind) {
    case KIND_IDS:
    case KIND_CODES:
    case KIND_TEXTS:
    case KIND_PATHS:
    case KIND_NUMBERS:
    case KIND_DATES:
    case KIND_RECORDS:
        return true;
    default:
        return false;
    }
}

/* The kind of a list's items (IDS: KIND_ID); -1 when it is no list, and for RECORDS and RECORD. */
int kind_item(enum field_kind kind);

/* The words of a vocabulary kind (APPROX, ROLE, BASIS, GRADE, STATUS; count 0 for others): count, wire word, Chinese
 * word, prose. word_find gives -1 when there is none. */
int word_count(enum field_kind kind);
const char *word_wire(enum field_kind kind, int value);
const char *word_chinese(enum field_kind kind, int value);
const char *word_prose(enum field_kind kind, int value);
int word_find(enum field_kind kind, struct text word);

static inline struct text text_copy_view(const char *data, size_t length) {
    return (struct text){data, (uint32_t)length};
}
