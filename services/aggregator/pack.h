/* Packing: integers and short texts as little-endian bytes, for the pages of the state file.
 *
 * Reading is checked: past the end everything is zero and `failed` is set, so that a caller tests once.
 */
#pragma once

#include "proto/codec.h"

static inline void pack_integer(struct buffer *out, uint64_t value, unsigned bytes) {
    uint8_t little[8];
    for (unsigned i = 0; i < bytes; i++) {
        little[i] = (uint8_t)(value >> 8 * i);
    }
    buffer_append(out, little, bytes);
}

static inline void pack_text(struct buffer *out, struct text text) {
    pack_integer(out, text.length, 2);
    buffer_append(out, text.data, text.length);
}

struct unpack {
    const uint8_t *bytes;
    size_t left;
    bool failed;
};

/* `length` bytes, or NULL past the end. */
static inline const uint8_t *unpack_bytes(struct unpack *unpack, size_t length) {
    if (unpack->failed || unpack->left < length) {
        unpack->failed = true;
        return NULL;
    }
    const uint8_t *bytes = unpack->bytes;
    unpack->bytes += length;
    unpack->left -= length;
    return bytes;
}

static inline uint64_t unpack_integer(struct unpack *unpack, unsigned bytes) {
    const uint8_t *little = unpack_bytes(unpack, bytes);
    uint64_t value = 0;
    for (unsigned i = 0; little && i < bytes; i++) {
        value |= (uint64_t)little[i] << 8 * i;
    }
    return value;
}

static inline struct text unpack_text(struct unpack *unpack) {
    uint32_t length = (uint32_t)unpack_integer(unpack, 2);
    const uint8_t *bytes = unpack_bytes(unpack, length);
    return (struct text){(const char *)bytes, bytes ? length : 0};
}
