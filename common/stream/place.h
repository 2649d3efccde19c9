/* A place in the chain: where a consumer stands, whether a journal goes on from there, and whether a block that comes
 * over the wire follows. Pure: tests/model searches every run of it. */
#pragma once

#include "common/journal/journal.h"

struct place {
    struct position position;
    struct hash hash; /* of the chain there */
};

/* Whether the journal whose head is `head` goes on from `position`; `at` is the position of its block that holds that
 * seq, NULL when there is none. -ERR_OTHER_JOURNAL, -ERR_AHEAD, -ERR_HASH_DIFFERS, or -ERR_BAD_POSITION when it is not
 * the end of a block. */
int place_admit(const struct position *position, const struct position *head, const struct position *at,
                struct error *error);

/* Learns the journal's id. -ERR_OTHER_JOURNAL when the place is in another one. */
int place_enter(struct place *place, const struct position *head, struct error *error);

/* Makes `block` of what came, if it follows: no gap, no older epoch, the chain's hash. Its bytes are borrowed from
 * `wire`. `after` is the place behind it. -ERR_CORRUPT says what does not fit. */
int place_follow(const struct place *place, const struct wire_stream_block *wire, struct journal_block *block,
                 struct place *after, struct error *error);
