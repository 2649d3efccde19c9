/* Numbers as the journal's files hold them: big endian. */
#pragma once

#include <stdint.h>

/* Both return where the next one goes. */
static inline uint8_t *put_u32(uint8_t *out, uint32_t value) {
    for (int i = 0; i < 4; i++) {
        out[i] = (uint8_t)(value >> (24 - 8 * i));
    }
    return out + 4;
}

static inline uint8_t *put_u64(uint8_t *out, uint64_t value) {
    put_u32(out, (uint32_t)(value >> 32));
    return put_u32(out + 4, (uint32_t)value);
}

static inline uint32_t get_u32(const uint8_t *bytes) {
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static inline uint64_t get_u64(const uint8_t *bytes) {
    return (uint64_t)get_u32(bytes) << 32 | get_u32(bytes + 4);
}
