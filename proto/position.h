/* Positions: where in which journal something stands, as an opaque text.
 *
 * Text form: <journal 16 hex>.<epoch>.<seq>.<first 8 bytes of the chain hash in hex>, at most POSITION_TEXT_SIZE - 1
 * bytes. Clients compare positions for equality only and hand them back (at_least, Last-Event-ID). The hash is that
 * of the block which ends at or holds `seq`.
 */
#pragma once

#include "common/error.h"
#include "proto/types.h"

#define POSITION_TEXT_SIZE 80

struct position {
    uint64_t journal; /* random, made with the journal */
    uint64_t epoch;   /* 1 at first; each restore or repair begins a new one */
    uint64_t seq;     /* of the last event that is held; 0 at the beginning */
    uint64_t hash;    /* first 8 bytes of the block's chain hash, big endian; 0 at the beginning */
};

void position_format(const struct position *position, char out[POSITION_TEXT_SIZE]);

/* An empty text is the beginning of any journal (all zero). -ERR_BAD_POSITION otherwise. */
int position_parse(struct text text, struct position *out, struct error *error);
