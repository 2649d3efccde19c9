/* Digests and codings of which providers' signatures are made. Pure.
 *
 * SHA-256 and HMAC-SHA256 are libsodium's, which every process has anyway. MD5, which 云MAS alone asks for and no other
 * use may be made of, is libcrypto's: of the archive that the journal's chain takes SHA-256 from, MD5 is 5 KB more, and no
 * library is added.
 */
#pragma once

#include "proto/codec.h"

#define DIGEST_BYTES 32
#define DIGEST_HEX_SIZE 65 /* with the terminator, as the following */
#define DIGEST_BASE64_SIZE 45
#define DIGEST_MD5_SIZE 33

void digest_sha256(struct text bytes, char out[DIGEST_HEX_SIZE]);
void digest_hmac(struct text key, struct text bytes, uint8_t out[DIGEST_BYTES]);
void digest_hmac_hex(struct text key, struct text bytes, char out[DIGEST_HEX_SIZE]);
void digest_hmac_base64(struct text key, struct text bytes, char out[DIGEST_BASE64_SIZE]);
void digest_md5(struct text bytes, char out[DIGEST_MD5_SIZE]); /* in lower case */

/* Appends `bytes` with all but A-Z a-z 0-9 - _ . ~ percent-encoded (RFC 3986). */
void digest_escape(struct text bytes, struct buffer *out);

/* Appends base64 with its padding. */
void digest_base64(struct text bytes, struct buffer *out);

/* What a buffer holds. */
static inline struct text digest_text(const struct buffer *buffer) {
    return (struct text){(const char *)buffer->data, (uint32_t)buffer->length};
}
