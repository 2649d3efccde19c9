/* JSON into shapes: the same faults by the same paths as the MessagePack decoder's. */
#include <sodium.h>
#include <stdio.h>

#include "proto/json_reader.h"
#include "proto/suggest.h"
#include "proto/validate.h"

static bool faulty(struct json_reader *reader, enum error_code code, const struct field_path *path, const char *limit,
                   struct text value) {
    faults_add_at(reader->faults, code, path, limit, value);
    return false;
}

static const char *type_name(const json_t *json) {
    switch (json_typeof(json)) {
    case JSON_OBJECT:
        return "an object";
    case JSON_ARRAY:
        return "an array";
    case JSON_STRING:
        return "a string";
    case JSON_INTEGER:
        return "a number";
    case JSON_REAL:
        return "a number with a fraction";
    case JSON_NULL:
        return "null";
    default:
        return "true or false";
    }
}

static bool wrong_type(struct json_reader *reader, enum field_kind kind, const json_t *json,
                       const struct field_path *path) {
    return faulty(reader, ERR_WRONG_TYPE, path, kind_json(kind), text_of(type_name(json)));
}

static bool no_memory(struct json_reader *reader, const struct field_path *path) {
    reader->no_memory = true;
    return faulty(reader, ERR_NO_MEMORY, path, NULL, (struct text){0});
}

static bool read_hash(struct json_reader *reader, struct text text, const struct field_path *path, struct hash *hash) {
    size_t length;
    if (text.length == 2 * HASH_BYTES &&
        sodium_hex2bin(hash->bytes, HASH_BYTES, text.data, text.length, NULL, &length, NULL) == 0 &&
        length == HASH_BYTES) {
        return true;
    }
    return faulty(reader, ERR_BAD_FORMAT, path, kind_json(KIND_HASH), text);
}

/* libsodium reads some bytes above 127 as letters of base64. */
static bool is_ascii(struct text text) {
    for (uint32_t i = 0; i < text.length; i++) {
        if ((text.data[i] & 0x80) != 0) {
            return false;
        }
    }
    return true;
}

static bool read_bytes(struct json_reader *reader, struct text text, const struct field_path *path,
                       struct text *bytes) {
    size_t room = text.length / 4 * 3 + 3;
    size_t length;
    unsigned char *data = arena_alloc(reader->arena, room);
    if (!data) {
        return no_memory(reader, path);
    }
    if (!is_ascii(text) || sodium_base642bin(data, room, text.data, text.length, NULL, &length, NULL,
                                             sodium_base64_VARIANT_ORIGINAL) != 0) {
        return faulty(reader, ERR_BAD_FORMAT, path, kind_json(KIND_BYTES), text);
    }
    *bytes = (struct text){(const char *)data, (uint32_t)length};
    return true;
}

bool json_read_string(struct json_reader *reader, enum field_kind kind, struct text text, const struct field_path *path,
                      void *value) {
    switch (kind) {
    case KIND_ID:
        return id_parse(text, value) || faulty(reader, ERR_BAD_FORMAT, path, kind_json(kind), text);
    case KIND_HASH:
        return read_hash(reader, text, path, value);
    case KIND_BYTES:
        return read_bytes(reader, text, path, value);
    default:
        break;
    }
    if (!kind_is_text(kind)) {
        return validate_text_value(kind, text, value, path, reader->faults);
    }
    *(struct text *)value = text;
    return true;
}

static bool read_single(struct json_reader *reader, enum field_kind kind, const json_t *json,
                        const struct field_path *path, void *value) {
    switch (kind) {
    case KIND_INT:
    case KIND_TIME:
        if (!json_is_integer(json)) {
            return wrong_type(reader, kind, json, path);
        }
        *(int64_t *)value = json_integer_value(json);
        return true;
    case KIND_BOOL:
        if (!json_is_boolean(json)) {
            return wrong_type(reader, kind, json, path);
        }
        *(bool *)value = json_is_true(json);
        return true;
    default:
        break;
    }
    if (!json_is_string(json)) {
        return wrong_type(reader, kind, json, path);
    }
    struct text text = {json_string_value(json), (uint32_t)json_string_length(json)};
    return json_read_string(reader, kind, text, path, value);
}

static bool read_record(struct json_reader *reader, const struct shape *shape, const json_t *json,
                        const struct field_path *path, void *value) {
    uint32_t before = reader->faults->count + reader->faults->more;
    struct map_rules rules = {.allowed = UINT64_MAX, .required = shape->required_fields};
    json_read_map(reader, shape, rules, json, path, value);
    return reader->faults->count + reader->faults->more == before;
}

static bool read_items(struct json_reader *reader, const struct field *field, const json_t *json,
                       const struct field_path *path, struct list *list) {
    size_t count = json_array_size(json);
    if ((int64_t)count > field->max) {
        char limit[24];
        char found[24];
        snprintf(limit, sizeof limit, "%lld", (long long)field->max);
        snprintf(found, sizeof found, "%zu", count);
        return faulty(reader, ERR_TOO_MANY, path, limit, text_of(found));
    }
    size_t size = field->sub ? field->sub->size : kind_item_size(field->kind);
    list->count = (uint32_t)count;
    list->items = count > 0 ? arena_alloc(reader->arena, count * size) : NULL;
    if (count > 0 && !list->items) {
        return no_memory(reader, path);
    }
    bool good = true;
    for (uint32_t i = 0; i < list->count && !reader->no_memory; i++) {
        struct field_path item_path = {.above = path, .index = i};
        void *item = (char *)list->items + i * size;
        const json_t *item_json = json_array_get(json, i);
        good &= field->sub ? read_record(reader, field->sub, item_json, &item_path, item)
                           : read_single(reader, (enum field_kind)kind_item(field->kind), item_json, &item_path, item);
    }
    return good;
}

static bool read_value(struct json_reader *reader, const struct field *field, const json_t *json,
                       const struct field_path *path, void *value) {
    if (field->kind == KIND_RECORD) {
        struct list *list = value;
        *list = (struct list){arena_alloc(reader->arena, field->sub->size), 1};
        return list->items ? read_record(reader, field->sub, json, path, list->items) : no_memory(reader, path);
    }
    bool list = field->sub || kind_item(field->kind) >= 0;
    if (list && !json_is_array(json)) {
        return wrong_type(reader, field->kind, json, path);
    }
    bool good =
        list ? read_items(reader, field, json, path, value) : read_single(reader, field->kind, json, path, value);
    return good && validate_field(field, value, path, reader->faults);
}

/* `index` is a field that may stand here. Its bit is set when the value is in order; else the member is zero. */
static void read_member(struct json_reader *reader, const struct shape *shape, unsigned index, const json_t *json,
                        const struct field_path *path, void *value) {
    const struct field *field = &shape->fields[index];
    void *member = (char *)value + field->offset;
    if (field->kind == KIND_MAP) {
        if (!json_is_object(json)) {
            wrong_type(reader, KIND_MAP, json, path);
        }
    } else if (read_value(reader, field, json, path, member)) {
        wire_set(value, index);
    } else {
        memset(member, 0, field_size(field));
    }
}

void json_read_map(struct json_reader *reader, const struct shape *shape, struct map_rules rules, const json_t *json,
                   const struct field_path *above, void *value) {
    if (!json_is_object(json)) {
        wrong_type(reader, KIND_MAP, json, above);
        return;
    }
    uint64_t seen = 0;
    uint32_t expected = 0;
    for (void *at = json_object_iter((json_t *)json); at && !reader->no_memory;
         at = json_object_iter_next((json_t *)json, at)) {
        struct field_path path = {.above = above, .name = text_of(json_object_iter_key(at))};
        int index = shape_find(shape, path.name, expected);
        if (index < 0) {
            faulty(reader, ERR_UNKNOWN_FIELD, &path, suggest_field(shape, path.name), path.name);
            continue;
        }
        expected = (uint32_t)index + 1;
        wire_set(&seen, (unsigned)index);
        if (!wire_has(rules.allowed, (unsigned)index)) {
            faulty(reader, ERR_WRONG_PLACE, &path, rules.elsewhere, (struct text){0});
        } else {
            read_member(reader, shape, (unsigned)index, json_object_iter_value(at), &path, value);
        }
    }
    validate_missing(shape, rules.required & ~seen, above, reader->faults);
}
