/* What a journal's log still holds, for a repair: the blocks that follow on a good end of the database, and what of the
 * rest does not fit. Changes nothing on the disk. Blocks.
 */
#pragma once

#include "common/journal/tail.h"

struct salvage_from {
    const char *path; /* of the log; it may be missing */
    const struct side_cipher *cipher;
    struct position position; /* the good end that is known so far, and the chain's hash there */
    struct hash hash;
    journal_derive derive;
};

struct salvage {
    uint64_t base;            /* up to which the database held everything when the journal was closed last */
    uint64_t last;            /* the highest seq that the log, or its base, speaks of; 0: none */
    char why[ERROR_TEXT_MAX]; /* "", or what does not fit: then what is behind `tail` cannot be believed */
};

/* Fills `tail` with the blocks of the log that follow. A torn record at its end was never acknowledged and is no fault.
 * 0 also when there is no log, or it cannot be read as one; -ERR_NO_MEMORY, -ERR_IO. */
int salvage_log(const struct salvage_from *from, struct journal_tail *tail, struct salvage *found, struct error *error);
