/* The hash chain over block heads and the commitment to a side: BLAKE2b-256 by libsodium. */
#include "common/journal/chain.h"

#include <assert.h>
#include <sodium.h>

#include "common/journal/bytes.h"

static const char chain_name[] = "chaoxun journal";

static void start(crypto_generichash_state *state) {
    int result = crypto_generichash_init(state, NULL, 0, HASH_BYTES);
    assert(result == 0);
    (void)result;
}

static void add(crypto_generichash_state *state, const void *bytes, size_t length) {
    crypto_generichash_update(state, bytes, length);
}

static void finish(crypto_generichash_state *state, struct hash *out) {
    crypto_generichash_final(state, out->bytes, HASH_BYTES);
}

void chain_start(uint64_t journal, struct hash *out) {
    crypto_generichash_state state;
    uint8_t number[8];
    put_u64(number, journal);
    start(&state);
    add(&state, chain_name, sizeof chain_name - 1);
    add(&state, number, sizeof number);
    finish(&state, out);
}

void chain_next(const struct hash *previous, uint64_t epoch, uint64_t first, uint32_t count, struct text head,
                struct hash *out) {
    crypto_generichash_state state;
    uint8_t numbers[20];
    put_u64(numbers, epoch);
    put_u64(numbers + 8, first);
    put_u32(numbers + 16, count);
    start(&state);
    add(&state, previous->bytes, HASH_BYTES);
    add(&state, numbers, sizeof numbers);
    add(&state, head.data, head.length);
    finish(&state, out);
}

void chain_commit(struct text salt, struct text side, struct hash *out) {
    crypto_generichash_state state;
    start(&state);
    add(&state, salt.data, salt.length);
    add(&state, side.data, side.length);
    finish(&state, out);
}

uint64_t chain_short(const struct hash *hash) {
    return get_u64(hash->bytes);
}
