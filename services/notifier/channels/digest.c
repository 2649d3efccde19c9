/* Digests by libsodium and, MD5, by libcrypto. */
#include "services/notifier/channels/digest.h"

#include <sodium.h>

/* The functions of OpenSSL 1.1, as common/journal/chain.c says. */
#define OPENSSL_API_COMPAT 10101
#include <openssl/md5.h>

static const unsigned char *bytes_of(struct text text) {
    return (const unsigned char *)(text.length > 0 ? text.data : "");
}

void digest_sha256(struct text bytes, char out[DIGEST_HEX_SIZE]) {
    uint8_t hash[crypto_hash_sha256_BYTES];
    crypto_hash_sha256(hash, bytes_of(bytes), bytes.length);
    sodium_bin2hex(out, DIGEST_HEX_SIZE, hash, sizeof hash);
}

void digest_hmac(struct text key, struct text bytes, uint8_t out[DIGEST_BYTES]) {
    crypto_auth_hmacsha256_state state;
    crypto_auth_hmacsha256_init(&state, bytes_of(key), key.length);
    crypto_auth_hmacsha256_update(&state, bytes_of(bytes), bytes.length);
    crypto_auth_hmacsha256_final(&state, out);
    sodium_memzero(&state, sizeof state);
}

void digest_hmac_hex(struct text key, struct text bytes, char out[DIGEST_HEX_SIZE]) {
    uint8_t mac[DIGEST_BYTES];
    digest_hmac(key, bytes, mac);
    sodium_bin2hex(out, DIGEST_HEX_SIZE, mac, sizeof mac);
}

void digest_hmac_base64(struct text key, struct text bytes, char out[DIGEST_BASE64_SIZE]) {
    uint8_t mac[DIGEST_BYTES];
    digest_hmac(key, bytes, mac);
    sodium_bin2base64(out, DIGEST_BASE64_SIZE, mac, sizeof mac, sodium_base64_VARIANT_ORIGINAL);
}

void digest_md5(struct text bytes, char out[DIGEST_MD5_SIZE]) {
    uint8_t hash[MD5_DIGEST_LENGTH];
    MD5(bytes_of(bytes), bytes.length, hash);
    sodium_bin2hex(out, DIGEST_MD5_SIZE, hash, sizeof hash);
}

static bool is_unreserved(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
           c == '.' || c == '~';
}

void digest_escape(struct text bytes, struct buffer *out) {
    static const char digits[] = "0123456789ABCDEF";
    for (uint32_t i = 0; i < bytes.length; i++) {
        unsigned char byte = (unsigned char)bytes.data[i];
        const char escaped[] = {'%', digits[byte >> 4], digits[byte & 15]};
        bool plain = is_unreserved(bytes.data[i]);
        buffer_append(out, plain ? &bytes.data[i] : escaped, plain ? 1 : sizeof escaped);
    }
}

void digest_base64(struct text bytes, struct buffer *out) {
    size_t size = sodium_base64_ENCODED_LEN(bytes.length, sodium_base64_VARIANT_ORIGINAL);
    char *room = buffer_extend(out, size);
    if (room) {
        sodium_bin2base64(room, size, bytes_of(bytes), bytes.length, sodium_base64_VARIANT_ORIGINAL);
        out->length--; /* the terminator */
    }
}
