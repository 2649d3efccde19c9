/* The headers of the log's records. */
#include "common/journal/record.h"

#include <sodium.h>

#include "common/journal/bytes.h"

#define MAGIC "CXRECORD"
#define MAGIC_BYTES 8
#define CHECKED_BYTES (RECORD_HEADER_BYTES - HASH_BYTES)

static const char key_name[] = "chaoxun journal log";

size_t record_bytes(const struct record *record) {
    size_t bytes = RECORD_HEADER_BYTES + (size_t)record->head_length + record->side_length;
    return (bytes + RECORD_SECTOR - 1) / RECORD_SECTOR * RECORD_SECTOR;
}

void record_key(const struct side_cipher *cipher, uint8_t key[RECORD_KEY_BYTES]) {
    crypto_generichash(key, RECORD_KEY_BYTES, (const uint8_t *)key_name, sizeof key_name - 1, cipher->key,
                       sizeof cipher->key);
}

static void authenticate(const uint8_t bytes[RECORD_HEADER_BYTES], const uint8_t key[RECORD_KEY_BYTES],
                         uint8_t mac[HASH_BYTES]) {
    crypto_generichash(mac, HASH_BYTES, bytes, CHECKED_BYTES, key, RECORD_KEY_BYTES);
}

static uint8_t *put_bytes(uint8_t *out, const void *bytes, size_t length) {
    memcpy(out, bytes, length);
    return out + length;
}

static const uint8_t *take_bytes(const uint8_t *from, void *out, size_t length) {
    memcpy(out, from, length);
    return from + length;
}

void record_encode(const struct record *record, const uint8_t key[RECORD_KEY_BYTES], uint8_t out[RECORD_HEADER_BYTES]) {
    uint8_t *next = put_bytes(out, MAGIC, MAGIC_BYTES);
    next = put_u64(next, record->journal);
    next = put_u64(next, record->epoch);
    next = put_u64(next, record->first);
    next = put_u32(next, record->count);
    next = put_bytes(next, record->previous.bytes, HASH_BYTES);
    next = put_bytes(next, record->hash.bytes, HASH_BYTES);
    next = put_u32(next, record->head_length);
    next = put_u32(next, record->side_length);
    next = put_bytes(next, record->nonce, SIDE_NONCE_BYTES);
    authenticate(out, key, next);
}

bool record_decode(const uint8_t bytes[RECORD_HEADER_BYTES], const uint8_t key[RECORD_KEY_BYTES],
                   struct record *record) {
    uint8_t mac[HASH_BYTES];
    if (memcmp(bytes, MAGIC, MAGIC_BYTES) != 0) {
        return false;
    }
    authenticate(bytes, key, mac);
    if (sodium_memcmp(mac, bytes + CHECKED_BYTES, HASH_BYTES) != 0) {
        return false;
    }
    const uint8_t *next = bytes + MAGIC_BYTES;
    *record = (struct record){
        .journal = get_u64(next), .epoch = get_u64(next + 8), .first = get_u64(next + 16), .count = get_u32(next + 24)};
    next = take_bytes(next + 28, record->previous.bytes, HASH_BYTES);
    next = take_bytes(next, record->hash.bytes, HASH_BYTES);
    record->head_length = get_u32(next);
    record->side_length = get_u32(next + 4);
    take_bytes(next + 8, record->nonce, SIDE_NONCE_BYTES);
    return true;
}
