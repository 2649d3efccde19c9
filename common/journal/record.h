/* A block as it lies in the log (log.h): a header, the head, the sealed side, zeros up to the next sector.
 *
 *   header = "CXRECORD" || u64be journal || u64be epoch || u64be first || u32be count || previous hash || hash ||
 *            u32be head length || u32be side length || nonce || MAC of all before
 *
 * The MAC is BLAKE2b-256 with a key that is made from the side key: what a client sends may stand in a head, at the
 * beginning of a sector too, and must never be taken for a record. What follows the header needs no checksum of its
 * own: the hash covers the head (chain.h), the side is authenticated (side.h). Numbers are big endian. Pure.
 */
#pragma once

#include "common/journal/side.h"

#define RECORD_SECTOR 512 /* what a disk writes whole; records begin at one, so none shares a sector with another */
#define RECORD_KEY_BYTES 32
#define RECORD_HEADER_BYTES (8 + 3 * 8 + 4 + 2 * HASH_BYTES + 2 * 4 + SIDE_NONCE_BYTES + HASH_BYTES)

struct record {
    uint64_t journal;
    uint64_t epoch;
    uint64_t first;
    uint32_t count;
    struct hash previous;
    struct hash hash;
    uint32_t head_length;
    uint32_t side_length;
    uint8_t nonce[SIDE_NONCE_BYTES];
};

static inline uint64_t record_end(const struct record *record) {
    return record->first + record->count - 1;
}

/* With header and zeros. */
size_t record_bytes(const struct record *record);

void record_key(const struct side_cipher *cipher, uint8_t key[RECORD_KEY_BYTES]);

void record_encode(const struct record *record, const uint8_t key[RECORD_KEY_BYTES], uint8_t out[RECORD_HEADER_BYTES]);

/* Whether this is the header of a record that was written with this key. */
bool record_decode(const uint8_t bytes[RECORD_HEADER_BYTES], const uint8_t key[RECORD_KEY_BYTES],
                   struct record *record);
