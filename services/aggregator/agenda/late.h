/* Months that were late 月报迟报: of which something was outstanding when their due day ended. What was so at the end of a day
 * that is over never changes, so it is derived once and kept: by the by, or by the first question for it.
 */
#pragma once

#include "services/aggregator/squads.h"

struct late_month {
    int32_t month;
    int32_t due;    /* the day */
    uint32_t first; /* of its squads, in `units` */
    uint32_t count;
};

struct late_making;

struct late_months {
    struct late_month *items;
    uint32_t count;
    uint32_t capacity;
    uint32_t *units; /* squads as they were then */
    uint32_t unit_count;
    uint32_t unit_capacity;
    struct late_making *making; /* the month that is made by the by; NULL: none */
    uint32_t looked;            /* so many months of what is owed now were looked at by the by, */
    int32_t looked_on;          /* on this day */
};

void late_free(struct late_months *late);

/* Whether the squad's month was late when the day `due`, which is over, ended. `lent` lends its memory. 0 or
 * -ERR_NO_MEMORY. */
int late_look(struct tally *tally, struct squads *lent, const struct late_month *which, uint32_t unit, bool *late);

/* By the by, when what is owed now is made: looks at so many activities of a month that is over, or for such a month. False when
 * nothing is left, or it cannot be made (a question will say why). */
bool late_warm(struct tally *tally, uint32_t most);
