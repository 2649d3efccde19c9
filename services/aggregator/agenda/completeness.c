/* A question about what is owed, and the owings that answer it: those of now as they are kept, others derived for it. */
#include "services/aggregator/agenda/completeness.h"

#include <stdio.h>

#include "services/aggregator/agenda/agenda.h"
#include "services/aggregator/agenda/derive.h"
#include "services/aggregator/agenda/present.h"
#include "services/aggregator/asked.h"
#include "services/aggregator/moments/moments.h"
#include "services/aggregator/settings/settings.h"

#define LIMIT 1000
#define HAS(query, field) wire_has((query)->present, FIELD_completeness_query_##field)

static int refuse_months(const struct wire_completeness_query *query, struct error *error) {
    char from[DATE_TEXT_SIZE];
    char to[DATE_TEXT_SIZE];
    char limit[40];
    month_format(query->from, from);
    month_format(query->to, to);
    snprintf(limit, sizeof limit, "a month up to %s", to);
    return asked_refuse(ERR_BAD_QUERY, "from", text_of(from), limit, error);
}

int completeness_read(const struct tally *tally, const struct wire_completeness_query *query,
                      struct completeness *completeness, struct error *error) {
    *completeness = (struct completeness){
        .unit = UNIT_NONE,
        .months = {HAS(query, from) ? query->from : INT32_MIN, HAS(query, to) ? query->to : INT32_MAX},
        .late_only = query->month_late,
        .limit = HAS(query, limit) ? (uint32_t)query->limit : LIMIT,
        .ahead = HAS(query, ahead) ? (int32_t)query->ahead : -1,
    };
    int result = HAS(query, unit) ? asked_unit(tally, "unit", query->unit, &completeness->unit, error) : 0;
    if (result == 0) {
        result = moments_resolve(tally, query->at, &completeness->at, error);
    }
    completeness->today = result == 0 ? moments_today(tally, completeness->at) : DAY_UNKNOWN;
    return result == 0 && range_is_empty(completeness->months) ? refuse_months(query, error) : result;
}

void completeness_free(struct completeness *completeness) {
    owings_free(&completeness->own);
}

int32_t completeness_setting(const struct completeness *completeness, const struct tally *tally, uint32_t unit,
                             enum fold_setting setting) {
    int64_t numbers[FOLD_NUMBERS_MAX] = {0};
    const struct fold_setting_row *row = fold_setting_row(setting);
    struct text value = settings_value(tally, unit, row->name, completeness->at);
    if (value.length == 0 || !fold_setting_parse(setting, value, numbers)) {
        (void)fold_setting_parse(setting, text_of(row->initial), numbers);
    }
    return (int32_t)numbers[0];
}

/* ---- derived for the question ---- */

/* Of activities that became one, the first that is met stands for all. */
static int add_activity(struct completeness *completeness, struct derivation *derivation, uint32_t activity) {
    uint32_t count;
    if (merged_members(derivation->merged, activity, &count)) {
        int first = owings_visit(&completeness->own, merged_root(derivation->merged, activity));
        if (first <= 0) {
            return first;
        }
    }
    int result = derive(derivation, activity);
    for (uint32_t i = 0; i < derivation->count && result == 0; i++) {
        result = owings_count(&completeness->own, &derivation->found[i]);
    }
    return result;
}

/* Every activity that had its last day in one of the months. What became one with it may have a later one: such a month is
 * not asked for, and left out of the answer. */
static int derive_months(struct completeness *completeness, struct derivation *derivation) {
    const struct agenda *agenda = derivation->tally->agenda;
    uint32_t last = agenda_month(completeness->months.to);
    int result = 0;
    for (uint32_t month = agenda_month(completeness->months.from); month <= last && result == 0; month++) {
        for (uint32_t link = agenda->months[month]; link != 0 && result == 0; link = agenda->next[link - 1]) {
            const struct planned *planned = ledger_row(&agenda->planned, link - 1);
            bool stands = completeness->at == AT_HEAD ? planned->version.until == 0
                                                      : version_stands(&planned->version, completeness->at);
            result = stands ? add_activity(completeness, derivation, planned->activity) : 0;
        }
    }
    return result;
}

static int derive_all(struct completeness *completeness, struct tally *tally) {
    struct merged merged;
    struct derivation derivation = {.tally = tally,
                                    .at = completeness->at,
                                    .top = completeness->unit,
                                    .squads = completeness->squads,
                                    .merged = &merged};
    int result = merged_make(&merged, tally, completeness->at);
    result = result < 0 ? result : merged_group(&merged);
    result = result < 0 ? result : derive_months(completeness, &derivation);
    derivation_free(&derivation);
    merged_free(&merged);
    return result;
}

bool completeness_is_of_squads(const struct completeness *completeness, const struct squads *squads) {
    uint32_t unit = completeness->unit;
    return unit == UNIT_NONE || squads->above[unit] == UNIT_NONE || squads->above[unit] == unit;
}

int completeness_collect(struct completeness *completeness, struct squads *squads, struct tally *tally) {
    int result = squads_at(squads, tally, completeness->at);
    if (result < 0) {
        return result;
    }
    completeness->squads = squads;
    if (completeness->at == AT_HEAD && completeness_is_of_squads(completeness, squads)) {
        int64_t left = present_refresh(tally, squads, PRESENT_ALL);
        completeness->owings = left < 0 ? NULL : present_owings(tally);
        return left < 0 ? (int)left : 0;
    }
    completeness->owings = &completeness->own;
    return derive_all(completeness, tally);
}

int completeness_at_end_of(struct completeness *then, struct squads *squads, struct tally *tally,
                           const struct late_month *which, uint32_t unit) {
    char day[DATE_TEXT_SIZE];
    *then = (struct completeness){.unit = unit, .months = {which->month, which->month}, .ahead = -1};
    day_format(which->due, day);
    int result = moments_resolve(tally, text_of(day), &then->at, NULL);
    return result < 0 ? result : completeness_collect(then, squads, tally);
}
