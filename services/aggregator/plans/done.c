/* Planned against reported. What was done follows from the reports: the rows of the totals with the same question. */
#include <stdio.h>

#include "services/aggregator/aggregator.h"
#include "services/aggregator/answer.h"
#include "services/aggregator/asked.h"
#include "services/aggregator/groups.h"
#include "services/aggregator/moments/moments.h"
#include "services/aggregator/plans/select.h"

#define ROWS_MOST 20000 /* of plans_answer.rows */
#define FORECAST_SIZE 81

enum { KEY_UNIT, KEY_PROGRAMME, KEY_PERIOD };

struct figures {
    int64_t activities; /* planned, as the next two */
    int64_t attendances;
    int64_t minutes;
    uint32_t cell; /* of what was done, plus one; 0 nothing was */
};

struct collection {
    struct aggregator *aggregator;
    const struct plan_selection *selection;
    struct groups groups; /* of struct figures */
    struct error *error;
};

/* ---- planned ---- */

/* The unit whose row takes up the plan. */
static uint32_t row_unit(const struct collection *collection, uint32_t unit) {
    const struct squads *squads = &collection->aggregator->squads;
    return collection->selection->done.by_unit == UNITS_SQUADS ? squads_of(squads, unit, UNIT_NONE) : UNIT_NONE;
}

/* Whether a plan of a unit above, up to the row's, stands for this one too. */
static bool is_covered(const struct collection *collection, const struct plan *plan) {
    const struct tally *tally = collection->aggregator->tally;
    const struct plan_selection *selection = collection->selection;
    uint32_t top = selection->done.by_unit == UNITS_SQUADS ? row_unit(collection, plan->unit) : selection->unit;
    for (uint32_t unit = plan->unit; unit != top;) {
        unit = tally->units.items[unit].parent;
        if (unit == UNIT_NONE) {
            return false;
        }
        if (plans_holding(tally->plans, unit, plan->year, selection->at)) {
            return true;
        }
    }
    return false;
}

static int add_line(struct collection *collection, const struct plan *plan, const struct planned *line) {
    const struct question *done = &collection->selection->done;
    int32_t first = INT32_MIN;
    char month[DATE_TEXT_SIZE];
    month_format(line->month, month);
    snprintf(month + strlen(month), sizeof month - strlen(month), "-01");
    day_parse(text_of(month), &first);
    uint32_t programme = collection->selection->programme;
    bool wanted = programme == 0 || programme == line->programme + 1;
    if (!wanted || first < done->range.from || first > done->range.to) {
        return 0;
    }
    struct group_key key = {{
        [KEY_UNIT] = row_unit(collection, plan->unit),
        [KEY_PROGRAMME] = done->by_programme ? line->programme + 1 : 0,
        [KEY_PERIOD] = (uint32_t)period_of(first, done->granularity),
    }};
    struct figures *row = groups_row(&collection->groups, &key, collection->error);
    if (!row) {
        return -(int)collection->error->code;
    }
    row->activities += line->activities;
    row->attendances += line->attendances;
    row->minutes += line->minutes;
    return 0;
}

static bool holds(const struct collection *collection, const struct plan *plan) {
    const struct tally *tally = collection->aggregator->tally;
    return plan && plan->state == STATE_plan_FIXED &&
           units_within(&tally->units, plan->unit, collection->selection->unit) &&
           plans_holding(tally->plans, plan->unit, plan->year, collection->selection->at) == plan &&
           !is_covered(collection, plan);
}

static int add_planned(struct collection *collection) {
    const struct plans *plans = collection->aggregator->tally->plans;
    const struct plan *plan = NULL;
    bool counts = false;
    uint32_t number = IDS_NONE;
    int result = 0;
    for (uint32_t i = 0; i < plans->lines.count && result == 0; i++) {
        const struct planned *line = ledger_row(&plans->lines, i);
        if (line->plan != number) {
            number = line->plan;
            plan = plans_find(plans, number, collection->selection->at);
            counts = holds(collection, plan);
        }
        result = counts ? add_line(collection, plan, line) : 0;
    }
    return result;
}

/* ---- done ---- */

static int add_done(struct collection *collection) {
    struct rows *rows = &collection->aggregator->rows;
    int result = rows_collect(rows, collection->aggregator->tally, &collection->selection->done, collection->error);
    for (uint32_t i = 0; i < rows->count && result == 0; i++) {
        const struct row *done = &rows->items[i];
        struct group_key key = {
            {[KEY_UNIT] = done->unit, [KEY_PROGRAMME] = done->programme, [KEY_PERIOD] = (uint32_t)done->period}};
        if (done->period == PERIOD_NONE) {
            continue; /* of no month */
        }
        struct figures *row = groups_row(&collection->groups, &key, collection->error);
        result = row ? 0 : -(int)collection->error->code;
        if (row) {
            row->cell = done->cell + 1;
        }
    }
    return result;
}

/* ---- the answer ---- */

static int compare(const struct group_key *a, const struct group_key *b, const void *data) {
    int order = squads_compare(data, a->words[KEY_UNIT], b->words[KEY_UNIT]);
    order = order != 0 ? order : groups_compare_periods(a->words[KEY_PROGRAMME], b->words[KEY_PROGRAMME]);
    return order != 0 ? order : groups_compare_periods(a->words[KEY_PERIOD], b->words[KEY_PERIOD]);
}

#define HAS(field) (UINT64_C(1) << FIELD_plans_row_##field)

static void fill_percent(int64_t done, int64_t planned, uint64_t bit, int64_t *percent, uint64_t *present) {
    if (planned > 0) {
        *percent = done > INT64_MAX / 10000 ? INT64_MAX : done * 10000 / planned;
        *present |= bit;
    }
}

/* Of the month that runs: what was done so far, spread over its days. */
static int fill_forecast(const struct plan_selection *selection, int32_t period, struct arena *arena,
                         struct wire_plans_row *row) {
    if (selection->done.granularity != BY_MONTH || selection->today == DAY_UNKNOWN ||
        period_of(selection->today, BY_MONTH) != period) {
        return 0;
    }
    struct range month = period_month_of(selection->today);
    int days = month.to - month.from + 1;
    int gone = selection->today - month.from + 1;
    char *text = arena_alloc(arena, FORECAST_SIZE);
    if (!text) {
        return -(int)ERR_NO_MEMORY;
    }
    row->forecast_activities = (row->activities * days + gone / 2) / gone;
    snprintf(text, FORECAST_SIZE, "截至本月第%d日完成%lld次，按日均推算全月%d日", gone, (long long)row->activities,
             days);
    row->forecast = text_of(text);
    row->present |= HAS(forecast_activities) | HAS(forecast);
    return 0;
}

static int fill_done(const struct collection *collection, const struct figures *figures, struct arena *arena,
                     struct wire_plans_row *row) {
    static const struct cell nothing = {0};
    const struct cell *cell =
        figures->cell > 0 ? &collection->aggregator->rows.cells.items[figures->cell - 1] : &nothing;
    struct wire_sum *sums = arena_alloc(arena, 2 * sizeof *sums);
    if (!sums) {
        return -(int)ERR_NO_MEMORY;
    }
    answer_fill_sum(&cell->attendances, &sums[0]);
    answer_fill_sum(&cell->minutes, &sums[1]);
    *row = (struct wire_plans_row){
        .present = HAS(planned_activities) | HAS(activities) | HAS(planned_attendances) | HAS(attendances) |
                   HAS(planned_minutes) | HAS(minutes),
        .planned_activities = figures->activities,
        .activities = (int64_t)cell_activities(cell),
        .planned_attendances = figures->attendances,
        .attendances = {&sums[0], 1},
        .planned_minutes = figures->minutes,
        .minutes = {&sums[1], 1},
    };
    fill_percent(row->activities, figures->activities, HAS(activities_percent), &row->activities_percent,
                 &row->present);
    fill_percent(sums[0].value, figures->attendances, HAS(attendances_percent), &row->attendances_percent,
                 &row->present);
    fill_percent(sums[1].value, figures->minutes, HAS(minutes_percent), &row->minutes_percent, &row->present);
    return 0;
}

static int fill_row(const struct collection *collection, const struct group_key *key, const struct figures *figures,
                    struct arena *arena, struct wire_plans_row *row) {
    const struct tally *tally = collection->aggregator->tally;
    const struct question *done = &collection->selection->done;
    char *period = arena_alloc(arena, PERIOD_TEXT_SIZE);
    if (!period || fill_done(collection, figures, arena, row) < 0) {
        return -(int)ERR_NO_MEMORY;
    }
    if (done->by_unit == UNITS_SQUADS) {
        row->unit = units_path(&tally->units, key->words[KEY_UNIT]);
        row->name = squads_name(&collection->aggregator->squads, key->words[KEY_UNIT]);
        row->present |= HAS(unit) | HAS(name);
    }
    if (done->by_programme) {
        row->programme = text_of(programme_code((enum programme)(key->words[KEY_PROGRAMME] - 1)));
        row->present |= HAS(programme);
    }
    if (done->granularity != BY_ALL) {
        period_format((int32_t)key->words[KEY_PERIOD], done->granularity, period);
        row->period = text_of(period);
        row->present |= HAS(period);
    }
    return fill_forecast(collection->selection, (int32_t)key->words[KEY_PERIOD], arena, row);
}

static int fill(struct collection *collection, struct wire_plans_answer *answer) {
    const struct tally *tally = collection->aggregator->tally;
    struct arena *arena = collection->aggregator->question_arena;
    struct groups *groups = &collection->groups;
    struct wire_plans_row *rows = arena_alloc(arena, (groups->count + 1) * sizeof *rows);
    char *as_of = asked_as_of(tally, arena);
    int result = rows && as_of ? groups_sort(groups, compare, &collection->aggregator->squads) : -(int)ERR_NO_MEMORY;
    for (uint32_t i = 0; i < groups->count && result == 0; i++) {
        uint32_t row = groups->order[i];
        result = fill_row(collection, &groups->keys[row], groups_at(groups, row), arena, &rows[i]);
    }
    if (result < 0) {
        return error_set(collection->error, ERR_NO_MEMORY, (struct error_words){0});
    }
    *answer = (struct wire_plans_answer){.as_of = text_of(as_of),
                                         .at = (int64_t)collection->selection->shown_at,
                                         .today = collection->selection->today,
                                         .rows = {rows, groups->count}};
    wire_set(&answer->present, FIELD_plans_answer_as_of);
    wire_set(&answer->present, FIELD_plans_answer_at);
    wire_set(&answer->present, FIELD_plans_answer_rows);
    if (answer->today != DAY_UNKNOWN) {
        wire_set(&answer->present, FIELD_plans_answer_today);
    }
    return 0;
}

int answer_plans(struct aggregator *aggregator, const void *query, void *answer, struct error *error) {
    struct plan_selection selection;
    struct collection collection = {.aggregator = aggregator, .selection = &selection, .error = error};
    groups_start(&collection.groups, sizeof(struct figures), ROWS_MOST);
    int result = plan_selection_read(aggregator->tally, query, &selection, error);
    if (result == 0 && squads_at(&aggregator->squads, aggregator->tally, selection.at) < 0) {
        result = asked_no_memory(error);
    }
    if (result == 0) {
        result = add_done(&collection);
    }
    if (result == 0) {
        result = add_planned(&collection);
    }
    if (result == 0) {
        result = fill(&collection, answer);
    }
    groups_free(&collection.groups);
    return result;
}
