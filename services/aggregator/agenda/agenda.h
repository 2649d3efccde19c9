/* The agenda: activities that were planned, who holds them, and their days, over time.
 *
 * Each squad that holds one owes a report of it. A change is a new version; a cancelled activity has none that stands.
 */
#pragma once

#include "services/aggregator/book.h"

struct planned {
    struct version version;
    uint32_t activity; /* number among the reports */
    int32_t last_day;  /* or DAY_NONE */
    uint32_t holders;  /* the first of them in the ledger of holders */
    uint32_t holder_count;
};

struct agenda {
    struct ledger holders; /* of uint32_t: units */
    struct ledger planned;
    uint32_t *standing; /* by activity: its row plus one; 0: none stands */
    uint32_t standing_count;
    uint32_t standing_capacity;
};

/* The activity's last day as it stands now; DAY_NONE when it is not planned or has no day. */
int32_t agenda_last_day(const struct tally *tally, uint32_t activity);

static inline uint32_t agenda_holder(const struct agenda *agenda, const struct planned *planned, uint32_t which) {
    return *(const uint32_t *)ledger_row(&agenda->holders, planned->holders + which);
}
