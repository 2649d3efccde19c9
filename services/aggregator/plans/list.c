/* The plans themselves, one with its lines, and the menu. */
#include <stdlib.h>

#include "services/aggregator/aggregator.h"
#include "services/aggregator/asked.h"
#include "services/aggregator/groups.h"
#include "services/aggregator/plans/select.h"

#define ROWS_MOST 20000 /* of plan_list.rows */

#define HAS(field) (UINT64_C(1) << FIELD_plan_entry_##field)

static struct wire_plan_entry entry_of(const struct squads *squads, const struct plan *plan, uint64_t at) {
    const struct tally *tally = squads->tally;
    const struct plans *plans = tally->plans;
    struct wire_plan_entry entry = {
        .present = HAS(id) | HAS(unit) | HAS(name) | HAS(year) | HAS(version) | HAS(state) | HAS(state_name) |
                   HAS(holds) | HAS(activities) | HAS(attendances) | HAS(minutes) | HAS(seq),
        .id = *ids_at(&plans->ids, plan->number),
        .unit = units_path(&tally->units, plan->unit),
        .name = squads_name(squads, plan->unit),
        .year = plan->year,
        .version = plan->edition,
        .state = text_of(state_wire((enum life_state)plan->state)),
        .state_name = text_of(state_chinese((enum life_state)plan->state)),
        .holds = plans_holding(plans, plan->unit, plan->year, at) == plan,
        .seq = (int64_t)plan->version.since,
    };
    for (uint32_t i = 0; i < plans->lines.count; i++) {
        const struct planned *line = ledger_row(&plans->lines, i);
        if (line->plan == plan->number) {
            entry.activities += line->activities;
            entry.attendances += line->attendances;
            entry.minutes += line->minutes;
        }
    }
    return entry;
}

/* ---- the list ---- */

static int compare(const void *a, const void *b, void *data) {
    const struct plan *first = *(const struct plan *const *)a;
    const struct plan *second = *(const struct plan *const *)b;
    int order = squads_compare(data, first->unit, second->unit);
    order = order != 0 ? order : (first->year > second->year) - (first->year < second->year);
    return order != 0 ? order : (first->edition > second->edition) - (first->edition < second->edition);
}

static bool is_wanted(const struct tally *tally, const struct plan_selection *selection, const struct plan *plan) {
    const struct range *range = &selection->done.range;
    int first_year = 0;
    int last_year = 0;
    int other = 0;
    day_split(range->from == INT32_MIN ? 0 : range->from, &first_year, &other, &other);
    day_split(range->to == INT32_MAX ? 0 : range->to, &last_year, &other, &other);
    return version_stands(&plan->version, selection->at) && units_within(&tally->units, plan->unit, selection->unit) &&
           (selection->state == STATE_NONE || selection->state == (enum life_state)plan->state) &&
           (range->from == INT32_MIN || plan->year >= first_year) &&
           (range->to == INT32_MAX || plan->year <= last_year);
}

static int fill_list(struct aggregator *aggregator, const struct plan_selection *selection, struct wire_plan_list *list,
                     struct error *error) {
    struct tally *tally = aggregator->tally;
    struct squads *squads = &aggregator->squads;
    const struct ledger *plans = &tally->plans->rows;
    const struct plan **found = arena_alloc(aggregator->question_arena, (plans->count + 1) * sizeof(void *));
    uint32_t count = 0;
    for (uint32_t i = 0; found && i < plans->count; i++) {
        const struct plan *plan = ledger_row(plans, i);
        if (is_wanted(tally, selection, plan)) {
            found[count++] = plan;
        }
    }
    if (count > ROWS_MOST) {
        return error_set(error, ERR_TOO_MANY, (struct error_words){.field = "rows", .value = "more", .limit = "20000"});
    }
    struct wire_plan_entry *rows = arena_alloc(aggregator->question_arena, (count + 1) * sizeof *rows);
    char *as_of = asked_as_of(aggregator->tally, aggregator->question_arena);
    if (!found || !rows || !as_of || squads_at(squads, tally, selection->at) < 0) {
        return asked_no_memory(error);
    }
    qsort_r(found, count, sizeof(void *), compare, squads);
    for (uint32_t i = 0; i < count; i++) {
        rows[i] = entry_of(squads, found[i], selection->at);
    }
    *list = (struct wire_plan_list){7, text_of(as_of), (int64_t)selection->shown_at, {rows, count}};
    return 0;
}

int answer_plan_list(struct aggregator *aggregator, const void *query, void *answer, struct error *error) {
    struct plan_selection selection;
    int result = plan_selection_read(aggregator->tally, query, &selection, error);
    return result < 0 ? result : fill_list(aggregator, &selection, answer, error);
}

/* ---- one ---- */

#define LINE(field) (UINT64_C(1) << FIELD_plan_line_##field)

static struct wire_plan_line line_of(const struct tally *tally, const struct planned *planned) {
    struct wire_plan_line line = {
        .present = LINE(month) | LINE(programme) | LINE(activities) | LINE(attendances) | LINE(minutes),
        .month = planned->month,
        .programme = text_of(programme_code((enum programme)planned->programme)),
        .activities = planned->activities,
        .attendances = planned->attendances,
        .minutes = planned->minutes,
        .menu_item = planned->item,
    };
    if (planned->theme != NAME_NONE) {
        line.theme = names_text(&tally->names, planned->theme);
        line.present |= LINE(theme);
    }
    line.present |= planned->item > 0 ? LINE(menu_item) : 0;
    return line;
}

int answer_plan(struct aggregator *aggregator, const void *query, void *answer, struct error *error) {
    const struct wire_plan_query *asked = query;
    const struct plans *plans = aggregator->tally->plans;
    uint32_t number = ids_find(&plans->ids, &asked->id);
    const struct plan *plan = number == IDS_NONE ? NULL : plans_find(plans, number, AT_HEAD);
    if (!plan) {
        char id[ID_TEXT_SIZE];
        id_format(&asked->id, id);
        return error_set(error, ERR_NOT_FOUND, (struct error_words){.value = id});
    }
    struct wire_plan_entry *entry = arena_alloc(aggregator->question_arena, sizeof *entry);
    struct wire_plan_line *lines =
        arena_alloc(aggregator->question_arena, ((size_t)plans->lines.count + 1) * sizeof *lines);
    char *as_of = asked_as_of(aggregator->tally, aggregator->question_arena);
    uint32_t count = 0;
    if (!entry || !lines || !as_of || squads_at(&aggregator->squads, aggregator->tally, AT_HEAD) < 0) {
        return asked_no_memory(error);
    }
    *entry = entry_of(&aggregator->squads, plan, AT_HEAD);
    for (uint32_t i = 0; i < plans->lines.count; i++) {
        const struct planned *line = ledger_row(&plans->lines, i);
        if (line->plan == number) {
            lines[count++] = line_of(aggregator->tally, line);
        }
    }
    *(struct wire_plan_answer *)answer = (struct wire_plan_answer){7, text_of(as_of), {entry, 1}, {lines, count}};
    return 0;
}

/* ---- the menu ---- */

static int compare_items(const void *a, const void *b) {
    int64_t first = ((const struct wire_menu *)a)->item;
    int64_t second = ((const struct wire_menu *)b)->item;
    return (first > second) - (first < second);
}

int answer_menu(struct aggregator *aggregator, const void *query, void *answer, struct error *error) {
    const struct ledger *menu = &aggregator->tally->plans->menu;
    struct wire_menu *rows = arena_alloc(aggregator->question_arena, ((size_t)menu->count + 1) * sizeof *rows);
    char *as_of = asked_as_of(aggregator->tally, aggregator->question_arena);
    uint32_t count = 0;
    (void)query;
    if (!rows || !as_of) {
        return asked_no_memory(error);
    }
    for (uint32_t i = 0; i < menu->count; i++) {
        const struct menu_row *row = ledger_row(menu, i);
        if (row->version.until == 0) {
            rows[count++] =
                (struct wire_menu){7, row->item, names_text(&aggregator->tally->names, row->name), row->off != 0};
        }
    }
    qsort(rows, count, sizeof *rows, compare_items);
    *(struct wire_menu_answer *)answer = (struct wire_menu_answer){3, text_of(as_of), {rows, count}};
    return 0;
}
