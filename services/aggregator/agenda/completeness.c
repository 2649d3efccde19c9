/* What is owed, and what came. */
#include "services/aggregator/agenda/completeness.h"

#include <stdlib.h>

#include "proto/fold_settings.h"
#include "services/aggregator/agenda/agenda.h"
#include "services/aggregator/column.h"
#include "services/aggregator/history/history.h"
#include "services/aggregator/merged.h"
#include "services/aggregator/moments/moments.h"
#include "services/aggregator/settings/settings.h"
#include "services/aggregator/versions.h"

#define LIMIT 1000
#define HAS(query, field) wire_has((query)->present, FIELD_completeness_query_##field)

int completeness_read(const struct tally *tally, const struct wire_completeness_query *query,
                      struct completeness *completeness, struct error *error) {
    static const struct text squad = {"squad", 5};
    struct text by = squad;
    struct wire_totals_query asked = {.by = {&by, 1}, .unit = query->unit, .at = query->at};
    asked.present |= (uint64_t)HAS(query, unit) << FIELD_totals_query_unit;
    asked.present |= (uint64_t)HAS(query, at) << FIELD_totals_query_at;
    *completeness = (struct completeness){.months = {INT32_MIN, INT32_MAX}, .limit = LIMIT};
    int result = question_read(tally, &asked, &completeness->question, error);
    completeness->months.from = HAS(query, from) ? query->from : INT32_MIN;
    completeness->months.to = HAS(query, to) ? query->to : INT32_MAX;
    completeness->limit = HAS(query, limit) ? (uint32_t)query->limit : LIMIT;
    completeness->today = moments_today(tally, completeness->question.at);
    if (result < 0 || !range_is_empty(completeness->months)) {
        return result;
    }
    char from[DATE_TEXT_SIZE];
    char to[DATE_TEXT_SIZE];
    char limit[40];
    month_format(query->from, from);
    month_format(query->to, to);
    snprintf(limit, sizeof limit, "a month up to %s", to);
    return error_set(error, ERR_BAD_QUERY, (struct error_words){.field = "from", .value = from, .limit = limit});
}

void completeness_free(struct completeness *completeness) {
    free(completeness->owed);
    completeness->owed = NULL;
}

/* ---- what is owed ---- */

struct collection {
    struct completeness *completeness;
    struct rows *rows;
    struct tally *tally;
    struct merged merged;
};

static bool is_now(const struct collection *collection) {
    return collection->completeness->question.at == AT_HEAD;
}

static uint32_t root_of(const struct collection *collection, uint32_t activity) {
    return is_now(collection) ? activities_root(&collection->tally->activities, activity)
                              : merged_root(&collection->merged, activity);
}

static int add_planned(const struct collection *collection, const struct planned *planned) {
    struct completeness *completeness = collection->completeness;
    for (uint32_t i = 0; i < planned->holder_count; i++) {
        uint32_t unit = collection->rows->keys[agenda_holder(collection->tally->agenda, planned, i)];
        struct owed owed = {.activity = root_of(collection, planned->activity),
                            .planned = planned->activity,
                            .unit = unit,
                            .last_day = planned->last_day};
        if (unit == KEY_OUT) {
            continue;
        }
        if (column_reserve(&completeness->owed, &completeness->capacity, (uint64_t)completeness->count + 1,
                           sizeof owed) < 0) {
            return -(int)ERR_NO_MEMORY;
        }
        completeness->owed[completeness->count++] = owed;
    }
    return 0;
}

static int compare_owed(const void *a, const void *b) {
    const struct owed *first = a;
    const struct owed *second = b;
    if (first->activity != second->activity) {
        return first->activity < second->activity ? -1 : 1;
    }
    if (first->unit != second->unit) {
        return first->unit < second->unit ? -1 : 1;
    }
    return (first->last_day < second->last_day) - (first->last_day > second->last_day);
}

/* Of merged activities a squad owes one report, after the last day of all. */
static void unite(struct completeness *completeness) {
    uint32_t kept = 0;
    if (completeness->count > 1) {
        qsort(completeness->owed, completeness->count, sizeof *completeness->owed, compare_owed);
    }
    for (uint32_t i = 0; i < completeness->count; i++) {
        const struct owed *owed = &completeness->owed[i];
        const struct owed *last = kept > 0 ? &completeness->owed[kept - 1] : NULL;
        if (!last || last->activity != owed->activity || last->unit != owed->unit) {
            completeness->owed[kept++] = *owed;
        }
    }
    completeness->count = kept;
}

/* The setting as it held for the unit at the time that is asked for. */
static int32_t setting_of(const struct completeness *completeness, const struct tally *tally, uint32_t unit,
                          enum fold_setting setting) {
    int64_t numbers[FOLD_NUMBERS_MAX] = {0};
    const struct fold_setting_row *row = fold_setting_row(setting);
    struct text value = settings_value(tally, unit, row->name, completeness->question.at);
    if (value.length == 0 || !fold_setting_parse(setting, value, numbers)) {
        (void)fold_setting_parse(setting, text_of(row->initial), numbers);
    }
    return (int32_t)numbers[0];
}

/* Only the months that are asked for are kept. */
static void put_due_days(struct completeness *completeness, const struct tally *tally) {
    uint32_t kept = 0;
    uint32_t unit = KEY_OUT;
    int32_t days = 0;
    for (uint32_t i = 0; i < completeness->count; i++) {
        struct owed owed = completeness->owed[i];
        if (owed.last_day == DAY_NONE || !range_holds(completeness->months, period_of(owed.last_day, BY_MONTH))) {
            continue;
        }
        if (owed.unit != unit) {
            unit = owed.unit;
            days = setting_of(completeness, tally, unit, FOLD_REPORT_DUE_DAYS);
        }
        owed.due = owed.last_day + days;
        completeness->owed[kept++] = owed;
    }
    completeness->count = kept;
}

/* ---- what came ---- */

static int compare_keys(const void *a, const void *b) {
    const struct owed *first = a;
    const struct owed *second = b;
    if (first->activity != second->activity) {
        return first->activity < second->activity ? -1 : 1;
    }
    return (first->unit > second->unit) - (first->unit < second->unit);
}

static void note(const struct collection *collection, const struct report *report, uint32_t root) {
    struct completeness *completeness = collection->completeness;
    struct owed key = {.activity = root, .unit = collection->rows->keys[report->unit]};
    struct owed *owed = completeness->count == 0
                            ? NULL
                            : bsearch(&key, completeness->owed, completeness->count, sizeof key, compare_keys);
    if (owed) {
        *((report->state & REPORT_LATE) != 0 ? &owed->late : &owed->in_time) = true;
    }
}

static int note_standing(void *data, const struct standing *standing) {
    const struct collection *collection = data;
    if (history_is_shared(collection->tally->history, standing->report->activity)) {
        note(collection, standing->report, merged_root(&collection->merged, standing->report->activity));
    }
    return 0;
}

static void note_members(const struct collection *collection) {
    const struct completeness *completeness = collection->completeness;
    const struct tally *tally = collection->tally;
    for (uint32_t i = 0; i < completeness->count; i++) {
        uint32_t root = completeness->owed[i].activity;
        bool again = i > 0 && completeness->owed[i - 1].activity == root;
        for (uint32_t next = again ? 0 : activities_first(&tally->activities, root); next != 0;
             next = tally->activities.items[next - 1].next) {
            note(collection, &tally->reports.items[next - 1], root);
        }
    }
}

static int collect(struct collection *collection) {
    struct completeness *completeness = collection->completeness;
    const struct agenda *agenda = collection->tally->agenda;
    int result = 0;
    for (uint32_t i = 0; i < agenda->planned.count && result == 0; i++) {
        const struct planned *planned = ledger_row(&agenda->planned, i);
        bool stands = is_now(collection) ? planned->version.until == 0
                                         : version_stands(&planned->version, completeness->question.at);
        result = stands ? add_planned(collection, planned) : 0;
    }
    if (result < 0) {
        return result;
    }
    unite(completeness);
    put_due_days(completeness, collection->tally);
    if (is_now(collection)) {
        note_members(collection);
        return 0;
    }
    struct versions versions = {
        .tally = collection->tally, .question = &completeness->question, .keys = collection->rows->keys, .parts = 1};
    return versions_walk(&versions, note_standing, collection);
}

int completeness_collect(struct completeness *completeness, struct rows *rows, struct tally *tally) {
    struct collection collection = {.completeness = completeness, .rows = rows, .tally = tally};
    int result = rows_name_units(rows, tally, &completeness->question);
    if (result == 0 && !is_now(&collection)) {
        result = merged_make(&collection.merged, tally, completeness->question.at);
    }
    result = result < 0 ? result : collect(&collection);
    merged_free(&collection.merged);
    return result;
}

/* ---- answers ---- */

#define MARK(shape, field) (UINT64_C(1) << FIELD_##shape##_##field)

static bool is_overdue(const struct completeness *completeness, const struct owed *owed) {
    return !owed->in_time && !owed->late && completeness->today != DAY_UNKNOWN && completeness->today > owed->due;
}

/* Name and path of a unit, as it was called at the time that is asked for. */
static bool name_unit(const struct rows *rows, const struct tally *tally, uint32_t unit, struct text *path,
                      struct text *name) {
    const struct unit_face *face = &rows->faces[unit];
    *path = units_path(&tally->units, unit);
    if (face->name != NAME_NONE) {
        *name = names_text(&tally->names, face->name);
    }
    return face->name != NAME_NONE;
}

static void count_owed(const struct completeness *completeness, const struct owed *owed,
                       struct wire_completeness_row *row) {
    row->expected++;
    row->in_time += owed->in_time;
    row->late += !owed->in_time && owed->late;
    row->missing += is_overdue(completeness, owed);
    row->open = row->expected - row->in_time - row->late - row->missing;
}

static void finish_row(const struct completeness *completeness, const struct tally *tally, uint32_t unit,
                       struct wire_completeness_row *row) {
    int32_t day = setting_of(completeness, tally, unit, FOLD_MONTH_DUE_DAY);
    row->due = period_days(row->month + 1, BY_MONTH).from + day - 1;
    bool whole = row->missing == 0 && row->open == 0;
    bool due = completeness->today != DAY_UNKNOWN && completeness->today > row->due;
    row->state = text_of(whole ? "complete" : due ? "incomplete" : "open");
}

/* The rows of units and months get their order from rows.h; figures stand beside them by the row's number. */
static int fill_rows(const struct completeness *completeness, struct rows *rows, const struct tally *tally,
                     struct wire_completeness_row *figures, struct error *error) {
    rows_begin(rows);
    for (uint32_t i = 0; i < completeness->count; i++) {
        const struct owed *owed = &completeness->owed[i];
        int32_t month = period_of(owed->last_day, BY_MONTH);
        const struct row *row =
            rows_at(rows, (struct row){.unit = owed->unit, .town = TOWN_ANY, .period = month}, error);
        if (!row) {
            return -(int)error->code;
        }
        struct wire_completeness_row *out = &figures[row - rows->items];
        out->month = month;
        count_owed(completeness, owed, out);
    }
    for (uint32_t i = 0; i < rows->count; i++) {
        struct wire_completeness_row *out = &figures[i];
        out->present = (MARK(completeness_row, state) << 1) - 1;
        if (!name_unit(rows, tally, rows->items[i].unit, &out->unit, &out->name)) {
            out->present &= ~MARK(completeness_row, name);
        }
        finish_row(completeness, tally, rows->items[i].unit, out);
    }
    return rows_sort(rows, tally) < 0 ? error_set(error, ERR_NO_MEMORY, (struct error_words){0}) : 0;
}

int completeness_answer(const struct completeness *completeness, struct rows *rows, const struct tally *tally,
                        struct arena *arena, struct wire_completeness_answer *answer, struct error *error) {
    struct wire_completeness_row *figures = arena_alloc(arena, (completeness->count + 1) * sizeof *figures);
    struct wire_completeness_row *items = arena_alloc(arena, (completeness->count + 1) * sizeof *items);
    char *as_of = arena_alloc(arena, POSITION_TEXT_SIZE);
    if (!figures || !items || !as_of) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    memset(figures, 0, (completeness->count + 1) * sizeof *figures);
    int result = fill_rows(completeness, rows, tally, figures, error);
    for (uint32_t i = 0; i < rows->count && result == 0; i++) {
        items[i] = figures[rows->order[i]];
    }
    position_format(&tally->position, as_of);
    *answer =
        (struct wire_completeness_answer){.present = MARK(completeness_answer, as_of) | MARK(completeness_answer, rows),
                                          .as_of = text_of(as_of),
                                          .rows = {items, rows->count},
                                          .today = completeness->today,
                                          .at = (int64_t)completeness->question.at};
    answer->present |= completeness->today != DAY_UNKNOWN ? MARK(completeness_answer, today) : 0;
    answer->present |= completeness->question.at != AT_HEAD ? MARK(completeness_answer, at) : 0;
    return result;
}

struct order {
    const struct rows *rows;
    const struct tally *tally;
};

static int compare_missing(const void *a, const void *b, void *data) {
    const struct order *order = data;
    const struct owed *first = a;
    const struct owed *second = b;
    int result = rows_compare_units(order->rows, order->tally, first->unit, second->unit);
    if (result == 0 && first->due != second->due) {
        result = first->due < second->due ? -1 : 1;
    }
    return result != 0 ? result : (first->planned > second->planned) - (first->planned < second->planned);
}

static void fill_missing(const struct completeness *completeness, const struct rows *rows, const struct tally *tally,
                         const struct owed *owed, struct wire_missing_row *out) {
    *out = (struct wire_missing_row){.present = (MARK(missing_row, days) << 1) - 1,
                                     .activity = tally->reports.ids[owed->planned],
                                     .last_day = owed->last_day,
                                     .due = owed->due,
                                     .days = completeness->today - owed->due};
    if (!name_unit(rows, tally, owed->unit, &out->unit, &out->name)) {
        out->present &= ~MARK(missing_row, name);
    }
}

int missing_answer(const struct completeness *completeness, struct rows *rows, const struct tally *tally,
                   struct arena *arena, struct wire_missing_answer *answer, struct error *error) {
    struct owed *missing = arena_alloc(arena, (completeness->count + 1) * sizeof *missing);
    struct wire_missing_row *items = arena_alloc(arena, (completeness->limit + 1) * sizeof *items);
    char *as_of = arena_alloc(arena, POSITION_TEXT_SIZE);
    uint32_t count = 0;
    if (!missing || !items || !as_of) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    for (uint32_t i = 0; i < completeness->count; i++) {
        if (is_overdue(completeness, &completeness->owed[i])) {
            missing[count++] = completeness->owed[i];
        }
    }
    struct order order = {rows, tally};
    qsort_r(missing, count, sizeof *missing, compare_missing, &order);
    uint32_t told = count < completeness->limit ? count : completeness->limit;
    for (uint32_t i = 0; i < told; i++) {
        fill_missing(completeness, rows, tally, &missing[i], &items[i]);
    }
    position_format(&tally->position, as_of);
    *answer = (struct wire_missing_answer){.present = MARK(missing_answer, as_of) | MARK(missing_answer, rows),
                                           .as_of = text_of(as_of),
                                           .rows = {items, told},
                                           .today = completeness->today,
                                           .at = (int64_t)completeness->question.at,
                                           .left_out = count - told};
    answer->present |= completeness->today != DAY_UNKNOWN ? MARK(missing_answer, today) : 0;
    answer->present |= completeness->question.at != AT_HEAD ? MARK(missing_answer, at) : 0;
    answer->present |= count > told ? MARK(missing_answer, left_out) : 0;
    return 0;
}
