/* Pages: the tally's rows as bytes, PAGE_ROWS at a time, and back.
 *
 * What can be made from the rows is not written: cells, members of activities, tables. Pages are read in the order of
 * their kinds, and within it by number; then pages_complete makes the rest. Reading checks every number against what
 * was read before, so that a page that does not fit is refused and harms nothing.
 */
#pragma once

#include "proto/codec.h"
#include "services/aggregator/tally.h"

/* What a row's bytes mean. Another version, or another table of programmes, is folded again instead. */
#define PAGES_VERSION 4

/* Kinds of rows: those of enum saved, then the ledgers of the books in their order. */
#define PAGES_KINDS_MAX 128
uint32_t pages_kinds(void);
struct dirty *pages_dirty(struct tally *tally, uint32_t kind);

uint32_t pages_rows(struct tally *tally, uint32_t kind); /* how many rows there are */
void pages_write(struct tally *tally, uint32_t kind, uint32_t page, struct buffer *out);

/* Position, chain hash, version and how many rows there are: what holds the pages together. */
void pages_write_head(struct tally *tally, struct buffer *out);
struct pages_head {
    struct position position;
    struct hash hash;
    uint32_t rows[PAGES_KINDS_MAX];
};
int pages_read_head(struct tally *tally, struct text bytes, struct pages_head *head); /* 0 or -ERR_CORRUPT */

/* Reading: room for what the head says, the pages, the rest. 0, -ERR_CORRUPT or -ERR_NO_MEMORY. */
int pages_expect(struct tally *tally, const struct pages_head *head);
int pages_read(struct tally *tally, uint32_t kind, struct text bytes);
int pages_complete(struct tally *tally);
