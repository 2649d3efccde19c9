/* Ledgers. */
#include "services/aggregator/ledger.h"

#include <assert.h>
#include <stdlib.h>

#include "common/error.h"
#include "services/aggregator/column.h"

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "rows are saved as they lie in memory");

void ledger_start(struct ledger *ledger, uint32_t row_size) {
    *ledger = (struct ledger){.row_size = row_size};
}

void ledger_free(struct ledger *ledger) {
    free(ledger->rows);
    dirty_free(&ledger->dirty);
    *ledger = (struct ledger){.row_size = ledger->row_size};
}

uint32_t ledger_add(struct ledger *ledger, const void *row) {
    uint64_t needed = (uint64_t)ledger->count + 1;
    if (column_reserve(&ledger->rows, &ledger->capacity, needed, ledger->row_size) < 0 ||
        dirty_mark(&ledger->dirty, ledger->count) < 0) {
        return LEDGER_NONE;
    }
    memcpy(ledger_row(ledger, ledger->count), row, ledger->row_size);
    return ledger->count++;
}

int ledger_changed(struct ledger *ledger, uint32_t number) {
    assert(number < ledger->count);
    return dirty_mark(&ledger->dirty, number);
}

int ledger_end(struct ledger *ledger, uint32_t number, uint64_t seq) {
    struct version *version = ledger_row(ledger, number);
    assert(number < ledger->count && version->until == 0);
    version->until = seq;
    return ledger_changed(ledger, number);
}

uint32_t ledger_replace(struct ledger *ledger, uint32_t number, void *row, uint64_t seq) {
    *(struct version *)row = (struct version){.since = seq};
    return ledger_end(ledger, number, seq) < 0 ? LEDGER_NONE : ledger_add(ledger, row);
}
