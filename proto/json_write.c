/* Shapes and events as JSON. */
#include <sodium.h>
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

static json_t *id_to_json(const struct id *id) {
    char text[ID_TEXT_SIZE];
    id_format(id, text);
    return json_string(text);
}

static json_t *hash_to_json(const struct hash *hash) {
    char text[2 * HASH_BYTES + 1];
    sodium_bin2hex(text, sizeof text, hash->bytes, HASH_BYTES);
    return json_string(text);
}

static json_t *single_to_json(enum field_kind kind, const void *value) {
    char text[DATE_TEXT_SIZE];
    switch (kind) {
    case KIND_ID:
        return id_to_json(value);
    case KIND_HASH:
        return hash_to_json(value);
    case KIND_BYTES:
        return bytes_to_json(*(const struct text *)value);
    case KIND_INT:
    case KIND_TIME:
        return json_integer(*(const int64_t *)value);
    case KIND_BOOL:
        return json_boolean(*(const bool *)value);
    case KIND_DATE:
        day_format(*(const int32_t *)value, text);
        return json_string(text);
    case KIND_MONTH:
        month_format(*(const int32_t *)value, text);
        return json_string(text);
    default:
        return kind_is_text(kind) ? text_to_json(*(const struct text *)value)
                                  : json_string(word_wire(kind, *(const int32_t *)value));
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
