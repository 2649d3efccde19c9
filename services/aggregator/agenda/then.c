/* What squads owed at an earlier moment, from what they owe now. */
#include "services/aggregator/agenda/then.h"

#include <stdlib.h>

#include "services/aggregator/agenda/agenda.h"
#include "services/aggregator/agenda/derive.h"
#include "services/aggregator/agenda/present.h"
#include "services/aggregator/moments/moments.h"

#define SETTLED_DAYS 20 /* behind the end of a month: by then most of its reports have come */

/* The last month that is taken from what is owed now. */
static int32_t kept_until(const struct completeness *completeness, const struct tally *tally) {
    int32_t today = moments_today(tally, completeness->at);
    bool may = today != DAY_UNKNOWN && completeness_is_of_squads(completeness, completeness->squads) &&
               present_is_like(tally, completeness->squads);
    return may ? period_of(today - SETTLED_DAYS, BY_MONTH) - 1 : INT32_MIN;
}

static bool is_kept(const struct completeness *completeness, const struct tally *tally, uint32_t unit, int32_t month) {
    return then_is_kept(completeness, month) && units_within(&tally->units, unit, completeness->unit);
}

static int keep_months(struct completeness *completeness, const struct tally *tally) {
    const struct owings *now = present_owings(tally);
    int result = 0;
    for (uint32_t i = 0; i < now->month_count && result == 0; i++) {
        const struct owed_month *month = &now->months[i];
        bool kept = is_kept(completeness, tally, month->unit, month->month);
        result = kept ? owings_keep(&completeness->own, month) : 0;
    }
    return result;
}

/* What is owed now for the activity, out of the months that were kept. */
static void take_out(struct completeness *completeness, const struct tally *tally, uint32_t activity) {
    const struct owings *now = present_owings(tally);
    for (uint32_t link = owings_first(now, activity); link != 0; link = now->items[link - 1].sister) {
        const struct owed *owed = &now->items[link - 1];
        if (is_kept(completeness, tally, owed->unit, now->months[owed->month].month)) {
            owings_discount(&completeness->own, owed);
        }
    }
}

static int put_in(struct completeness *completeness, struct derivation *derivation, uint32_t activity) {
    int result = derive(derivation, activity);
    for (uint32_t i = 0; i < derivation->count && result == 0; i++) {
        result = owings_count(&completeness->own, &derivation->found[i]);
    }
    return result;
}

/* Whether a unit that is asked for holds it. What a unit owes is owed for a row that it holds, in the month of that row: others are
 * passed over. */
static bool is_asked_for(const struct completeness *completeness, const struct tally *tally,
                         const struct planned *row) {
    bool asked = completeness->unit == UNIT_NONE;
    for (uint32_t i = 0; i < row->holder_count && !asked; i++) {
        asked = units_within(&tally->units, agenda_holder(tally->agenda, row, i), completeness->unit);
    }
    return asked;
}

/* ---- activities that stand alone ---- */

static int visit_kept(struct completeness *completeness, struct derivation *derivation, const struct planned *row) {
    const struct tally *tally = derivation->tally;
    if (!present_changed(tally, row->activity, completeness->at) || present_is_merged(tally, row->activity)) {
        return 0;
    }
    if (row->version.until == 0) {
        take_out(completeness, tally, row->activity);
    }
    return version_stands(&row->version, completeness->at) ? put_in(completeness, derivation, row->activity) : 0;
}

/* Of activities that became one, the first that is met stands for all. */
static int visit_other(struct completeness *completeness, struct derivation *derivation, const struct planned *row) {
    uint32_t count;
    if (!version_stands(&row->version, completeness->at)) {
        return 0;
    }
    if (completeness->kept_until != INT32_MIN) {
        bool apart = present_is_merged(derivation->tally, row->activity);
        return apart ? 0 : put_in(completeness, derivation, row->activity);
    }
    if (merged_members(derivation->merged, row->activity, &count)) {
        int first = owings_visit(&completeness->own, merged_root(derivation->merged, row->activity));
        if (first <= 0) {
            return first;
        }
    }
    return put_in(completeness, derivation, row->activity);
}

static int visit(struct then_walk *walk, const struct planned *row) {
    struct completeness *completeness = walk->completeness;
    bool kept = then_is_kept(completeness, (int32_t)walk->month);
    if (!is_asked_for(completeness, walk->derivation.tally, row)) {
        return 0;
    }
    return kept ? visit_kept(completeness, &walk->derivation, row) : visit_other(completeness, &walk->derivation, row);
}

/* Goes to the next row; false when there is none left. */
static bool advance(struct then_walk *walk, const struct agenda *agenda) {
    uint32_t last = agenda_month(walk->completeness->months.to);
    while (walk->month <= last) {
        if (!walk->in_month) {
            walk->in_month = true;
            walk->link = agenda->months[walk->month];
        }
        if (walk->link != 0) {
            return true;
        }
        walk->in_month = false;
        walk->month++;
    }
    return false;
}

/* Every activity that had its last day in one of the months. What became one with it may have a later one: such a month is
 * not asked for, and left out of the answer. */
int then_step(struct then_walk *walk, uint32_t most) {
    const struct agenda *agenda = walk->derivation.tally->agenda;
    int result = 0;
    bool more = advance(walk, agenda);
    for (uint32_t done = 0; done < most && more && result == 0; done++) {
        uint32_t link = walk->link;
        walk->link = agenda->next[link - 1];
        result = visit(walk, ledger_row(&agenda->planned, link - 1));
        more = advance(walk, agenda);
    }
    return result < 0 ? result : more;
}

/* ---- activities that are one with others now ---- */

/* Out of what is owed now, where it is owed for all that is one now; and what was owed for each of those that were one then. */
static int visit_sets(struct completeness *completeness, struct derivation *derivation, const bool *asked) {
    const struct merged *now = present_merged(derivation->tally);
    int result = 0;
    for (uint32_t i = 0; i < now->count && result >= 0; i++) {
        if (asked[now->roots[i]]) {
            take_out(completeness, derivation->tally, now->numbers[i]);
            result = owings_visit(&completeness->own, merged_root(derivation->merged, now->numbers[i]));
            result = result <= 0 ? result : put_in(completeness, derivation, now->numbers[i]);
        }
    }
    return result < 0 ? result : 0;
}

/* Of those that are one now, if one ever lay in a month that is asked for, all are looked at. */
static int visit_merged(struct completeness *completeness, struct derivation *derivation) {
    const struct merged *now = present_merged(derivation->tally);
    bool *asked = calloc((size_t)now->count + 1, sizeof *asked);
    if (!asked) {
        return -(int)ERR_NO_MEMORY;
    }
    for (uint32_t i = 0; i < now->count; i++) {
        bool was = agenda_was_in(derivation->tally->agenda, now->numbers[i], completeness->months);
        asked[now->roots[i]] = asked[now->roots[i]] || was;
    }
    int result = visit_sets(completeness, derivation, asked);
    free(asked);
    return result;
}

int then_begin(struct then_walk *walk, struct completeness *completeness, struct tally *tally) {
    *walk = (struct then_walk){.completeness = completeness, .month = agenda_month(completeness->months.from)};
    walk->derivation = (struct derivation){.tally = tally,
                                           .at = completeness->at,
                                           .top = completeness->unit,
                                           .squads = completeness->squads,
                                           .merged = &walk->merged};
    int result = merged_make(&walk->merged, tally, completeness->at);
    return result < 0 ? result : merged_group(&walk->merged);
}

void then_end(struct then_walk *walk) {
    derivation_free(&walk->derivation);
    merged_free(&walk->merged);
}

static int take_kept(struct then_walk *walk) {
    int result = keep_months(walk->completeness, walk->derivation.tally);
    return result < 0 ? result : visit_merged(walk->completeness, &walk->derivation);
}

int then_collect(struct completeness *completeness, struct tally *tally) {
    struct then_walk walk = {0};
    int result = completeness->at == AT_HEAD ? 0 : present_follow(tally);
    completeness->kept_until = result > 0 ? kept_until(completeness, tally) : INT32_MIN;
    result = result < 0 ? result : then_begin(&walk, completeness, tally);
    result = result < 0 || completeness->kept_until == INT32_MIN ? result : take_kept(&walk);
    result = result < 0 ? result : then_step(&walk, UINT32_MAX);
    then_end(&walk);
    return result;
}
