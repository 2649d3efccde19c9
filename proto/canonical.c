/* Reading canonical maps: keys in the order of the table, values in their shortest form. */
#include "proto/canonical.h"

/* ---- items ---- */

/* Passes a first byte and a number of `width` bytes, which is above `floor`: smaller ones have a shorter form. */
static bool take_number(struct cursor *cursor, unsigned width, uint64_t floor, uint64_t *number) {
    if (cursor_left(cursor) <= width) {
        return false;
    }
    *number = cursor_number(cursor->at + 1, width);
    cursor->at += 1 + width;
    return *number > floor;
}

static bool take_bytes(struct cursor *cursor, uint64_t length, struct text *bytes) {
    if (length > cursor_left(cursor)) {
        return false;
    }
    *bytes = (struct text){(const char *)cursor->at, (uint32_t)length};
    cursor->at += length;
    return true;
}

static bool take_string(struct cursor *cursor, struct text *string) {
    static const uint64_t floors[] = {31, UINT8_MAX, UINT16_MAX};
    if (cursor_left(cursor) == 0) {
        return false;
    }
    uint8_t byte = *cursor->at;
    if ((byte & 0xE0) == 0xA0) {
        cursor->at++;
        return take_bytes(cursor, byte & 0x1F, string);
    }
    unsigned form = byte - 0xD9u; /* str 8, str 16, str 32 */
    uint64_t length;
    return form <= 2 && take_number(cursor, 1u << form, floors[form], &length) && take_bytes(cursor, length, string);
}

static bool take_binary(struct cursor *cursor, struct text *binary) {
    static const uint64_t floors[] = {0, UINT8_MAX, UINT16_MAX};
    if (cursor_left(cursor) < 2) {
        return false;
    }
    unsigned form = *cursor->at - 0xC4u; /* bin 8, bin 16, bin 32 */
    uint64_t length = 0;
    bool empty = form == 0 && cursor->at[1] == 0;
    if (form > 2 || (!take_number(cursor, 1u << form, floors[form], &length) && !empty)) {
        return false;
    }
    return take_bytes(cursor, length, binary);
}

/* 16 or 32 bytes: bin 8. */
static bool take_exact(struct cursor *cursor, size_t length, void *out) {
    if (cursor_left(cursor) < 2 + length || cursor->at[0] != 0xC4 || cursor->at[1] != length) {
        return false;
    }
    memcpy(out, cursor->at + 2, length);
    cursor->at += 2 + length;
    return true;
}

static bool take_integer(struct cursor *cursor, int64_t *integer) {
    static const uint64_t floors[] = {0x7F, UINT8_MAX, UINT16_MAX, UINT32_MAX};
    static const int64_t ceilings[] = {-32, INT8_MIN, INT16_MIN, INT32_MIN};
    if (cursor_left(cursor) == 0) {
        return false;
    }
    uint8_t byte = *cursor->at;
    if (byte < 0x80 || byte >= 0xE0) {
        cursor->at++;
        *integer = byte < 0x80 ? byte : byte - 0x100;
        return true;
    }
    unsigned form = byte - 0xCCu; /* uint 8 to 64, int 8 to 64 */
    uint64_t number;
    if (form < 4) {
        bool taken = take_number(cursor, 1u << form, floors[form], &number) && number <= INT64_MAX;
        *integer = taken ? (int64_t)number : 0;
        return taken;
    }
    form -= 4;
    if (form >= 4 || !take_number(cursor, 1u << form, 0, &number)) {
        return false;
    }
    unsigned shift = 64 - (8u << form);
    *integer = (int64_t)(number << shift) >> shift;
    return *integer < ceilings[form];
}

static bool take_bool(struct cursor *cursor, bool *value) {
    if (cursor_left(cursor) == 0 || (*cursor->at & 0xFE) != 0xC2) {
        return false;
    }
    *value = *cursor->at++ == 0xC3;
    return true;
}

/* The header of an array or map: its short form up to 15, then 16 and 32 bits. */
static bool take_count(struct cursor *cursor, uint8_t fix, uint8_t wide, uint32_t *count) {
    static const uint64_t floors[] = {15, UINT16_MAX};
    if (cursor_left(cursor) == 0) {
        return false;
    }
    uint8_t byte = *cursor->at;
    if ((byte & 0xF0) == fix) {
        cursor->at++;
        *count = byte & 0x0F;
        return true;
    }
    unsigned form = (unsigned)byte - wide;
    uint64_t number = 0;
    bool taken = form <= 1 && take_number(cursor, 2u << form, floors[form], &number);
    *count = (uint32_t)number;
    return taken;
}

/* ---- values ---- */

static bool take_text(struct canonical *self, enum field_kind kind, void *value) {
    struct text text;
    if (!take_string(&self->cursor, &text) || (self->trusted && !text_is_utf8(text))) {
        return false;
    }
    if (kind_is_text(kind)) {
        *(struct text *)value = text;
        return true;
    }
    return validate_text_value(kind, text, value, NULL, self->faults);
}

static bool take_single(struct canonical *self, enum field_kind kind, void *value) {
    switch (kind) {
    case KIND_ID:
        return take_exact(&self->cursor, ID_BYTES, value);
    case KIND_HASH:
        return take_exact(&self->cursor, HASH_BYTES, value);
    case KIND_BYTES:
        return take_binary(&self->cursor, value);
    case KIND_INT:
    case KIND_TIME:
        return take_integer(&self->cursor, value);
    case KIND_BOOL:
        return take_bool(&self->cursor, value);
    case KIND_MAP: /* a view of any map: nobody knows whether it is canonical */
        return false;
    default:
        return take_text(self, kind, value);
    }
}

/* `count` comes from the bytes: room is made only for as many items as they may hold. */
static bool make_room(struct canonical *self, const struct field *field, uint32_t count, size_t size,
                      struct list *list) {
    bool fits = count <= cursor_left(&self->cursor) && (self->trusted || count <= field->max);
    *list = (struct list){.count = count};
    if (fits && count > 0) {
        list->items = arena_alloc(self->arena, count * size);
    }
    return fits && (count == 0 || list->items);
}

static bool take_records(struct canonical *self, const struct field *field, uint32_t count, struct list *list) {
    const struct shape *shape = field->sub;
    bool good = make_room(self, field, count, shape->size, list);
    for (uint32_t i = 0; i < count && good; i++) {
        void *record = (char *)list->items + (size_t)i * shape->size;
        good = canonical_map(self, shape, UINT64_MAX, shape->required_fields, record);
    }
    return good;
}

static bool take_list(struct canonical *self, const struct field *field, struct list *list) {
    uint32_t count;
    if (!take_count(&self->cursor, 0x90, 0xDC, &count)) {
        return false;
    }
    if (field->sub) {
        return take_records(self, field, count, list);
    }
    enum field_kind kind = (enum field_kind)kind_item(field->kind);
    size_t size = kind_item_size(field->kind);
    bool good = make_room(self, field, count, size, list);
    for (uint32_t i = 0; i < count && good; i++) {
        good = take_single(self, kind, (char *)list->items + i * size);
    }
    return good;
}

static bool take_value(struct canonical *self, const struct field *field, void *value) {
    if (kind_is_list(field->kind)) {
        return take_list(self, field, value);
    }
    return field->kind == KIND_RECORD ? take_records(self, field, 1, value) : take_single(self, field->kind, value);
}

/* ---- maps ---- */

bool canonical_pairs(struct canonical *self, uint32_t *count) {
    return take_count(&self->cursor, 0x80, 0xDE, count);
}

/* Whether pieces of 1 to 31 bytes, as names are, are equal: two loads that overlap instead of a call of memcmp. */
static bool names_equal(const char *a, const char *b, size_t length) {
    if (length >= 16) {
        return memcmp(a, b, 16) == 0 && memcmp(a + length - 16, b + length - 16, 16) == 0;
    }
    if (length >= 8) {
        return memcmp(a, b, 8) == 0 && memcmp(a + length - 8, b + length - 8, 8) == 0;
    }
    if (length >= 4) {
        return memcmp(a, b, 4) == 0 && memcmp(a + length - 4, b + length - 4, 4) == 0;
    }
    return a[0] == b[0] && a[length / 2] == b[length / 2] && a[length - 1] == b[length - 1];
}

/* Every name is a short string. */
const struct field *canonical_key(struct canonical *self, const struct shape *shape, uint64_t *fields) {
    const uint8_t *at = self->cursor.at;
    size_t length = at < self->cursor.end ? *at ^ 0xA0u : 0;
    if (length == 0 || length > 31 || length >= cursor_left(&self->cursor)) {
        return NULL;
    }
    uint64_t left = *fields & (UINT64_MAX >> (64 - shape->field_count));
    for (; left != 0; left &= left - 1) {
        const struct field *field = &shape->fields[__builtin_ctzll(left)];
        if (field->name_length == length && names_equal((const char *)at + 1, field->name, length)) {
            self->cursor.at = at + 1 + length;
            *fields = left & (left - 1);
            return field;
        }
    }
    return NULL;
}

bool canonical_member(struct canonical *self, const struct shape *shape, const struct field *field, void *value) {
    void *member = (char *)value + field->offset;
    wire_set(value, (unsigned)(field - shape->fields));
    return take_value(self, field, member) && (self->trusted || validate_field(field, member, NULL, self->faults));
}

bool canonical_map(struct canonical *self, const struct shape *shape, uint64_t fields, uint64_t required, void *value) {
    uint32_t count;
    if (!canonical_pairs(self, &count)) {
        return false;
    }
    for (uint32_t i = 0; i < count; i++) {
        const struct field *field = canonical_key(self, shape, &fields);
        if (!field || !canonical_member(self, shape, field, value)) {
            return false;
        }
    }
    return (required & ~*(const uint64_t *)value) == 0;
}
