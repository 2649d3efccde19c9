/* The side of a block at rest: XChaCha20-Poly1305 by libsodium. */
#include "common/journal/side.h"

#include <assert.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/journal/bytes.h"

#define LENGTH_BYTES 4
#define TAG_BYTES crypto_aead_xchacha20poly1305_ietf_ABYTES
#define AD_BYTES 24

static_assert(SIDE_NONCE_BYTES == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES, "nonce of XChaCha20-Poly1305");
static_assert(SIDE_KEY_BYTES == crypto_aead_xchacha20poly1305_ietf_KEYBYTES, "key of XChaCha20-Poly1305");

static void additional_data(const struct side_cipher *cipher, uint64_t epoch, uint64_t first, uint8_t out[AD_BYTES]) {
    put_u64(put_u64(put_u64(out, cipher->journal), epoch), first);
}

static bool buffer_hold(struct buffer *buffer, size_t length) {
    if (buffer->capacity < length) {
        uint8_t *data = realloc(buffer->data, length);
        if (!data) {
            return false;
        }
        buffer->data = data;
        buffer->capacity = length;
    }
    return true;
}

size_t side_sealed_length(struct text bytes) {
    return LENGTH_BYTES + bytes.length + TAG_BYTES;
}

void side_seal_into(const struct side_cipher *cipher, uint64_t epoch, uint64_t first, struct text bytes,
                    uint8_t nonce[SIDE_NONCE_BYTES], uint8_t *sealed, size_t sealed_length) {
    assert(sealed_length >= side_sealed_length(bytes));
    size_t plain_length = sealed_length - TAG_BYTES;
    uint8_t *rest = put_u32(sealed, bytes.length);
    if (bytes.length > 0) {
        memcpy(rest, bytes.data, bytes.length);
    }
    memset(rest + bytes.length, 0, plain_length - LENGTH_BYTES - bytes.length);

    uint8_t data[AD_BYTES];
    additional_data(cipher, epoch, first, data);
    randombytes_buf(nonce, SIDE_NONCE_BYTES);
    crypto_aead_xchacha20poly1305_ietf_encrypt(sealed, NULL, sealed, plain_length, data, sizeof data, NULL, nonce,
                                               cipher->key);
}

int side_seal(const struct side_cipher *cipher, uint64_t epoch, uint64_t first, struct text bytes, size_t sealed_length,
              struct side_seal *seal, struct error *error) {
    if (!buffer_hold(&seal->sealed, sealed_length)) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    side_seal_into(cipher, epoch, first, bytes, seal->nonce, seal->sealed.data, sealed_length);
    seal->sealed.length = sealed_length;
    return 0;
}

static int does_not_fit(uint64_t first, const char *what, struct error *error) {
    char row[64];
    snprintf(row, sizeof row, "journal side row %llu", (unsigned long long)first);
    return error_set(error, ERR_CORRUPT, (struct error_words){.field = row, .value = what});
}

int side_unseal(const struct side_cipher *cipher, uint64_t epoch, uint64_t first, struct text nonce, struct text sealed,
                struct arena *arena, struct text *bytes, struct error *error) {
    if (nonce.length != SIDE_NONCE_BYTES || sealed.length < LENGTH_BYTES + TAG_BYTES) {
        return does_not_fit(first, "it is too short", error);
    }
    uint32_t plain_length = sealed.length - TAG_BYTES;
    uint8_t *plain = arena_alloc(arena, plain_length);
    if (!plain) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    uint8_t data[AD_BYTES];
    additional_data(cipher, epoch, first, data);
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(plain, NULL, NULL, (const uint8_t *)sealed.data, sealed.length, data,
                                                   sizeof data, (const uint8_t *)nonce.data, cipher->key) != 0) {
        return does_not_fit(first, "its checksum does not fit, or side.key is another one", error);
    }
    uint32_t length = get_u32(plain);
    if (length > plain_length - LENGTH_BYTES) {
        return does_not_fit(first, "its length does not fit", error);
    }
    *bytes = (struct text){length > 0 ? (const char *)plain + LENGTH_BYTES : NULL, length};
    return 0;
}
