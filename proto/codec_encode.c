/* Encoding: canonical MessagePack of shapes, packed by msgpack-c. */
#include "proto/encode.h"

#include <assert.h>

static int write_to_buffer(void *data, const char *bytes, size_t length) {
    buffer_append(data, bytes, length);
    return 0; /* the buffer remembers that it failed */
}

msgpack_packer encode_packer(struct buffer *out) {
    msgpack_packer packer;
    msgpack_packer_init(&packer, out, write_to_buffer);
    return packer;
}

/* All keys and most texts, in one piece. */
static void encode_short_text(struct buffer *out, struct text text) {
    uint8_t *bytes = buffer_extend(out, 1 + (size_t)text.length);
    if (bytes) {
        bytes[0] = (uint8_t)(0xA0 | text.length);
        memcpy(bytes + 1, text.data, text.length);
    }
}

void encode_text(msgpack_packer *packer, struct text text) {
    if (text.length > 0 && text.length < 32) {
        encode_short_text(packer->data, text);
        return;
    }
    msgpack_pack_str(packer, text.length);
    msgpack_pack_str_body(packer, text.data, text.length);
}

static void encode_bytes(msgpack_packer *packer, const void *data, uint32_t length) {
    msgpack_pack_bin(packer, length);
    msgpack_pack_bin_body(packer, data, length);
}

static void encode_single(msgpack_packer *packer, enum field_kind kind, const void *value) {
    char text[DATE_TEXT_SIZE];
    switch (kind) {
    case KIND_ID:
        encode_bytes(packer, value, ID_BYTES);
        break;
    case KIND_HASH:
        encode_bytes(packer, value, HASH_BYTES);
        break;
    case KIND_BYTES:
        encode_bytes(packer, ((const struct text *)value)->data, ((const struct text *)value)->length);
        break;
    case KIND_INT:
    case KIND_TIME:
        msgpack_pack_int64(packer, *(const int64_t *)value);
        break;
    case KIND_BOOL:
        *(const bool *)value ? msgpack_pack_true(packer) : msgpack_pack_false(packer);
        break;
    case KIND_DATE:
        day_format(*(const int32_t *)value, text);
        encode_text(packer, text_of(text));
        break;
    case KIND_MONTH:
        month_format(*(const int32_t *)value, text);
        encode_text(packer, text_of(text));
        break;
    case KIND_MAP:
        buffer_append(packer->data, ((const struct text *)value)->data, ((const struct text *)value)->length);
        break;
    default:
        encode_text(packer, kind_is_text(kind) ? *(const struct text *)value
                                               : text_of(word_wire(kind, *(const int32_t *)value)));
        break;
    }
}

static void encode_list(msgpack_packer *packer, const struct field *field, const struct list *list) {
    int item_kind = kind_item(field->kind);
    size_t size = field->sub ? field->sub->size : kind_item_size(field->kind);
    if (field->kind == KIND_RECORD) {
        assert(list->count == 1);
    } else {
        msgpack_pack_array(packer, list->count);
    }
    for (uint32_t i = 0; i < list->count; i++) {
        const void *item = (const char *)list->items + i * size;
        if (field->sub) {
            encode_map(packer, field->sub, UINT64_MAX, item);
        } else {
            encode_single(packer, (enum field_kind)item_kind, item);
        }
    }
}

unsigned encode_count(uint64_t fields, const void *value) {
    return (unsigned)__builtin_popcountll(fields & *(const uint64_t *)value);
}

void encode_fields(msgpack_packer *packer, const struct shape *shape, uint64_t fields, const void *value) {
    uint64_t present = fields & *(const uint64_t *)value;
    for (; present != 0; present &= present - 1) {
        const struct field *field = &shape->fields[__builtin_ctzll(present)];
        const void *member = (const char *)value + field->offset;
        encode_text(packer, (struct text){field->name, field->name_length});
        if (field->sub || kind_item(field->kind) >= 0) {
            encode_list(packer, field, member);
        } else {
            encode_single(packer, field->kind, member);
        }
    }
}

void encode_map(msgpack_packer *packer, const struct shape *shape, uint64_t fields, const void *value) {
    msgpack_pack_map(packer, encode_count(fields, value));
    encode_fields(packer, shape, fields, value);
}

int codec_encode(const struct shape *shape, const void *value, struct buffer *out) {
    msgpack_packer packer = encode_packer(out);
    encode_map(&packer, shape, UINT64_MAX, value);
    return out->failed ? -ERR_NO_MEMORY : 0;
}
