/* A question about what is owed, and the owings that answer it: those of now as they are kept, others from them or
 * derived (then.c). */
#include "services/aggregator/agenda/completeness.h"

#include <stdio.h>

#include "services/aggregator/agenda/present.h"
#include "services/aggregator/agenda/then.h"
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
        .kept_until = INT32_MIN,
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

bool completeness_is_of_squads(const struct completeness *completeness, const struct squads *squads) {
    uint32_t unit = completeness->unit;
    return unit == UNIT_NONE || squads->above[unit] == UNIT_NONE || squads->above[unit] == unit;
}

/* Whether what it and what lies under it owe stands among the sums of units under squads: so of a team, but not where a squad lies
 * under it. */
static bool is_of_below(const struct completeness *completeness, const struct squads *squads,
                        const struct tally *tally) {
    bool below = squads_is_below(squads, completeness->unit);
    for (uint32_t unit = completeness->unit + 1; unit < units_count(&tally->units) && below; unit++) {
        below = squads->above[unit] != unit || !units_within(&tally->units, unit, completeness->unit);
    }
    return below;
}

int completeness_collect(struct completeness *completeness, struct squads *squads, struct tally *tally) {
    int result = squads_at(squads, tally, completeness->at);
    if (result < 0) {
        return result;
    }
    completeness->squads = squads;
    bool of_squads = completeness_is_of_squads(completeness, squads);
    bool of_below = !of_squads && completeness->sums_only && is_of_below(completeness, squads, tally);
    if (completeness->at == AT_HEAD && (of_squads || of_below)) {
        int64_t left = present_refresh(tally, squads, PRESENT_ALL);
        completeness->owings = left < 0 ? NULL : of_squads ? present_owings(tally) : present_below(tally);
        return left < 0 ? (int)left : 0;
    }
    completeness->owings = &completeness->own;
    return then_collect(completeness, tally);
}

int completeness_ask_end_of(struct completeness *then, const struct tally *tally, const struct late_month *which,
                            uint32_t unit) {
    char day[DATE_TEXT_SIZE];
    *then = (struct completeness){
        .unit = unit, .months = {which->month, which->month}, .ahead = -1, .kept_until = INT32_MIN};
    day_format(which->due, day);
    return moments_resolve(tally, text_of(day), &then->at, NULL);
}

int completeness_at_end_of(struct completeness *then, struct squads *squads, struct tally *tally,
                           const struct late_month *which, uint32_t unit) {
    int result = completeness_ask_end_of(then, tally, which, unit);
    return result < 0 ? result : completeness_collect(then, squads, tally);
}
