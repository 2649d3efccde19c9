/* Ids: UUIDv7 (RFC 9562, section 5.7), made from the clock and chance or derived from content. */
#include <stdatomic.h>

#include <sodium.h>

#include "proto/types.h"

#define TIME_BITS 48
#define COUNTER_BITS 26 /* the 12 bits of rand_a and the first 14 of rand_b */
#define COUNTER_MASK ((UINT64_C(1) << COUNTER_BITS) - 1)

/* Puts time, version and variant over 16 bytes that hold the rest. */
static void stamp(struct id *id, int64_t at) {
    uint64_t time = at < 0 ? 0 : (uint64_t)at;
    for (int i = 0; i < TIME_BITS / 8; i++) {
        id->bytes[i] = (uint8_t)(time >> (TIME_BITS - 8 - 8 * i));
    }
    id->bytes[6] = (uint8_t)((id->bytes[6] & 0x0F) | 0x70);
    id->bytes[8] = (uint8_t)((id->bytes[8] & 0x3F) | 0x80);
}

/* The next counter of the millisecond `at`: one above the last within it, else `random` with its top bit clear, so that
 * there is room to rise. */
static uint64_t next_counter(int64_t at, uint32_t random) {
    static _Atomic uint64_t last; /* the low bits of the millisecond, then the counter; shared by all threads */
    uint64_t previous = atomic_load(&last);
    uint64_t next;
    do {
        next = (uint64_t)at << COUNTER_BITS | (random & (COUNTER_MASK >> 1));
        bool same_millisecond = previous >> COUNTER_BITS == next >> COUNTER_BITS;
        if (same_millisecond && (previous & COUNTER_MASK) < COUNTER_MASK) {
            next = previous + 1;
        }
    } while (!atomic_compare_exchange_weak(&last, &previous, next));
    return next & COUNTER_MASK;
}

struct id id_new(int64_t at) {
    struct id id;
    uint32_t random;
    randombytes_buf(id.bytes, sizeof id.bytes);
    memcpy(&random, id.bytes + 6, sizeof random); /* where the counter goes */
    uint64_t counter = next_counter(at, random);
    id.bytes[6] = (uint8_t)(counter >> 22);
    id.bytes[7] = (uint8_t)(counter >> 14);
    id.bytes[8] = (uint8_t)(counter >> 8 & 0x3F);
    id.bytes[9] = (uint8_t)counter;
    stamp(&id, at);
    return id;
}

struct id id_derive(int64_t at, const void *material, size_t length) {
    struct id id;
    crypto_generichash(id.bytes, sizeof id.bytes, material, length, NULL, 0);
    stamp(&id, at);
    return id;
}

void id_format(const struct id *id, char out[ID_TEXT_SIZE]) {
    static const char digits[] = "0123456789abcdef";
    char *to = out;
    for (int i = 0; i < ID_BYTES; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10) {
            *to++ = '-';
        }
        *to++ = digits[id->bytes[i] >> 4];
        *to++ = digits[id->bytes[i] & 15];
    }
    *to = '\0';
}

static int digit_value(char digit) {
    if (digit >= '0' && digit <= '9') {
        return digit - '0';
    }
    char lower = (char)(digit | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

bool id_parse(struct text text, struct id *out) {
    bool hyphens = text.length == ID_TEXT_SIZE - 1;
    if (!hyphens && text.length != 2 * ID_BYTES) {
        return false;
    }
    struct id id;
    uint32_t at = 0;
    for (int i = 0; i < ID_BYTES; i++) {
        if (hyphens && (i == 4 || i == 6 || i == 8 || i == 10) && text.data[at++] != '-') {
            return false;
        }
        int high = digit_value(text.data[at++]);
        int low = digit_value(text.data[at++]);
        if (high < 0 || low < 0) {
            return false;
        }
        id.bytes[i] = (uint8_t)(high << 4 | low);
    }
    *out = id;
    return true;
}

bool id_is_zero(const struct id *id) {
    static const struct id zero;
    return id_equal(id, &zero);
}
