/* The agenda: activities that were planned, who holds them, and their days, over time.
 *
 * Each squad that holds one owes a report of it. A change is a new version; a cancelled activity has none that stands.
 *
 *   agenda.c        the book: rows, saving, folding, the versions of an activity and of a month
 *   owings.c        what is owed and what of it came, by squad, month and day: sums and what is outstanding
 *   derive.c        what is owed for one activity at a moment, from the book and the reports
 *   present.c       the owings as they stand, kept from one question to the next
 *   below.c         sums of what units under squads owe, each for itself, as they stand
 *   late.c          months that were late, kept
 *   completeness.c  what a question is about, and the owings that answer it
 *   then.c          the owings as they stood earlier
 *   rows.c          the answers
 */
#pragma once

#include "services/aggregator/agenda/late.h"
#include "services/aggregator/book.h"

#define AGENDA_MONTHS (12 * 140) /* from 1970 on; what lies outside stands in the first or the last of them */

struct planned {
    struct version version;
    uint32_t activity; /* number among the reports */
    int32_t last_day;  /* or DAY_NONE */
    uint32_t holders;  /* the first of them in the ledger of holders */
    uint32_t holder_count;
};

struct present;

struct agenda {
    struct ledger holders; /* of uint32_t: units */
    struct ledger planned;

    /* made from the rows; links are rows of `planned` plus one, 0 is none */
    uint32_t *latest; /* by activity: its last version, also one that was ended */
    uint32_t latest_count;
    uint32_t latest_capacity;
    uint32_t *before; /* by row: the version before it */
    uint32_t before_capacity;
    uint32_t *next; /* by row: another one of its month */
    uint32_t next_capacity;
    uint32_t months[AGENDA_MONTHS]; /* the newest row of each */
    struct present *present;        /* NULL until a question needs it */
    struct late_months late;
};

/* The activity's last day as it stands now; DAY_NONE when it is not planned or has no day. */
int32_t agenda_last_day(const struct tally *tally, uint32_t activity);

/* The version of the activity that stands at `at`; NULL when none does. */
const struct planned *agenda_version(const struct agenda *agenda, uint32_t activity, uint64_t at);

/* The place of a month in `months`. */
uint32_t agenda_month(int32_t month);

/* Whether its last day ever lay in one of the months. */
bool agenda_was_in(const struct agenda *agenda, uint32_t activity, struct range months);

/* Whether the activity was ever planned. */
static inline bool agenda_knows(const struct agenda *agenda, uint32_t activity) {
    return activity < agenda->latest_count && agenda->latest[activity] != 0;
}

static inline uint32_t agenda_holder(const struct agenda *agenda, const struct planned *planned, uint32_t which) {
    return *(const uint32_t *)ledger_row(&agenda->holders, planned->holders + which);
}

/* present.c: what is owed for the activity may be other than it was. Costs nothing before the first question. 0 or
 * -ERR_NO_MEMORY. */
int agenda_note(struct tally *tally, uint32_t activity);
void present_free(struct present **present);
