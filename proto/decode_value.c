/* Decoding: values by their kind. */
#include "proto/decode.h"

#include <inttypes.h>
#include <stdio.h>

#include "proto/codec.h"
#include "proto/validate.h"

#define LIST_BYTES_MAX (64 * 1024 * 1024)

static int faulty(struct decoder *decoder, enum error_code code, const struct field_path *path, const char *limit,
                  struct text value) {
    faults_add_at(decoder->faults, code, path, limit, value);
    return VALUE_FAULTY;
}

static struct text number_text(char *out, size_t size, uint64_t number) {
    int length = snprintf(out, size, "%" PRIu64, number);
    return (struct text){out, (uint32_t)length};
}

int decode_broken(struct decoder *decoder, int result, const struct field_path *path) {
    char limit[CURSOR_WORD_SIZE];
    char value[CURSOR_WORD_SIZE];
    cursor_words(decoder->cursor, result, EVENT_DEPTH_MAX, limit, value);
    faults_add_at(decoder->faults, (enum error_code) - result, path, limit, text_of(value));
    return result;
}

int decode_end(struct decoder *decoder) {
    size_t left = cursor_left(&decoder->cursor);
    if (left == 0) {
        return 0;
    }
    char value[24];
    faults_add(decoder->faults, ERR_TRAILING, NULL, NULL, number_text(value, sizeof value, left));
    return -ERR_TRAILING;
}

int decode_skip(struct decoder *decoder, const struct field_path *path) {
    int result = cursor_skip(&decoder->cursor, decoder->depth);
    return result == 0 ? 0 : decode_broken(decoder, result, path);
}

/* The value at the cursor is of the wrong type: notes it and passes over it. */
int decode_wrong_type(struct decoder *decoder, const struct field *field, const struct item *found,
                      const struct field_path *path) {
    faulty(decoder, ERR_WRONG_TYPE, path, kind_wire(field->kind), text_of(item_name(found->kind)));
    int result = decode_skip(decoder, path);
    return result < 0 ? result : VALUE_FAULTY;
}

static enum item_kind item_kind_of(enum field_kind kind) {
    switch (kind) {
    case KIND_ID:
    case KIND_HASH:
    case KIND_BYTES:
        return ITEM_BIN;
    case KIND_INT:
    case KIND_TIME:
        return ITEM_INT;
    case KIND_BOOL:
        return ITEM_BOOL;
    case KIND_MAP:
    case KIND_RECORD:
        return ITEM_MAP;
    default:
        return kind_is_list(kind) ? ITEM_ARRAY : ITEM_STR;
    }
}

static int decode_exact_bytes(struct decoder *decoder, const struct field *field, struct text bytes, size_t length,
                              const struct field_path *path, void *value) {
    if (bytes.length != length) {
        char found[24];
        snprintf(found, sizeof found, "%u bytes", bytes.length);
        return faulty(decoder, ERR_WRONG_TYPE, path, kind_wire(field->kind), text_of(found));
    }
    memcpy(value, bytes.data, length);
    return 0;
}

static int decode_integer(struct decoder *decoder, const struct field *field, const struct item *item,
                          const struct field_path *path, int64_t *value) {
    if (item->above_int64) {
        char limit[24];
        char found[24];
        number_text(limit, sizeof limit, (uint64_t)field->max);
        return faulty(decoder, ERR_TOO_BIG, path, field->kind == KIND_INT ? limit : "a time",
                      number_text(found, sizeof found, (uint64_t)item->integer));
    }
    *value = item->integer;
    return 0;
}

/* A value that is one item of the right type. */
static int decode_single(struct decoder *decoder, const struct field *field, const struct item *item,
                         const struct field_path *path, void *value) {
    switch (field->kind) {
    case KIND_ID:
        return decode_exact_bytes(decoder, field, item->bytes, ID_BYTES, path, value);
    case KIND_HASH:
        return decode_exact_bytes(decoder, field, item->bytes, HASH_BYTES, path, value);
    case KIND_INT:
    case KIND_TIME:
        return decode_integer(decoder, field, item, path, value);
    case KIND_BOOL:
        *(bool *)value = item->integer != 0;
        return 0;
    case KIND_BYTES:
        *(struct text *)value = item->bytes;
        return 0;
    default:
        break;
    }
    if (decoder->lenient && !text_is_utf8(item->bytes)) {
        return faulty(decoder, ERR_BAD_UTF8, path, NULL, item->bytes);
    }
    if (!kind_is_text(field->kind)) {
        return validate_text_value(field->kind, item->bytes, value, path, decoder->faults) ? 0 : VALUE_FAULTY;
    }
    *(struct text *)value = item->bytes;
    return 0;
}

static int decode_list_items(struct decoder *decoder, const struct field *field, size_t size,
                             const struct field_path *path, const struct list *list) {
    struct field item_field = {.name = field->name, .kind = (enum field_kind)kind_item(field->kind), .max = INT64_MAX};
    enum item_kind expected = item_kind_of(item_field.kind);
    int worst = 0;
    for (uint32_t i = 0; i < list->count; i++) {
        struct field_path item_path = {.above = path, .index = i};
        void *value = (char *)list->items + i * size;
        const uint8_t *before = decoder->cursor.at;
        struct item item;
        int result = cursor_next(&decoder->cursor, &item);
        if (result < 0) {
            return decode_broken(decoder, result, &item_path);
        }
        if (item.kind != expected) {
            decoder->cursor.at = before;
            result = decode_wrong_type(decoder, &item_field, &item, &item_path);
        } else {
            result = decode_single(decoder, &item_field, &item, &item_path, value);
        }
        if (result < 0) {
            return result;
        }
        worst |= result;
    }
    return worst;
}

/* A shape within a shape: all its fields stand in one map. */
static int decode_record(struct decoder *decoder, const struct shape *shape, const struct field_path *path,
                         void *value) {
    uint32_t faults_before = decoder->faults->count + decoder->faults->more;
    struct map_rules rules = {.allowed = UINT64_MAX, .required = shape->required_fields};
    int result = decode_map(decoder, shape, rules, path, value);
    bool noted = decoder->faults->count + decoder->faults->more > faults_before;
    return result < 0 ? result : noted ? VALUE_FAULTY : 0;
}

static int decode_records(struct decoder *decoder, const struct field *field, const struct field_path *path,
                          const struct list *list) {
    int worst = 0;
    for (uint32_t i = 0; i < list->count; i++) {
        struct field_path item_path = {.above = path, .index = i};
        void *value = (char *)list->items + (size_t)i * field->sub->size;
        int result = decode_record(decoder, field->sub, field->kind == KIND_RECORD ? path : &item_path, value);
        if (result < 0) {
            return result;
        }
        worst |= result;
    }
    return worst;
}

static int list_allocate(struct decoder *decoder, const struct field_path *path, size_t size, uint32_t count,
                         struct list *list) {
    if (count > LIST_BYTES_MAX / size) {
        return decode_broken(decoder, -ERR_NO_MEMORY, path);
    }
    list->count = count;
    list->items = count > 0 ? arena_alloc(decoder->arena, count * size) : NULL;
    return count == 0 || list->items ? 0 : decode_broken(decoder, -ERR_NO_MEMORY, path);
}

/* The cursor stands behind the array's header; `before` in front of it. */
static int decode_list(struct decoder *decoder, const struct field *field, uint32_t count, const uint8_t *before,
                       const struct field_path *path, struct list *list) {
    if (count > field->max && !decoder->lenient) {
        char limit[24];
        char value[24];
        number_text(limit, sizeof limit, (uint64_t)field->max);
        faulty(decoder, ERR_TOO_MANY, path, limit, number_text(value, sizeof value, count));
        decoder->cursor.at = before;
        int result = decode_skip(decoder, path);
        return result < 0 ? result : VALUE_FAULTY;
    }
    if (decoder->depth == 0) {
        return decode_broken(decoder, -ERR_TOO_DEEP, path);
    }
    size_t size = field->sub ? field->sub->size : kind_item_size(field->kind);
    int result = list_allocate(decoder, path, size, count, list);
    if (result < 0) {
        return result;
    }
    decoder->depth--;
    result =
        field->sub ? decode_records(decoder, field, path, list) : decode_list_items(decoder, field, size, path, list);
    decoder->depth++;
    return result;
}

/* A map that is kept as a view of its bytes. */
static int decode_view(struct decoder *decoder, const uint8_t *before, const struct field_path *path,
                       struct text *view) {
    decoder->cursor.at = before;
    int result = decode_skip(decoder, path);
    *view = (struct text){(const char *)before, (uint32_t)(decoder->cursor.at - before)};
    return result;
}

int decode_value(struct decoder *decoder, const struct field *field, const struct field_path *path, void *value) {
    const uint8_t *before = decoder->cursor.at;
    struct item item;
    int result = cursor_next(&decoder->cursor, &item);
    if (result < 0) {
        return decode_broken(decoder, result, path);
    }
    if (item.kind != item_kind_of(field->kind)) {
        decoder->cursor.at = before;
        return decode_wrong_type(decoder, field, &item, path);
    }
    if (item.kind == ITEM_ARRAY) {
        result = decode_list(decoder, field, item.count, before, path, value);
    } else if (field->kind == KIND_MAP) {
        return decode_view(decoder, before, path, value);
    } else if (field->kind == KIND_RECORD) {
        decoder->cursor.at = before;
        result = list_allocate(decoder, path, field->sub->size, 1, value);
        return result < 0 ? result : decode_records(decoder, field, path, value);
    } else {
        result = decode_single(decoder, field, &item, path, value);
    }
    if (result == 0 && !decoder->lenient && !validate_field(field, value, path, decoder->faults)) {
        return VALUE_FAULTY;
    }
    return result;
}
