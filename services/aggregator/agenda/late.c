/* Months that were late. */
#include "services/aggregator/agenda/late.h"

#include <stdlib.h>

#include "services/aggregator/agenda/agenda.h"
#include "services/aggregator/agenda/completeness.h"
#include "services/aggregator/agenda/present.h"
#include "services/aggregator/agenda/then.h"
#include "services/aggregator/column.h"
#include "services/aggregator/moments/moments.h"

#define LOOKED_AT_ONCE 64 /* months; each reads a setting */

struct late_making {
    struct late_month which;
    struct completeness then;
    struct squads squads; /* as they were then */
    struct then_walk walk;
};

static void stop_making(struct late_months *late) {
    if (late->making) {
        then_end(&late->making->walk);
        completeness_free(&late->making->then);
        squads_free(&late->making->squads);
    }
    free(late->making);
    late->making = NULL;
}

void late_free(struct late_months *late) {
    stop_making(late);
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

/* Keeps which squads owed something of the month then. */
static int keep(struct late_months *late, const struct late_month *which, const struct completeness *then) {
    struct late_month made = {.month = which->month, .due = which->due, .first = late->unit_count};
    int result = column_reserve(&late->items, &late->capacity, (uint64_t)late->count + 1, sizeof made);
    result = result < 0 ? result : add_units(late, &then->own, which->month);
    if (result < 0) {
        late->unit_count = made.first;
        return result;
    }
    made.count = late->unit_count - made.first;
    late->items[late->count++] = made;
    return 0;
}

static int make(struct tally *tally, struct squads *lent, const struct late_month *which) {
    struct completeness then;
    int result = completeness_at_end_of(&then, lent, tally, which, UNIT_NONE);
    result = result < 0 ? result : keep(&tally->agenda->late, which, &then);
    completeness_free(&then);
    return result;
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

/* ---- by the by ---- */

static int begin_making(struct tally *tally, const struct late_month *which) {
    struct late_making *making = calloc(1, sizeof *making);
    if (!making) {
        return -(int)ERR_NO_MEMORY;
    }
    tally->agenda->late.making = making;
    making->which = *which;
    int result = completeness_ask_end_of(&making->then, tally, which, UNIT_NONE);
    result = result < 0 ? result : squads_at(&making->squads, tally, making->then.at);
    making->then.squads = &making->squads;
    return result < 0 ? result : then_begin(&making->walk, &making->then, tally);
}

static int go_on_making(struct tally *tally, uint32_t most) {
    struct late_months *late = &tally->agenda->late;
    struct late_making *making = late->making;
    int left = then_step(&making->walk, most);
    bool done = left == 0;
    int result = done && !find(late, &making->which) ? keep(late, &making->which, &making->then) : left;
    if (done) {
        stop_making(late);
    }
    return result;
}

/* Looks for the next month that is over and not kept: 1; 0 when there is none, -ERR_NO_MEMORY. */
static int look_for(struct tally *tally, int32_t today) {
    struct late_months *late = &tally->agenda->late;
    const struct owings *owings = present_owings(tally);
    const struct completeness now = {.at = AT_HEAD};
    for (uint32_t i = 0; i < LOOKED_AT_ONCE && late->looked < owings->month_count; i++) {
        const struct owed_month *month = &owings->months[late->looked++];
        int32_t month_day = completeness_setting(&now, tally, month->unit, FOLD_MONTH_DUE_DAY);
        struct late_month which = {.month = month->month, .due = month_first_day(month->month + 1) + month_day - 1};
        if (today > which.due && !find(late, &which)) {
            int result = begin_making(tally, &which);
            return result < 0 ? result : 1;
        }
    }
    return late->looked < owings->month_count;
}

bool late_warm(struct tally *tally, uint32_t most) {
    struct late_months *late = &tally->agenda->late;
    int32_t today = moments_today(tally, AT_HEAD);
    if (today == DAY_UNKNOWN || !tally->agenda->present) {
        return false;
    }
    if (late->looked_on != today) {
        late->looked_on = today;
        late->looked = 0;
    }
    int result = late->making ? go_on_making(tally, most) : look_for(tally, today);
    if (result < 0) {
        stop_making(late);
        return false;
    }
    return late->making || late->looked < present_owings(tally)->month_count;
}
