/* A digest: what a tally says, row by row as short hashes, so that two tallies can be compared and the first row that
 * differs is named.
 *
 * It covers units, clients, reports with their activities, the figures of every day, and the books page by page; nothing that depends on how
 * the tally came about (order of lists, sums of longer periods, memory). Taking one walks the whole tally.
 */
#pragma once

#include "services/aggregator/tally.h"

enum digest_kind { DIGEST_UNIT, DIGEST_CLIENT, DIGEST_REPORT, DIGEST_DAY, DIGEST_PAGE };

struct digest_row {
    enum digest_kind kind;
    uint32_t number; /* of the unit, client, report; unit * SLOTS + slot of a day; of the ledger of a page */
    int32_t day;     /* PERIOD_NONE: reports without a day; the number of a page */
    uint64_t hash;
};

struct digest {
    struct position position;
    struct digest_row *rows;
    uint32_t count;
    uint32_t capacity;
};

/* 0 or -ERR_NO_MEMORY. */
int digest_take(struct tally *tally, struct digest *digest);
void digest_free(struct digest *digest);

/* One hash over all. */
void digest_hash(const struct digest *digest, struct hash *out);

/* True when both say the same; else `difference` names the first row that differs, in the words of `tally`, from which
 * one of them was taken. */
bool digest_compare(const struct digest *expected, const struct digest *found, const struct tally *tally,
                    char *difference, size_t size);
