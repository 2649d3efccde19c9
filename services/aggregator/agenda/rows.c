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

/* The months that are asked for and have something, in their order. */
struct choice {
    const struct owed_month **months;
    uint32_t count;
    uint32_t *places; /* by unit: from 0, in the order of an office's table; units without a month have none */
    uint32_t *units;  /* by place */
    uint32_t unit_count;
};

static int compare_units(const void *a, const void *b, void *squads) {
    return squads_compare(squads, *(const uint32_t *)a, *(const uint32_t *)b);
}

/* Every unit of a month has its place. False without memory. */
static bool place_units(struct choice *choice, const struct squads *squads, struct arena *arena) {
    uint32_t count = units_count(&squads->tally->units);
    choice->places = arena_alloc(arena, ((size_t)count + 1) * sizeof *choice->places);
    choice->units = arena_alloc(arena, ((size_t)count + 1) * sizeof *choice->units);
    if (!choice->places || !choice->units) {
        return false;
    }
    for (uint32_t i = 0; i < choice->count; i++) {
        uint32_t unit = choice->months[i]->unit;
        if (choice->places[unit]++ == 0) {
            choice->units[choice->unit_count++] = unit;
        }
    }
    if (choice->unit_count > 1) {
        qsort_r(choice->units, choice->unit_count, sizeof *choice->units, compare_units, (void *)squads);
    }
    for (uint32_t place = 0; place < choice->unit_count; place++) {
        choice->places[choice->units[place]] = place;
    }
    return true;
}

/* What a month is sorted by: its number, then the place of its unit. */
static uint32_t key_of(const struct choice *choice, const struct owed_month *month, bool by_unit, int32_t first) {
    return by_unit ? choice->places[month->unit] : (uint32_t)(month->month - first);
}

/* Sorts by a key below `keys`; what has the same stays in its order. False without memory. */
static bool sort_by(struct choice *choice, bool by_unit, int32_t first, uint32_t keys, struct arena *arena) {
    uint32_t *ends = arena_alloc(arena, ((size_t)keys + 1) * sizeof *ends);
    const struct owed_month **sorted = arena_alloc(arena, ((size_t)choice->count + 1) * sizeof(void *));
    if (!ends || !sorted) {
        return false;
    }
    for (uint32_t i = 0; i < choice->count; i++) {
        ends[key_of(choice, choice->months[i], by_unit, first) + 1]++;
    }
    for (uint32_t key = 0; key < keys; key++) {
        ends[key + 1] += ends[key];
    }
    for (uint32_t i = 0; i < choice->count; i++) {
        sorted[ends[key_of(choice, choice->months[i], by_unit, first)]++] = choice->months[i];
    }
    choice->months = sorted;
    return true;
}

/* By unit, and of a unit by month: months are few, so they are counted, not compared. */
static bool sort_months(struct choice *choice, const struct squads *squads, struct arena *arena) {
    int32_t first = choice->count > 0 ? choice->months[0]->month : 0;
    int32_t last = first;
    for (uint32_t i = 1; i < choice->count; i++) {
        int32_t month = choice->months[i]->month;
        first = month < first ? month : first;
        last = month > last ? month : last;
    }
    return place_units(choice, squads, arena) && sort_by(choice, false, first, (uint32_t)(last - first) + 1, arena) &&
           sort_by(choice, true, 0, choice->unit_count + 1, arena);
}

/* False without memory. */
static bool choose_months(struct choice *choice, const struct completeness *completeness, struct arena *arena) {
    const struct owings *owings = completeness->owings;
    const struct tally *tally = completeness->squads->tally;
    *choice = (struct choice){.months = arena_alloc(arena, ((size_t)owings->month_count + 1) * sizeof(void *))};
    for (uint32_t i = 0; i < owings->month_count && choice->months; i++) {
        const struct owed_month *month = &owings->months[i];
        if (month->expected > 0 && range_holds(completeness->months, month->month) &&
            units_within(&tally->units, month->unit, completeness->unit)) {
            choice->months[choice->count++] = month;
        }
    }
    return choice->months && sort_months(choice, completeness->squads, arena);
}

/* ---- what is overdue ---- */

#define OVERDUE (-1)

/* Days of the month that begins at `first`, from then on, whose reports are overdue, or will be due within so many days `ahead`. */
static int days_due(const struct completeness *completeness, int32_t first, int32_t due_days, int32_t ahead) {
    int64_t days = completeness->today == DAY_UNKNOWN ? 0 : (int64_t)completeness->today + ahead + 1 - due_days - first;
    return days < 0 ? 0 : days > MONTH_DAYS ? MONTH_DAYS : (int)days;
}

/* ---- completeness ---- */

/* What the months of a unit have in common, which come one after the other; of the month at hand, its days. */
struct heading {
    uint32_t unit;
    int32_t report_days; /* deadlines */
    int32_t month_day;
    struct text path;
    struct text name;
    bool has_name;
    int32_t month;
    int32_t first; /* day of it, and of the next month */
    int32_t next;
};

static void look_up_unit(const struct completeness *completeness, const struct tally *tally, uint32_t unit,
                         struct heading *heading) {
    heading->unit = unit;
    heading->report_days = completeness_setting(completeness, tally, unit, FOLD_REPORT_DUE_DAYS);
    heading->month_day = completeness_setting(completeness, tally, unit, FOLD_MONTH_DUE_DAY);
    heading->path = units_path(&tally->units, unit);
    heading->name = squads_name(completeness->squads, unit);
    heading->has_name = squads_has_name(completeness->squads, unit);
}

static void look_up(const struct completeness *completeness, const struct tally *tally, const struct owed_month *month,
                    struct heading *heading) {
    if (heading->unit != month->unit) {
        look_up_unit(completeness, tally, month->unit, heading);
    }
    bool follows = month->month == heading->month + 1;
    heading->first = follows ? heading->next : month_first_day(month->month);
    heading->next = month_first_day(month->month + 1);
    heading->month = month->month;
}

static void fill_row(const struct completeness *completeness, const struct owed_month *month,
                     const struct heading *heading, struct wire_completeness_row *row) {
    int64_t outstanding = owings_outstanding(month);
    int days = days_due(completeness, heading->first, heading->report_days, OVERDUE);
    uint64_t name = heading->has_name ? 0 : MARK(completeness_row, name);
    *row = (struct wire_completeness_row){.present = ((MARK(completeness_row, state) << 1) - 1) & ~name,
                                          .unit = heading->path,
                                          .name = heading->name,
                                          .month = month->month,
                                          .expected = month->expected,
                                          .in_time = month->in_time,
                                          .late = month->late,
                                          .due = heading->next + heading->month_day - 1};
    for (int day = 0; day < days && days < MONTH_DAYS; day++) {
        row->missing += month->outstanding[day];
    }
    row->missing = days < MONTH_DAYS ? row->missing : outstanding;
    row->open = outstanding - row->missing;
    bool due = completeness->today != DAY_UNKNOWN && completeness->today > row->due;
    row->state = text_of(outstanding == 0 ? "complete" : due ? "incomplete" : "open");
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
    struct choice choice;
    char *as_of = asked_as_of(tally, arena);
    bool chosen = choose_months(&choice, completeness, arena);
    struct wire_completeness_row *rows = chosen ? arena_alloc(arena, ((size_t)choice.count + 1) * sizeof *rows) : NULL;
    if (!rows || !as_of) {
        return -(int)ERR_NO_MEMORY;
    }
    struct heading heading = {.unit = UNIT_NONE, .month = INT32_MIN};
    for (uint32_t i = 0; i < choice.count; i++) {
        look_up(completeness, tally, choice.months[i], &heading);
        fill_row(completeness, choice.months[i], &heading, &rows[i]);
    }
    *answer =
        (struct wire_completeness_answer){.present = MARK(completeness_answer, as_of) | MARK(completeness_answer, rows),
                                          .as_of = text_of(as_of),
                                          .rows = {rows, choice.count},
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

/* All that is outstanding of a day, in the order of planning; NULL without memory. Rows and ids are far apart in memory: they are
 * fetched meanwhile. */
static const struct owed **find_day(const struct missing *missing, const struct owed_month *month, int day) {
    const struct owings *owings = missing->completeness->owings;
    uint32_t total = month->outstanding[day];
    const struct owed **found = arena_alloc(missing->arena, (size_t)total * sizeof(void *));
    uint32_t count = 0;
    for (uint32_t link = month->first[day]; link != 0 && found; link = owings->items[link - 1].next) {
        found[count++] = &owings->items[link - 1];
        __builtin_prefetch(&missing->tally->reports.ids[owings->items[link - 1].planned]);
    }
    if (found) {
        count = add_kept(missing, month, day, found, count);
        assert(count == total);
        qsort(found, count, sizeof(void *), compare_planned);
    }
    return found;
}

static int add_day(struct missing *missing, const struct owed_month *month, const struct heading *heading, int day) {
    const struct completeness *completeness = missing->completeness;
    uint32_t total = month->outstanding[day];
    uint32_t room = completeness->limit - missing->count;
    if (room == 0 || total == 0) {
        missing->left_out += total;
        return 0;
    }
    const struct owed **found = find_day(missing, month, day);
    if (!found) {
        return -(int)ERR_NO_MEMORY;
    }
    uint32_t count = total < room ? total : room;
    uint64_t name = heading->has_name ? 0 : MARK(missing_row, name);
    int32_t due = heading->first + day + heading->report_days;
    for (uint32_t i = 0; i < count; i++) {
        missing->rows[missing->count++] =
            (struct wire_missing_row){.present = ((MARK(missing_row, days) << 1) - 1) & ~name,
                                      .unit = heading->path,
                                      .name = heading->name,
                                      .activity = missing->tally->reports.ids[found[i]->planned],
                                      .last_day = heading->first + day,
                                      .due = due,
                                      .days = completeness->today - due};
    }
    missing->left_out += total - count;
    return 0;
}

/* The days of a month. Where each day's list begins is fetched ahead of all of them. */
static int add_month(struct missing *missing, const struct owed_month *month, const struct heading *heading) {
    const struct completeness *completeness = missing->completeness;
    int days = days_due(completeness, heading->first, heading->report_days, completeness->ahead);
    int result = 0;
    for (int day = 0; day < days && missing->count < completeness->limit; day++) {
        if (month->first[day] != 0) {
            __builtin_prefetch(&completeness->owings->items[month->first[day] - 1]);
        }
    }
    for (int day = 0; day < days && result == 0; day++) {
        result = add_day(missing, month, heading, day);
    }
    return result;
}

int missing_answer(const struct completeness *completeness, const struct tally *tally, struct arena *arena,
                   struct wire_missing_answer *answer) {
    struct choice choice;
    char *as_of = asked_as_of(tally, arena);
    struct missing missing = {.completeness = completeness, .tally = tally, .arena = arena};
    missing.rows = arena_alloc(arena, ((size_t)completeness->limit + 1) * sizeof *missing.rows);
    if (!choose_months(&choice, completeness, arena) || !missing.rows || !as_of) {
        return -(int)ERR_NO_MEMORY;
    }
    struct heading heading = {.unit = UNIT_NONE, .month = INT32_MIN};
    int result = 0;
    for (uint32_t i = 0; i < choice.count && result == 0; i++) {
        look_up(completeness, tally, choice.months[i], &heading);
        result = add_month(&missing, choice.months[i], &heading);
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
