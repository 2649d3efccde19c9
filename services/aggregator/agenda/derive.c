/* What is owed for one activity. */
#include "services/aggregator/agenda/derive.h"

#include <stdlib.h>

#include "services/aggregator/agenda/agenda.h"
#include "services/aggregator/column.h"
#include "services/aggregator/history/history.h"

void derivation_free(struct derivation *derivation) {
    free(derivation->found);
    derivation->found = NULL;
    derivation->count = derivation->capacity = 0;
}

const uint32_t *derivation_set(const struct derivation *derivation, uint32_t activity, uint32_t *alone,
                               uint32_t *count) {
    const uint32_t *set = merged_members(derivation->merged, activity, count);
    if (!set) {
        *alone = activity;
        *count = 1;
        set = alone;
    }
    return set;
}

/* NULL when the squad owes nothing. */
static struct owed *find_unit(const struct derivation *derivation, uint32_t unit) {
    for (uint32_t i = 0; i < derivation->count; i++) {
        if (derivation->found[i].unit == unit) {
            return &derivation->found[i];
        }
    }
    return NULL;
}

/* In whose row the unit's activities and reports stand; UNIT_NONE: in none. */
static uint32_t row_of(const struct derivation *derivation, uint32_t unit) {
    const struct squads *squads = derivation->squads;
    if (derivation->below) {
        return squads_is_below(squads, unit) ? unit : UNIT_NONE;
    }
    bool within = units_within(&derivation->tally->units, unit, derivation->top);
    return within ? squads_of(squads, unit, derivation->top) : UNIT_NONE;
}

/* ---- what is owed ---- */

static int add_holder(struct derivation *derivation, const struct planned *planned, uint32_t unit, uint32_t root) {
    struct owed *known = find_unit(derivation, unit);
    if (known) {
        bool later = planned->last_day > known->last_day ||
                     (planned->last_day == known->last_day && planned->activity < known->planned);
        known->planned = later ? planned->activity : known->planned;
        known->last_day = later ? planned->last_day : known->last_day;
        return 0;
    }
    if (column_reserve(&derivation->found, &derivation->capacity, (uint64_t)derivation->count + 1,
                       sizeof *derivation->found) < 0) {
        return -(int)ERR_NO_MEMORY;
    }
    derivation->found[derivation->count++] =
        (struct owed){.activity = root, .planned = planned->activity, .unit = unit, .last_day = planned->last_day};
    return 0;
}

static int add_planned(struct derivation *derivation, const struct planned *planned, uint32_t root) {
    const struct agenda *agenda = derivation->tally->agenda;
    int result = 0;
    for (uint32_t i = 0; i < planned->holder_count && result == 0; i++) {
        uint32_t row = row_of(derivation, agenda_holder(agenda, planned, i));
        result = row == UNIT_NONE ? 0 : add_holder(derivation, planned, row, root);
    }
    return result;
}

/* ---- what came ---- */

static void note(const struct derivation *derivation, const struct report *report) {
    uint32_t row = row_of(derivation, report->unit);
    struct owed *owed = row == UNIT_NONE ? NULL : find_unit(derivation, row);
    if (owed) {
        bool late = (report->state & REPORT_LATE) != 0;
        owed->late = owed->late || late;
        owed->in_time = owed->in_time || !late;
    }
}

/* Reports as they stand, where they stood so then. Activities only ever become more one. */
static void note_standing(const struct derivation *derivation, uint32_t root) {
    struct tally *tally = derivation->tally;
    uint32_t now = activities_root(&tally->activities, root);
    for (uint32_t next = activities_first(&tally->activities, now); next != 0;
         next = tally->activities.items[next - 1].next) {
        const struct report *report = &tally->reports.items[next - 1];
        bool stood = derivation->at == AT_HEAD || (report_since(report) <= derivation->at &&
                                                   merged_root(derivation->merged, report->activity) == root);
        if (stood) {
            note(derivation, report);
        }
    }
}

static void note_past(const struct derivation *derivation, uint32_t activity) {
    const struct history *history = derivation->tally->history;
    for (uint32_t link = history_first(history, activity); link != 0; link = history_next(history, link)) {
        const struct past_report *row = ledger_row(&history->reports, link - 1);
        if (version_stands(&row->version, derivation->at)) {
            note(derivation, &row->report);
        }
    }
}

int derive(struct derivation *derivation, uint32_t activity) {
    const struct agenda *agenda = derivation->tally->agenda;
    uint32_t alone;
    uint32_t count;
    const uint32_t *set = derivation_set(derivation, activity, &alone, &count);
    uint32_t root = merged_root(derivation->merged, activity);
    int result = 0;
    derivation->count = 0;
    for (uint32_t i = 0; i < count && result == 0; i++) {
        const struct planned *planned = agenda_version(agenda, set[i], derivation->at);
        result = planned && planned->last_day != DAY_NONE ? add_planned(derivation, planned, root) : 0;
    }
    if (result < 0 || derivation->count == 0) {
        return result;
    }
    note_standing(derivation, root);
    for (uint32_t i = 0; i < count && derivation->at != AT_HEAD; i++) {
        note_past(derivation, set[i]);
    }
    return 0;
}
