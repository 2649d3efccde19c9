/* A place in the chain: where a consumer stands, and whether a block that comes over the wire follows there. */
#pragma once

#include "common/journal/journal.h"

struct place {
    struct position position;
    struct hash hash; /* of the chain there */
};

/* Learns the journal's id. -ERR_OTHER_JOURNAL when the place is in another one. */
int place_enter(struct place *place, const struct position *head, struct error *error);

/* Makes `block` of what came, if it follows: no gap, no older epoch, the chain's hash. Its bytes are borrowed from
 * `wire`. `after` is the place behind it. -ERR_CORRUPT says what does not fit. */
int place_follow(const struct place *place, const struct wire_stream_block *wire, struct journal_block *block,
                 struct place *after, struct error *error);
