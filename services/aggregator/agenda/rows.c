/* What squads owe, to the wire. */
#include <assert.h>
#include <stdlib.h>

#include "services/aggregator/agenda/late.h"
#include "services/aggregator/agenda/present.h"
#include "services/aggregator/agenda/then.h"
#include "services/aggregator/asked.h"
#include "services/aggregator/moments/moments.h"

#define MARK(shape, field) (UINT64_C(1) << FIELD_##shape##_##field)

/* ---- squads and months in their order ---- */

static int compare_months(const void *a, const void *b, void *data) {
    const struct owed_month *first = *(const struct owed_month *const *)a;
    const struct owed_month *second = *(const struct owed_month *const *)b;
    int result = squads_compare(data, first->unit, second->unit);
    return result != 0 ? result : (first->month > second->month) - (first->month < second->month);
}

/* Those that are asked for and have something; NULL without memory. */
static const struct owed_month **choose_months(const struct completeness *completeness, const struct tally *tally,
                                               struct arena *arena, uint32_t *count) {
    const struct owings *owings = completeness->owings;
    const struct owed_month **chosen = arena_alloc(arena, ((size_t)owings->month_count + 1) * sizeof(void *));
    *count = 0;
    for (uint32_t i = 0; i < owings->month_count && chosen; i++) {
        const struct owed_month *month = &owings->months[i];
        if (month->expected > 0 && range_holds(completeness->months, month->month) &&
            units_within(&tally->units, month->unit, completeness->unit)) {
            chosen[(*count)++] = month;
        }
    }
    if (chosen && *count > 1) {
        qsort_r(chosen, *count, sizeof(void *), compare_months, (void *)completeness->squads);
    }
    return chosen;
}

/* ---- what is overdue ---- */

#define OVERDUE (-1)

/* Days of the month, from the first on, whose reports are overdue, or will be due within so many days `ahead`. */
static int days_due(const struct completeness *completeness, const struct owed_month *month, int32_t due_days,
                    int32_t ahead) {
    int64_t days = completeness->today == DAY_UNKNOWN
                       ? 0
                       : (int64_t)completeness->today + ahead + 1 - due_days - period_days(month->month, BY_MONTH).from;
    return days < 0 ? 0 : days > MONTH_DAYS ? MONTH_DAYS : (int)days;
}

static bool name_unit(const struct completeness *completeness, const struct tally *tally, uint32_t unit,
                      struct text *path, struct text *name) {
    *path = units_path(&tally->units, unit);
    *name = squads_name(completeness->squads, unit);
    return squads_has_name(completeness->squads, unit);
}

/* ---- completeness ---- */

/* The deadlines of a unit; months come unit by unit. */
struct deadlines {
    uint32_t unit;
    int32_t report_days;
    int32_t month_day;
};

static void look_up(const struct completeness *completeness, const struct tally *tally, uint32_t unit,
                    struct deadlines *deadlines) {
    if (deadlines->unit != unit) {
        deadlines->unit = unit;
        deadlines->report_days = completeness_setting(completeness, tally, unit, FOLD_REPORT_DUE_DAYS);
        deadlines->month_day = completeness_setting(completeness, tally, unit, FOLD_MONTH_DUE_DAY);
    }
}

static void fill_row(const struct completeness *completeness, const struct tally *tally, const struct owed_month *month,
                     const struct deadlines *deadlines, struct wire_completeness_row *row) {
    *row =
        (struct wire_completeness_row){.present = (MARK(completeness_row, state) << 1) - 1,
                                       .month = month->month,
                                       .expected = month->expected,
                                       .in_time = month->in_time,
                                       .late = month->late,
                                       .due = period_days(month->month + 1, BY_MONTH).from + deadlines->month_day - 1};
    if (!name_unit(completeness, tally, month->unit, &row->unit, &row->name)) {
        row->present &= ~MARK(completeness_row, name);
    }
    for (int day = 0; day < days_due(completeness, month, deadlines->report_days, OVERDUE); day++) {
        row->missing += month->outstanding[day];
    }
    row->open = owings_outstanding(month) - row->missing;
    bool due = completeness->today != DAY_UNKNOWN && completeness->today > row->due;
    row->state = text_of(owings_outstanding(month) == 0 ? "complete" : due ? "incomplete" : "open");
}

/* Whether something of the row was outstanding when its month's due day ended. Of a squad that is kept; of a team, which stands
 * in no row of squads, it is derived. */
static int look_back(const struct completeness *completeness, struct squads *lent, struct tally *tally,
                     const struct wire_completeness_row *row, bool *late) {
    const struct late_month which = {.month = row->month, .due = row->due};
    uint32_t unit = units_find(&tally->units, row->unit);
    if (completeness_is_of_squads(completeness, completeness->squads)) {
        return late_look(tally, lent, &which, unit, late);
    }
    struct completeness then;
    int result = completeness_at_end_of(&then, lent, tally, &which, completeness->unit);
    const struct owed_month *month = result == 0 ? owings_month(then.owings, unit, row->month) : NULL;
    *late = month && owings_outstanding(month) > 0;
    completeness_free(&then);
    return result;
}

/* Leaves only rows of months that were late. */
static int leave_out(const struct completeness *completeness, struct squads *lent, struct tally *tally,
                     struct list *list) {
    struct wire_completeness_row *rows = (struct wire_completeness_row *)list->items;
    uint32_t kept = 0;
    int result = 0;
    for (uint32_t i = 0; i < list->count && result == 0; i++) {
        bool late = false;
        bool over = completeness->today != DAY_UNKNOWN && completeness->today > rows[i].due;
        result = over ? look_back(completeness, lent, tally, &rows[i], &late) : 0;
        if (late) {
            rows[kept++] = rows[i];
        }
    }
    list->count = kept;
    return result;
}

int completeness_answer(const struct completeness *completeness, struct squads *late, struct tally *tally,
                        struct arena *arena, struct wire_completeness_answer *answer) {
    uint32_t count = 0;
    const struct owed_month **months = choose_months(completeness, tally, arena, &count);
    struct wire_completeness_row *rows = arena_alloc(arena, ((size_t)count + 1) * sizeof *rows);
    char *as_of = asked_as_of(tally, arena);
    if (!months || !rows || !as_of) {
        return -(int)ERR_NO_MEMORY;
    }
    struct deadlines deadlines = {.unit = UNIT_NONE};
    for (uint32_t i = 0; i < count; i++) {
        look_up(completeness, tally, months[i]->unit, &deadlines);
        fill_row(completeness, tally, months[i], &deadlines, &rows[i]);
    }
    *answer =
        (struct wire_completeness_answer){.present = MARK(completeness_answer, as_of) | MARK(completeness_answer, rows),
                                          .as_of = text_of(as_of),
                                          .rows = {rows, count},
                                          .today = completeness->today,
                                          .at = (int64_t)completeness->at};
    answer->present |= completeness->today != DAY_UNKNOWN ? MARK(completeness_answer, today) : 0;
    answer->present |= completeness->at != AT_HEAD ? MARK(completeness_answer, at) : 0;
    return completeness->late_only ? leave_out(completeness, late, tally, &answer->rows) : 0;
}

/* ---- who is missing ---- */

struct missing {
    const struct completeness *completeness;
    const struct tally *tally;
    struct arena *arena;
    struct wire_missing_row *rows;
    uint32_t count;
    int64_t left_out;
};

static int compare_planned(const void *a, const void *b) {
    uint32_t first = (*(const struct owed *const *)a)->planned;
    uint32_t second = (*(const struct owed *const *)b)->planned;
    return (first > second) - (first < second);
}

/* Of a month that was taken from what is owed now, what still is. How many there are with it. */
static uint32_t add_kept(const struct missing *missing, const struct owed_month *month, int day,
                         const struct owed **found, uint32_t count) {
    const struct tally *tally = missing->tally;
    if (!then_is_kept(missing->completeness, month->month)) {
        return count;
    }
    const struct owings *now = present_owings(tally);
    const struct owed_month *kept = owings_month(now, month->unit, month->month);
    for (uint32_t link = kept ? kept->first[day] : 0; link != 0; link = now->items[link - 1].next) {
        const struct owed *owed = &now->items[link - 1];
        bool other = present_is_merged(tally, owed->activity) ||
                     present_changed(tally, owed->activity, missing->completeness->at);
        if (!other) {
            found[count++] = owed;
        }
    }
    return count;
}

/* Those of a day, in the order of planning. */
static int add_day(struct missing *missing, const struct owed_month *month, int day, int32_t due_days) {
    const struct completeness *completeness = missing->completeness;
    const struct owings *owings = completeness->owings;
    uint32_t total = month->outstanding[day];
    if (missing->count == completeness->limit || total == 0) {
        missing->left_out += total;
        return 0;
    }
    const struct owed **found = arena_alloc(missing->arena, (size_t)total * sizeof(void *));
    uint32_t count = 0;
    if (!found) {
        return -(int)ERR_NO_MEMORY;
    }
    for (uint32_t link = month->first[day]; link != 0; link = owings->items[link - 1].next) {
        found[count++] = &owings->items[link - 1];
    }
    count = add_kept(missing, month, day, found, count);
    assert(count == total);
    qsort(found, count, sizeof(void *), compare_planned);
    for (uint32_t i = 0; i < count && missing->count < completeness->limit; i++) {
        struct wire_missing_row *row = &missing->rows[missing->count++];
        *row = (struct wire_missing_row){.present = (MARK(missing_row, days) << 1) - 1,
                                         .activity = missing->tally->reports.ids[found[i]->planned],
                                         .last_day = found[i]->last_day,
                                         .due = found[i]->last_day + due_days,
                                         .days = completeness->today - found[i]->last_day - due_days};
        if (!name_unit(completeness, missing->tally, month->unit, &row->unit, &row->name)) {
            row->present &= ~MARK(missing_row, name);
        }
        total--;
    }
    missing->left_out += total;
    return 0;
}

int missing_answer(const struct completeness *completeness, const struct tally *tally, struct arena *arena,
                   struct wire_missing_answer *answer) {
    uint32_t count = 0;
    const struct owed_month **months = choose_months(completeness, tally, arena, &count);
    char *as_of = asked_as_of(tally, arena);
    struct missing missing = {.completeness = completeness, .tally = tally, .arena = arena};
    missing.rows = arena_alloc(arena, ((size_t)completeness->limit + 1) * sizeof *missing.rows);
    if (!months || !missing.rows || !as_of) {
        return -(int)ERR_NO_MEMORY;
    }
    struct deadlines deadlines = {.unit = UNIT_NONE};
    int result = 0;
    for (uint32_t i = 0; i < count && result == 0; i++) {
        look_up(completeness, tally, months[i]->unit, &deadlines);
        int days = days_due(completeness, months[i], deadlines.report_days, completeness->ahead);
        for (int day = 0; day < days && result == 0; day++) {
            result = add_day(&missing, months[i], day, deadlines.report_days);
        }
    }
    *answer = (struct wire_missing_answer){.present = MARK(missing_answer, as_of) | MARK(missing_answer, rows),
                                           .as_of = text_of(as_of),
                                           .rows = {missing.rows, missing.count},
                                           .today = completeness->today,
                                           .at = (int64_t)completeness->at,
                                           .left_out = missing.left_out};
    answer->present |= completeness->today != DAY_UNKNOWN ? MARK(missing_answer, today) : 0;
    answer->present |= completeness->at != AT_HEAD ? MARK(missing_answer, at) : 0;
    answer->present |= missing.left_out > 0 ? MARK(missing_answer, left_out) : 0;
    return result;
}
