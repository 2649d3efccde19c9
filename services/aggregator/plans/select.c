/* Reading a question about plans. */
#include "services/aggregator/plans/select.h"

#include <stdio.h>

#include "proto/programme.h"
#include "services/aggregator/asked.h"
#include "services/aggregator/moments/moments.h"

static int check_by(const struct list *by, struct error *error) {
    static const char known[] = "squad programme month quarter year";
    const struct text *words = by->items;
    for (uint32_t i = 0; i < by->count; i++) {
        char word[33];
        snprintf(word, sizeof word, "%.*s", (int)words[i].length, words[i].data);
        if (!words_hold(known, word)) {
            return asked_refuse(ERR_BAD_QUERY, "by", words[i],
                                "squad, programme, month, quarter or year: plans are made for months", error);
        }
    }
    return 0;
}

/* Whole months: the first day of the first, the last day of the last. */
static void round_range(struct range *range) {
    if (range->from != INT32_MIN) {
        range->from = period_month_of(range->from).from;
    }
    if (range->to != INT32_MAX) {
        range->to = period_month_of(range->to).to;
    }
}

static int read_state(const struct wire_plans_query *query, struct plan_selection *selection, struct error *error) {
    if (!wire_has(query->present, FIELD_plans_query_state)) {
        return 0;
    }
    int state = state_find(LIFE_plan, query->state);
    selection->state = state < 0 ? STATE_NONE : (enum life_state)state;
    return state < 0 ? asked_refuse(ERR_BAD_QUERY, "state", query->state, "drafted, submitted or fixed", error) : 0;
}

int plan_selection_read(const struct tally *tally, const struct wire_plans_query *query,
                        struct plan_selection *selection, struct error *error) {
    struct wire_totals_query totals = {.from = query->from,
                                       .to = query->to,
                                       .unit = query->unit,
                                       .programme = query->programme,
                                       .by = query->by,
                                       .at = query->at};
    static const struct {
        unsigned plans;
        unsigned totals;
    } same[] = {
        {FIELD_plans_query_from, FIELD_totals_query_from}, {FIELD_plans_query_to, FIELD_totals_query_to},
        {FIELD_plans_query_unit, FIELD_totals_query_unit}, {FIELD_plans_query_programme, FIELD_totals_query_programme},
        {FIELD_plans_query_by, FIELD_totals_query_by},     {FIELD_plans_query_at, FIELD_totals_query_at}};
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        if (wire_has(query->present, same[i].plans)) {
            wire_set(&totals.present, same[i].totals);
        }
    }
    *selection = (struct plan_selection){0};
    int result = check_by(&query->by, error);
    if (result == 0) {
        result = question_read(tally, &totals, &selection->done, error);
    }
    if (result < 0) {
        return result;
    }
    round_range(&selection->done.range);
    selection->unit = selection->done.unit_count > 0 ? selection->done.units[0] : UNIT_NONE;
    selection->programme =
        wire_has(query->present, FIELD_plans_query_programme) ? (uint32_t)programme_find(query->programme) + 1 : 0;
    selection->at = selection->done.at;
    selection->today = moments_today(tally, selection->at);
    selection->shown_at = selection->at == AT_HEAD ? tally->position.seq : selection->at;
    return read_state(query, selection, error);
}
