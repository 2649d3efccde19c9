/* Rows of bits. */
#pragma once

#include <stdint.h>

/* How many bits of the words are set: by sums within each word, since the processors that this is built for need not have an
 * instruction for it, and a call costs three times as much. */
static inline uint64_t bits_count(const uint64_t *words, uint32_t count) {
    uint64_t total = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint64_t word = words[i];
        word -= word >> 1 & UINT64_C(0x5555555555555555);
        word = (word & UINT64_C(0x3333333333333333)) + (word >> 2 & UINT64_C(0x3333333333333333));
        word = (word + (word >> 4)) & UINT64_C(0x0F0F0F0F0F0F0F0F);
        total += word * UINT64_C(0x0101010101010101) >> 56;
    }
    return total;
}
