/* A ledger: rows of one kind, numbered from 0, that are saved, loaded and compared as they lie in memory.
 *
 * A row is a struct of fixed size without padding and without pointers: integers, ids, numbers of rows elsewhere. Unused
 * members are zero, so that the same events always give the same bytes. What has text keeps its number among the names.
 *
 * Rows that figures are made of begin with a `struct version`: they are never overwritten. What changes is ended and
 * stands in a new row, so that a question can be answered as it stood at any position:
 *
 *     struct problem { struct version version; uint32_t unit; ... };
 *     for (uint32_t i = 0; i < ledger->count; i++) {
 *         const struct problem *row = ledger_row(ledger, i);
 *         if (version_stands(&row->version, at)) ...
 *
 * Rows move when one is added: keep numbers, not pointers.
 */
#pragma once

#include "proto/types.h"
#include "services/aggregator/dirty.h"

#define LEDGER_NONE UINT32_MAX
#define AT_HEAD UINT64_MAX /* as it stands now */

/* From which event on a row holds, and from which on no longer (0: it stands). Numbers of the journal. */
struct version {
    uint64_t since;
    uint64_t until;
};

struct ledger {
    uint8_t *rows;
    uint32_t count;
    uint32_t capacity;
    uint32_t row_size;
    struct dirty dirty; /* pages that are to be saved */
};

static inline bool version_stands(const struct version *version, uint64_t at) {
    return version->since <= at && (version->until == 0 || at < version->until);
}

void ledger_start(struct ledger *ledger, uint32_t row_size);
void ledger_free(struct ledger *ledger);

/* Adds a copy of `row`; its number, or LEDGER_NONE when there is no memory. */
uint32_t ledger_add(struct ledger *ledger, const void *row);

static inline void *ledger_row(const struct ledger *ledger, uint32_t number) {
    return ledger->rows + (size_t)number * ledger->row_size;
}

/* A row was changed in place. 0 or -ERR_NO_MEMORY. */
int ledger_changed(struct ledger *ledger, uint32_t number);

/* The row, which begins with a version, holds no longer from `seq` on. 0 or -ERR_NO_MEMORY. */
int ledger_end(struct ledger *ledger, uint32_t number, uint64_t seq);

/* Ends the row and adds `row` in its place, with `seq` as its beginning. The new number, or LEDGER_NONE. */
uint32_t ledger_replace(struct ledger *ledger, uint32_t number, void *row, uint64_t seq);
