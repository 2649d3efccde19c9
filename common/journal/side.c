/* The side of a block at rest: XChaCha20-Poly1305 by libsodium. */
#include "common/journal/side.h"

#include <assert.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#define LENGTH_BYTES 4
#define TAG_BYTES crypto_aead_xchacha20poly1305_ietf_ABYTES
#define AD_BYTES 24

static_assert(SIDE_NONCE_BYTES == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES, "nonce of XChaCha20-Poly1305");
static_assert(SIDE_KEY_BYTES == crypto_aead_xchacha20poly1305_ietf_KEYBYTES, "key of XChaCha20-Poly1305");

static void additional_data(const struct side_cipher *cipher, uint64_t epoch, uint64_t first, uint8_t out[AD_BYTES]) {
    const uint64_t numbers[] = {cipher->journal, epoch, first};
    for (int i = 0; i < AD_BYTES; i++) {
        out[i] = (uint8_t)(numbers[i / 8] >> (56 - i % 8 * 8));
    }
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

int side_seal(const struct side_cipher *cipher, uint64_t epoch, uint64_t first, struct text bytes, size_t sealed_length,
              struct side_seal *seal, struct error *error) {
    assert(sealed_length >= side_sealed_length(bytes));
    if (!buffer_hold(&seal->sealed, sealed_length)) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    uint8_t *plain = seal->sealed.data;
    size_t plain_length = sealed_length - TAG_BYTES;
    for (int i = 0; i < LENGTH_BYTES; i++) {
        plain[i] = (uint8_t)(bytes.length >> (24 - 8 * i));
    }
    if (bytes.length > 0) {
        memcpy(plain + LENGTH_BYTES, bytes.data, bytes.length);
    }
    memset(plain + LENGTH_BYTES + bytes.length, 0, plain_length - LENGTH_BYTES - bytes.length);

    uint8_t data[AD_BYTES];
    additional_data(cipher, epoch, first, data);
    randombytes_buf(seal->nonce, sizeof seal->nonce);
    crypto_aead_xchacha20poly1305_ietf_encrypt(plain, NULL, plain, plain_length, data, sizeof data, NULL, seal->nonce,
                                               cipher->key);
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
    uint32_t length = (uint32_t)plain[0] << 24 | (uint32_t)plain[1] << 16 | (uint32_t)plain[2] << 8 | plain[3];
    if (length > plain_length - LENGTH_BYTES) {
        return does_not_fit(first, "its length does not fit", error);
    }
    *bytes = (struct text){length > 0 ? (const char *)plain + LENGTH_BYTES : NULL, length};
    return 0;
}
