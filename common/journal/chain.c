/* The hash chain over block heads and the commitment to a side: SHA-256 by libcrypto. */
#include "common/journal/chain.h"

/* The functions of OpenSSL 1.1: a state on the stack that cannot fail. Those that came after them allocate, look the
 * algorithm up by its name, and take 20 ns more for each hash. */
#define OPENSSL_API_COMPAT 10101
#include <openssl/sha.h>

#include "common/journal/bytes.h"

static const char chain_name[] = "chaoxun journal";

static void add_text(SHA256_CTX *state, struct text text) {
    if (text.length > 0) {
        SHA256_Update(state, text.data, text.length);
    }
}

void chain_start(uint64_t journal, struct hash *out) {
    SHA256_CTX state;
    uint8_t number[8];
    put_u64(number, journal);
    SHA256_Init(&state);
    SHA256_Update(&state, chain_name, sizeof chain_name - 1);
    SHA256_Update(&state, number, sizeof number);
    SHA256_Final(out->bytes, &state);
}

void chain_next(const struct hash *previous, uint64_t epoch, uint64_t first, uint32_t count, struct text head,
                struct hash *out) {
    SHA256_CTX state;
    uint8_t numbers[20];
    put_u64(numbers, epoch);
    put_u64(numbers + 8, first);
    put_u32(numbers + 16, count);
    SHA256_Init(&state);
    SHA256_Update(&state, previous->bytes, HASH_BYTES);
    SHA256_Update(&state, numbers, sizeof numbers);
    add_text(&state, head);
    SHA256_Final(out->bytes, &state);
}

void chain_commit(struct text salt, struct text side, struct hash *out) {
    SHA256_CTX state;
    SHA256_Init(&state);
    add_text(&state, salt);
    add_text(&state, side);
    SHA256_Final(out->bytes, &state);
}

uint64_t chain_short(const struct hash *hash) {
    return get_u64(hash->bytes);
}
