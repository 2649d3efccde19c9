/* Months that were late. */
#include "services/aggregator/agenda/late.h"

#include <stdlib.h>

#include "services/aggregator/agenda/agenda.h"
#include "services/aggregator/agenda/completeness.h"
#include "services/aggregator/column.h"

void late_free(struct late_months *late) {
    free(late->items);
    free(late->units);
    *late = (struct late_months){0};
}

static const struct late_month *find(const struct late_months *late, const struct late_month *which) {
    for (uint32_t i = 0; i < late->count; i++) {
        if (late->items[i].month == which->month && late->items[i].due == which->due) {
            return &late->items[i];
        }
    }
    return NULL;
}

/* The squads that owed something of the month at the end of the day. */
static int add_units(struct late_months *late, const struct owings *owings, int32_t month) {
    int result = 0;
    for (uint32_t i = 0; i < owings->month_count && result == 0; i++) {
        if (owings->months[i].month != month || owings_outstanding(&owings->months[i]) == 0) {
            continue;
        }
        result =
            column_reserve(&late->units, &late->unit_capacity, (uint64_t)late->unit_count + 1, sizeof *late->units);
        if (result == 0) {
            late->units[late->unit_count++] = owings->months[i].unit;
        }
    }
    return result;
}

static int make(struct tally *tally, struct squads *lent, const struct late_month *which) {
    struct late_months *late = &tally->agenda->late;
    struct late_month made = {.month = which->month, .due = which->due, .first = late->unit_count};
    struct completeness then;
    int result = column_reserve(&late->items, &late->capacity, (uint64_t)late->count + 1, sizeof made);
    if (result < 0) {
        return result;
    }
    result = completeness_at_end_of(&then, lent, tally, which, UNIT_NONE);
    result = result < 0 ? result : add_units(late, then.owings, which->month);
    completeness_free(&then);
    if (result < 0) {
        late->unit_count = made.first;
        return result;
    }
    made.count = late->unit_count - made.first;
    late->items[late->count++] = made;
    return 0;
}

int late_look(struct tally *tally, struct squads *lent, const struct late_month *which, uint32_t unit, bool *late) {
    const struct late_months *kept = &tally->agenda->late;
    int result = find(kept, which) ? 0 : make(tally, lent, which);
    const struct late_month *found = result == 0 ? find(kept, which) : NULL;
    *late = false;
    for (uint32_t i = 0; found && i < found->count; i++) {
        *late = *late || kept->units[found->first + i] == unit;
    }
    return result;
}
