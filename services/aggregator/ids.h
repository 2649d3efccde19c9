/* Ids with numbers: which row of a book an id stands for.
 *
 * Numbers rise from 0 in the order of adding; each id stands once. The ids are a ledger, so they are saved with their book.
 */
#pragma once

#include "services/aggregator/ledger.h"
#include "services/aggregator/table.h"

#define IDS_NONE LEDGER_NONE

struct ids {
    struct ledger ledger; /* of struct id */
    struct table table;
};

void ids_start(struct ids *ids);
void ids_free(struct ids *ids);

/* The number of `id`, which is added when it is new; IDS_NONE when there is no memory. */
uint32_t ids_number(struct ids *ids, const struct id *id);
uint32_t ids_find(const struct ids *ids, const struct id *id); /* IDS_NONE when it is not there */

static inline const struct id *ids_at(const struct ids *ids, uint32_t number) {
    return ledger_row(&ids->ledger, number);
}

/* After the ledger was read back. 0, -ERR_NO_MEMORY, or -ERR_CORRUPT when an id occurs twice. */
int ids_complete(struct ids *ids);
