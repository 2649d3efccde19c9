/* Encoding: canonical MessagePack of shapes. A key is put into the buffer in one piece with its value where that is short, as
 * nearly all values are; the others are packed by msgpack-c. */
#include "proto/encode.h"

#include <assert.h>
#include <endian.h>

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

/* ---- short values, put where there is room; each gives where it ends ---- */

#define SHORT_TEXT 31 /* its length is in the head */
#define VALUE_MOST 40 /* bytes of a short value; a hash has 34 */

/* The head, then so many bytes of a number, the highest first. */
static inline uint8_t *put_number(uint8_t *at, uint8_t head, int64_t number, unsigned bytes) {
    uint64_t big = htobe64((uint64_t)number << (64 - 8 * bytes));
    *at = head;
    memcpy(at + 1, &big, sizeof big); /* what is too much is written over, or behind the end */
    return at + 1 + bytes;
}

static uint8_t *put_integer(uint8_t *at, int64_t number) {
    if (-32 <= number && number <= INT8_MAX) {
        *at = (uint8_t)number;
        return at + 1;
    }
    if (number > 0) {
        return number <= UINT8_MAX    ? put_number(at, 0xCC, number, 1)
               : number <= UINT16_MAX ? put_number(at, 0xCD, number, 2)
               : number <= UINT32_MAX ? put_number(at, 0xCE, number, 4)
                                      : put_number(at, 0xCF, number, 8);
    }
    return number >= INT8_MIN    ? put_number(at, 0xD0, number, 1)
           : number >= INT16_MIN ? put_number(at, 0xD1, number, 2)
           : number >= INT32_MIN ? put_number(at, 0xD2, number, 4)
                                 : put_number(at, 0xD3, number, 8);
}

static inline uint8_t *put_bytes(uint8_t *at, const void *bytes, uint8_t length) {
    at[0] = 0xC4;
    at[1] = length;
    memcpy(at + 2, bytes, length);
    return at + 2 + length;
}

static inline uint8_t *put_text(uint8_t *at, const char *text, uint32_t length) {
    *at = (uint8_t)(0xA0 | length);
    memcpy(at + 1, text, length);
    return at + 1 + length;
}

/* NULL where the value is not short. */
static uint8_t *put_words(uint8_t *at, enum field_kind kind, const void *value) {
    bool is_text = kind_is_text(kind);
    struct text text = is_text ? *(const struct text *)value : text_of(word_wire(kind, *(const int32_t *)value));
    assert(is_text || text.length <= SHORT_TEXT);
    return text.length > SHORT_TEXT ? NULL : put_text(at, text.length > 0 ? text.data : "", text.length);
}

static uint8_t *put_single(uint8_t *at, enum field_kind kind, const void *value) {
    char text[DATE_TEXT_SIZE];
    switch (kind) {
    case KIND_ID:
        return put_bytes(at, value, ID_BYTES);
    case KIND_HASH:
        return put_bytes(at, value, HASH_BYTES);
    case KIND_INT:
    case KIND_TIME:
        return put_integer(at, *(const int64_t *)value);
    case KIND_BOOL:
        *at = *(const bool *)value ? 0xC3 : 0xC2;
        return at + 1;
    case KIND_DATE:
        day_format(*(const int32_t *)value, text);
        return put_text(at, text, DATE_TEXT_SIZE - 1);
    case KIND_MONTH:
        month_format(*(const int32_t *)value, text);
        return put_text(at, text, MONTH_TEXT_SIZE - 1);
    case KIND_BYTES:
    case KIND_MAP:
        return NULL;
    default:
        return put_words(at, kind, value);
    }
}

/* Where so many bytes may be put behind the end, whose length is not yet told; NULL: no memory. */
static uint8_t *room_for(struct buffer *out, size_t bytes) {
    if (out->failed || out->capacity - out->length < bytes) {
        if (!buffer_extend(out, bytes)) {
            return NULL;
        }
        out->length -= bytes;
    }
    return out->data + out->length;
}

/* The key, and the value if it is short: whether it was. */
static bool encode_short(struct buffer *out, const struct field *field, const void *member) {
    uint8_t *at = room_for(out, FIELD_KEY_BYTES + VALUE_MOST);
    if (!at) {
        return true; /* the buffer remembers that it failed */
    }
    memcpy(at, field->key, FIELD_KEY_BYTES);
    *at = (uint8_t)(0xA0 | field->name_length);
    at += 1 + field->name_length;
    bool single = !field->sub && kind_item(field->kind) < 0;
    uint8_t *end = single ? put_single(at, field->kind, member) : NULL;
    out->length = (size_t)((end ? end : at) - out->data);
    return end != NULL;
}

/* A value that is not short: bytes, a map as it stands, or a long text. */
static void encode_long(msgpack_packer *packer, enum field_kind kind, const void *value) {
    const struct text *text = value;
    if (kind == KIND_BYTES) {
        msgpack_pack_bin(packer, text->length);
        msgpack_pack_bin_body(packer, text->data, text->length);
    } else if (kind == KIND_MAP) {
        buffer_append(packer->data, text->data, text->length);
    } else {
        encode_text(packer, *text);
    }
}

static void encode_single(msgpack_packer *packer, enum field_kind kind, const void *value) {
    struct buffer *out = packer->data;
    uint8_t *at = room_for(out, VALUE_MOST);
    uint8_t *end = at ? put_single(at, kind, value) : NULL;
    if (end) {
        out->length = (size_t)(end - out->data);
    } else if (at) {
        encode_long(packer, kind, value);
    }
}

/* ---- shapes ---- */

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
        if (encode_short(packer->data, field, member)) {
            continue;
        }
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
