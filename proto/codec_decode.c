/* Decoding: maps by their shape. */
#include "proto/codec.h"
#include "proto/decode.h"
#include "proto/suggest.h"
#include "proto/validate.h"

#define KEY_LENGTH_MAX 64

static int decode_member(struct decoder *decoder, const struct field *field, uint32_t index,
                         const struct field_path *path, void *value) {
    void *member = (char *)value + field->offset;
    int result = decode_value(decoder, field, path, member);
    if (result == 0) {
        wire_set(value, index);
        return 0;
    }
    memset(member, 0, field_size(field)); /* as everything that has no bit */
    return result < 0 ? result : 0;
}

/* A key at which the value cannot be read: notes why and passes over it. */
static int refuse(struct decoder *decoder, enum error_code code, const struct field_path *path, const char *limit) {
    faults_add_at(decoder->faults, code, path, limit, path->name);
    return decode_skip(decoder, path);
}

/* A key that is no string, or too long to be a name. */
static int refuse_key(struct decoder *decoder, const uint8_t *before, const struct field_path *path) {
    faults_add_at(decoder->faults, ERR_BAD_KEY, path, NULL, (struct text){0});
    decoder->cursor.at = before;
    int result = decode_skip(decoder, path);
    return result < 0 ? result : decode_skip(decoder, path);
}

static int refuse_unknown(struct decoder *decoder, const struct shape *shape, const struct field_path *path) {
    if (decoder->lenient) {
        return decode_skip(decoder, path);
    }
    bool readable = text_is_utf8(path->name);
    return refuse(decoder, readable ? ERR_UNKNOWN_FIELD : ERR_BAD_UTF8, path,
                  readable ? suggest_field(shape, path->name) : NULL);
}

/* One key and its value. `*expected` is the index to try first, then the next one. */
static int decode_pair(struct decoder *decoder, const struct shape *shape, const struct map_rules *rules,
                       const struct field_path *above, uint64_t *seen, uint32_t *expected, void *value) {
    const uint8_t *before = decoder->cursor.at;
    struct item key;
    int result = cursor_next(&decoder->cursor, &key);
    if (result < 0) {
        return decode_broken(decoder, result, above);
    }
    if (key.kind != ITEM_STR || key.bytes.length > KEY_LENGTH_MAX) {
        return refuse_key(decoder, before, above);
    }
    struct field_path path = {.above = above, .name = key.bytes};
    int index = shape_find(shape, key.bytes, *expected);
    if (index < 0) {
        return refuse_unknown(decoder, shape, &path);
    }
    *expected = (uint32_t)index + 1;
    if (wire_has(*seen, (unsigned)index)) {
        return refuse(decoder, ERR_DUPLICATE_KEY, &path, NULL);
    }
    wire_set(seen, (unsigned)index);
    if (!wire_has(rules->allowed, (unsigned)index)) {
        return refuse(decoder, ERR_WRONG_PLACE, &path, rules->elsewhere);
    }
    return decode_member(decoder, &shape->fields[index], (uint32_t)index, &path, value);
}

int decode_map(struct decoder *decoder, const struct shape *shape, struct map_rules rules,
               const struct field_path *path, void *value) {
    static const struct field any_map = {.kind = KIND_MAP};
    const uint8_t *before = decoder->cursor.at;
    struct item map;
    int result = cursor_next(&decoder->cursor, &map);
    if (result < 0) {
        return decode_broken(decoder, result, path);
    }
    if (map.kind != ITEM_MAP) {
        decoder->cursor.at = before;
        result = decode_wrong_type(decoder, &any_map, &map, path);
        return result < 0 ? result : 0;
    }
    if (decoder->depth == 0) {
        return decode_broken(decoder, -ERR_TOO_DEEP, path);
    }
    uint64_t seen = 0;
    uint32_t expected = 0;
    decoder->depth--;
    for (uint32_t i = 0; i < map.count && result == 0; i++) {
        result = decode_pair(decoder, shape, &rules, path, &seen, &expected, value);
    }
    decoder->depth++;
    if (result == 0) {
        validate_missing(shape, rules.required & ~seen, path, decoder->faults);
    }
    return result;
}

int codec_decode(const struct shape *shape, struct text bytes, struct arena *arena, void *value,
                 struct faults *faults) {
    faults_clear(faults);
    struct decoder decoder = {cursor_of(bytes), arena, faults, EVENT_DEPTH_MAX, false};
    struct map_rules rules = {.allowed = UINT64_MAX, .required = shape->required_fields};
    memset(value, 0, shape->size);
    int result = decode_map(&decoder, shape, rules, NULL, value);
    if (result == 0) {
        result = decode_end(&decoder);
    }
    return result == -ERR_NO_MEMORY ? result : faults_to_error(faults, NULL);
}
