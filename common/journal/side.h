/* The side of a block at rest: encrypted and authenticated, so that it can be read only with the key and not be
 * changed, moved to another block or taken from another journal.
 *
 *   sealed = XChaCha20-Poly1305(key, nonce, AD = u64be journal || u64be epoch || u64be first,
 *                               u32be length || bytes || zeros)
 *
 * The zeros keep the row's size when entries are erased: SQLite then overwrites the very bytes that held them. The
 * nonce is random for each sealing (192 bits: no counter is needed). Nothing blocks.
 */
#pragma once

#include "common/arena.h"
#include "common/error.h"
#include "common/keys.h"
#include "proto/codec.h"

#define SIDE_NONCE_BYTES 24

struct side_cipher {
    uint8_t key[SIDE_KEY_BYTES];
    uint64_t journal;
};

/* One sealed side; `sealed.data` is the caller's buffer, kept from block to block. */
struct side_seal {
    uint8_t nonce[SIDE_NONCE_BYTES];
    struct buffer sealed;
};

/* How long `bytes` becomes when sealed without zeros. */
size_t side_sealed_length(struct text bytes);

/* Seals into `sealed_length` bytes of the caller's, at least side_sealed_length(bytes); draws the nonce. */
void side_seal_into(const struct side_cipher *cipher, uint64_t epoch, uint64_t first, struct text bytes,
                    uint8_t nonce[SIDE_NONCE_BYTES], uint8_t *sealed, size_t sealed_length);

/* The same into a buffer that grows. `sealed_length`: at least side_sealed_length(bytes). */
int side_seal(const struct side_cipher *cipher, uint64_t epoch, uint64_t first, struct text bytes, size_t sealed_length,
              struct side_seal *seal, struct error *error);

/* `*bytes` lies in `arena`. -ERR_CORRUPT when it does not authenticate: damaged, of another block, or another key. */
int side_unseal(const struct side_cipher *cipher, uint64_t epoch, uint64_t first, struct text nonce, struct text sealed,
                struct arena *arena, struct text *bytes, struct error *error);
