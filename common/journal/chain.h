/* The hash chain over block heads, and the commitment of an event to its side. BLAKE2b-256 (RFC 7693, libsodium).
 *
 *   start   = H("chaoxun journal" || u64be journal)
 *   next    = H(previous || u64be epoch || u64be first || u32be count || head bytes)
 *   commit  = H(salt || canonical side map)
 */
#pragma once

#include "proto/types.h"

#define SALT_BYTES 16

void chain_start(uint64_t journal, struct hash *out);
void chain_next(const struct hash *previous, uint64_t epoch, uint64_t first, uint32_t count, struct text head,
                struct hash *out);
void chain_commit(struct text salt, struct text side, struct hash *out);

/* First 8 bytes, big endian: what a position carries. */
uint64_t chain_short(const struct hash *hash);
