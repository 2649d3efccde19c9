/* Shapes and events as JSON. */
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "proto/event_codec.h"
#include "proto/json.h"

/* Takes the reference of `value`; a NULL one (no memory) takes `object` with it. */
static json_t *put(json_t *object, const char *key, json_t *value) {
    if (object && json_object_set_new(object, key, value) != 0) {
        json_decref(object);
        return NULL;
    }
    if (!object) {
        json_decref(value);
    }
    return object;
}

/* A value that JSON writes as a string, in any kind but BYTES. `room` holds it where it is not there already. */
#define STRING_ROOM (2 * HASH_BYTES + 1)
static struct text string_of(enum field_kind kind, const void *value, char room[STRING_ROOM]) {
    switch (kind) {
    case KIND_ID:
        id_format(value, room);
        return (struct text){room, ID_TEXT_SIZE - 1};
    case KIND_HASH:
        sodium_bin2hex(room, STRING_ROOM, ((const struct hash *)value)->bytes, HASH_BYTES);
        return (struct text){room, 2 * HASH_BYTES};
    case KIND_DATE:
        day_format(*(const int32_t *)value, room);
        return text_of(room);
    case KIND_MONTH:
        month_format(*(const int32_t *)value, room);
        return text_of(room);
    default:
        return kind_is_text(kind) ? *(const struct text *)value : text_of(word_wire(kind, *(const int32_t *)value));
    }
}

/* ---- as a tree ---- */

static json_t *text_to_json(struct text text) {
    return json_stringn(text.length > 0 ? text.data : "", text.length);
}

static json_t *bytes_to_json(struct text bytes) {
    size_t size = sodium_base64_ENCODED_LEN(bytes.length, sodium_base64_VARIANT_ORIGINAL);
    char *base64 = malloc(size);
    if (!base64) {
        return NULL;
    }
    sodium_bin2base64(base64, size, (const unsigned char *)bytes.data, bytes.length, sodium_base64_VARIANT_ORIGINAL);
    json_t *json = json_string(base64);
    free(base64);
    return json;
}

static json_t *single_to_json(enum field_kind kind, const void *value) {
    char room[STRING_ROOM];
    switch (kind) {
    case KIND_BYTES:
        return bytes_to_json(*(const struct text *)value);
    case KIND_INT:
    case KIND_TIME:
        return json_integer(*(const int64_t *)value);
    case KIND_BOOL:
        return json_boolean(*(const bool *)value);
    default:
        return text_to_json(string_of(kind, value, room));
    }
}

static json_t *fields_to_json(const struct shape *shape, uint64_t fields, const void *value);

static json_t *list_to_json(const struct field *field, const struct list *list) {
    int item_kind = kind_item(field->kind);
    size_t size = field->sub ? field->sub->size : kind_item_size(field->kind);
    json_t *array = json_array();
    for (uint32_t i = 0; array && i < list->count; i++) {
        const void *item = (const char *)list->items + i * size;
        json_t *json = field->sub ? fields_to_json(field->sub, UINT64_MAX, item)
                                  : single_to_json((enum field_kind)item_kind, item);
        if (json_array_append_new(array, json) != 0) {
            json_decref(array);
            return NULL;
        }
    }
    return array;
}

static json_t *value_to_json(const struct field *field, const void *value) {
    if (field->kind == KIND_RECORD) {
        return fields_to_json(field->sub, UINT64_MAX, ((const struct list *)value)->items);
    }
    if (field->sub || kind_item(field->kind) >= 0) {
        return list_to_json(field, value);
    }
    return single_to_json(field->kind, value);
}

static json_t *put_fields(json_t *object, const struct shape *shape, uint64_t fields, const void *value) {
    uint64_t present = fields & *(const uint64_t *)value;
    for (; object && present != 0; present &= present - 1) {
        const struct field *field = &shape->fields[__builtin_ctzll(present)];
        object = put(object, field->name, value_to_json(field, (const char *)value + field->offset));
    }
    return object;
}

static json_t *fields_to_json(const struct shape *shape, uint64_t fields, const void *value) {
    return put_fields(json_object(), shape, fields, value);
}

json_t *json_from_shape(const struct shape *shape, const void *value) {
    return fields_to_json(shape, UINT64_MAX, value);
}

json_t *json_from_event(const struct event *event, bool with_side) {
    const struct shape *shape = event_row(event->type)->body;
    struct wire_envelope envelope;
    envelope_from_event(event, &envelope);
    if (event->seq > 0) {
        envelope_add_intake(event, &envelope);
    }
    json_t *object = put_fields(json_object(), shape_of(SHAPE_envelope), ENVELOPE_OF_CLIENT, &envelope);
    object = put(object, "body", fields_to_json(shape, ~shape->side_fields, event->body));
    if (with_side && (*(const uint64_t *)event->body & shape->side_fields) != 0) {
        object = put(object, "side", fields_to_json(shape, shape->side_fields, event->body));
    }
    return put_fields(object, shape_of(SHAPE_envelope), ENVELOPE_OF_INTAKE, &envelope);
}

/* ---- as text ---- */

static void write_character(char c, struct buffer *out) {
    static const char meanings[] = "\"\\\b\f\n\r\t";
    static const char letters[] = "\"\\bfnrt";
    const char *found = c != '\0' ? strchr(meanings, c) : NULL;
    if (found) {
        buffer_append(out, (char[]){'\\', letters[found - meanings]}, 2);
        return;
    }
    char escape[8];
    snprintf(escape, sizeof escape, "\\u%04X", (unsigned char)c);
    buffer_append(out, escape, 6);
}

static void write_string(struct text text, struct buffer *out) {
    buffer_append(out, "\"", 1);
    uint32_t from = 0;
    for (uint32_t at = 0; at < text.length; at++) {
        char c = text.data[at];
        if (c == '"' || c == '\\' || (unsigned char)c < 0x20) {
            buffer_append(out, text.data + from, at - from);
            write_character(c, out);
            from = at + 1;
        }
    }
    buffer_append(out, text.data + from, text.length - from);
    buffer_append(out, "\"", 1);
}

static void write_bytes(struct text bytes, struct buffer *out) {
    size_t size = sodium_base64_ENCODED_LEN(bytes.length, sodium_base64_VARIANT_ORIGINAL);
    buffer_append(out, "\"", 1);
    char *base64 = buffer_extend(out, size);
    if (base64) {
        sodium_bin2base64(base64, size, (const unsigned char *)bytes.data, bytes.length,
                          sodium_base64_VARIANT_ORIGINAL);
        base64[size - 1] = '"'; /* over the terminator */
    }
}

static void write_single(enum field_kind kind, const void *value, struct buffer *out) {
    char room[STRING_ROOM];
    switch (kind) {
    case KIND_BYTES:
        write_bytes(*(const struct text *)value, out);
        break;
    case KIND_INT:
    case KIND_TIME:
        snprintf(room, sizeof room, "%" PRId64, *(const int64_t *)value);
        buffer_append_string(out, room);
        break;
    case KIND_BOOL:
        buffer_append_string(out, *(const bool *)value ? "true" : "false");
        break;
    default:
        write_string(string_of(kind, value, room), out);
        break;
    }
}

static void write_list(const struct field *field, const struct list *list, struct buffer *out) {
    size_t size = field->sub ? field->sub->size : kind_item_size(field->kind);
    buffer_append(out, "[", 1);
    for (uint32_t i = 0; i < list->count; i++) {
        const void *item = (const char *)list->items + i * size;
        buffer_append(out, ",", i > 0);
        if (field->sub) {
            json_write_shape(field->sub, item, out);
        } else {
            write_single((enum field_kind)kind_item(field->kind), item, out);
        }
    }
    buffer_append(out, "]", 1);
}

static void write_value(const struct field *field, const void *value, struct buffer *out) {
    if (field->kind == KIND_RECORD) {
        json_write_shape(field->sub, ((const struct list *)value)->items, out);
    } else if (kind_is_list(field->kind)) {
        write_list(field, value, out);
    } else {
        write_single(field->kind, value, out);
    }
}

void json_write_shape(const struct shape *shape, const void *value, struct buffer *out) {
    const uint64_t present = *(const uint64_t *)value;
    buffer_append(out, "{", 1);
    for (uint64_t left = present; left != 0; left &= left - 1) {
        const struct field *field = &shape->fields[__builtin_ctzll(left)];
        buffer_append_string(out, left == present ? "\"" : ",\"");
        buffer_append(out, field->name, field->name_length);
        buffer_append(out, "\":", 2);
        write_value(field, (const char *)value + field->offset, out);
    }
    buffer_append(out, "}", 1);
}
