/* Sums of units under squads. */
#include "services/aggregator/agenda/below.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "services/aggregator/agenda/agenda.h"
#include "services/aggregator/column.h"

void below_free(struct below *below) {
    owings_free(&below->sums);
    free(below->added);
    *below = (struct below){0};
}

/* ---- what was added, in two bytes: the day of what is outstanding, else the month ---- */

#define MONTH_LEAST 360  /* of DAY_LEAST */
#define MONTHS_MOST 1212 /* up to DAY_MOST */
#define CODE_DAYS 1
#define CODE_IN_TIME (CODE_DAYS + DAY_MOST - DAY_LEAST + 1)
#define CODE_LATE (CODE_IN_TIME + MONTHS_MOST)

static_assert(CODE_LATE + MONTHS_MOST <= UINT16_MAX, "everything that may be added has its number");

static uint16_t code_of(const struct owed *owed) {
    int32_t month = period_of(owed->last_day, BY_MONTH) - MONTH_LEAST;
    return (uint16_t)(owed->in_time ? CODE_IN_TIME + month
                      : owed->late  ? CODE_LATE + month
                                    : CODE_DAYS + owed->last_day - DAY_LEAST);
}

static struct owed owed_of(uint32_t unit, uint16_t code) {
    if (code < CODE_IN_TIME) {
        return (struct owed){.unit = unit, .last_day = DAY_LEAST + code - CODE_DAYS};
    }
    bool in_time = code < CODE_LATE;
    int32_t month = MONTH_LEAST + code - (in_time ? CODE_IN_TIME : CODE_LATE);
    return (struct owed){.unit = unit, .last_day = month_first_day(month), .in_time = in_time, .late = !in_time};
}

/* ---- one activity ---- */

/* What was added for the activity, for whichever version of it. */
static void take_out(struct below *below, const struct agenda *agenda, uint32_t activity) {
    for (uint32_t link = agenda_knows(agenda, activity) ? agenda->latest[activity] : 0; link != 0;
         link = agenda->before[link - 1]) {
        const struct planned *planned = ledger_row(&agenda->planned, link - 1);
        for (uint32_t i = 0; i < planned->holder_count && planned->holders + i < below->count; i++) {
            uint16_t *added = &below->added[planned->holders + i];
            if (*added != 0) {
                struct owed owed = owed_of(agenda_holder(agenda, planned, i), *added);
                owings_discount(&below->sums, &owed);
            }
            *added = 0;
        }
    }
}

static int reserve(struct below *below, uint32_t count) {
    int result = column_reserve(&below->added, &below->capacity, count, sizeof *below->added);
    if (result == 0 && below->count < count) {
        memset(below->added + below->count, 0, (count - below->count) * sizeof *below->added);
        below->count = count;
    }
    return result;
}

/* Beside the unit among the holders of what it is owed for. */
static int put_in(struct below *below, const struct agenda *agenda, const struct owed *owed) {
    const struct planned *planned = agenda_version(agenda, owed->planned, AT_HEAD);
    uint32_t which = 0;
    while (agenda_holder(agenda, planned, which) != owed->unit) {
        which++;
        assert(which < planned->holder_count);
    }
    int result = reserve(below, planned->holders + planned->holder_count);
    if (result == 0) {
        assert(below->added[planned->holders + which] == 0);
        below->added[planned->holders + which] = code_of(owed);
        result = owings_sum(&below->sums, owed);
    }
    return result;
}

int below_derive(struct below *below, struct derivation *derivation, uint32_t activity) {
    const struct agenda *agenda = derivation->tally->agenda;
    uint32_t alone;
    uint32_t count;
    const uint32_t *set = derivation_set(derivation, activity, &alone, &count);
    for (uint32_t i = 0; i < count; i++) {
        take_out(below, agenda, set[i]);
    }
    derivation->below = true;
    int result = derive(derivation, activity);
    derivation->below = false;
    for (uint32_t i = 0; i < derivation->count && result == 0; i++) {
        result = put_in(below, agenda, &derivation->found[i]);
    }
    return result;
}
