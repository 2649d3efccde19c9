/* The figures of problems: sums of those that a question is about. */
#include <stdlib.h>

#include "services/aggregator/aggregator.h"
#include "services/aggregator/column.h"
#include "services/aggregator/moments/moments.h"
#include "services/aggregator/problems/select.h"

#define ROWS_MOST 20000 /* of problems_answer.rows */
#define MINUTE_MS INT64_C(60000)

struct group {
    uint32_t unit;
    uint32_t kind;
    uint32_t town;
    uint32_t spot;
    int32_t period;
};

struct figures {
    struct group group;
    struct wire_problems_row sums; /* the numbers only */
    int64_t minutes;               /* of all that are resolved */
};

struct collection {
    const struct tally *tally;
    const struct selection *selection;
    struct figures *rows;
    uint32_t count;
    uint32_t capacity;
    struct table table;
    struct error *error;
};

/* ---- groups ---- */

/* The squad above the unit, or the unit itself. */
static uint32_t squad_of(const struct tally *tally, uint32_t unit) {
    uint32_t squad_kind = names_find(&tally->names, text_of("squad"));
    for (uint32_t above = unit; above != UNIT_NONE; above = tally->units.items[above].parent) {
        if (squad_kind != NAME_NONE && tally->units.items[above].kind == squad_kind) {
            return above;
        }
    }
    return unit;
}

static struct group group_of(const struct collection *collection, const struct problem *problem) {
    const struct selection *selection = collection->selection;
    return (struct group){
        .unit = selection->by & BY_SQUAD ? squad_of(collection->tally, problem->unit) : UNIT_NONE,
        .kind = selection->by & BY_KIND ? problem->kind : NAME_NONE,
        .town = selection->by & BY_TOWN ? problem->town : NAME_NONE,
        .spot = selection->by & BY_SPOT ? problem->spot : NAME_NONE,
        .period = period_of(problem->day, selection->granularity),
    };
}

static bool group_is(const void *owner, uint32_t number, const void *key) {
    return memcmp(&((const struct collection *)owner)->rows[number].group, key, sizeof(struct group)) == 0;
}

static struct figures *row_of(struct collection *collection, const struct group *group) {
    uint32_t hash = table_hash_pair(table_hash_pair(group->unit, group->kind) ^ (uint32_t)group->period,
                                    table_hash_pair(group->town, group->spot));
    uint32_t number = table_find(&collection->table, hash, group_is, collection, group);
    if (number != TABLE_NONE) {
        return &collection->rows[number];
    }
    if (collection->count == ROWS_MOST) {
        error_set(collection->error, ERR_TOO_MANY,
                  (struct error_words){.field = "rows", .value = "more", .limit = "20000"});
        return NULL;
    }
    if (table_reserve(&collection->table) < 0 ||
        column_reserve(&collection->rows, &collection->capacity, (uint64_t)collection->count + 1,
                       sizeof *collection->rows) < 0) {
        error_set(collection->error, ERR_NO_MEMORY, (struct error_words){0});
        return NULL;
    }
    table_add(&collection->table, hash, collection->count);
    collection->rows[collection->count] = (struct figures){.group = *group};
    return &collection->rows[collection->count++];
}

/* ---- sums ---- */

static void add_age(struct wire_problems_row *sums, const struct problem *problem, int32_t today) {
    int32_t days = today == DAY_UNKNOWN || today < problem->day ? 0 : today - problem->day;
    sums->open_day += days <= 1;
    sums->open_week += days > 1 && days <= 7;
    sums->open_month += days > 7 && days <= 30;
    sums->open_longer += days > 30;
}

static void add_resolved(struct figures *row, const struct problem *problem) {
    int64_t minutes = (problem->resolved_at - problem->raised_at) / MINUTE_MS;
    row->sums.resolved++;
    row->minutes += minutes;
    row->sums.minutes_most = minutes > row->sums.minutes_most ? minutes : row->sums.minutes_most;
}

static int add(void *data, const struct problem *problem) {
    struct collection *collection = data;
    struct group group = group_of(collection, problem);
    struct figures *row = row_of(collection, &group);
    if (!row) {
        return -(int)collection->error->code;
    }
    row->sums.duplicated += problem->state == STATE_problem_DUPLICATED;
    row->sums.refused += problem->state == STATE_problem_REFUSED;
    if (!problem_counts(problem)) {
        return 0;
    }
    row->sums.raised++;
    row->sums.rework += problem->rework;
    row->sums.came_back += problem->came_back;
    row->sums.same_spot += problem->same_spot;
    row->sums.confirmed += problem->state == STATE_problem_CONFIRMED;
    if (problem_is_open(problem)) {
        row->sums.open++;
        row->sums.overdue += problem_is_overdue(problem, collection->selection->today);
        add_age(&row->sums, problem, collection->selection->today);
    } else {
        add_resolved(row, problem);
    }
    return 0;
}

/* ---- the answer ---- */

static int compare_texts(const struct tally *tally, uint32_t a, uint32_t b) {
    if (a == b || a == NAME_NONE || b == NAME_NONE) {
        return (a == NAME_NONE) - (b == NAME_NONE);
    }
    return names_compare(names_text(&tally->names, a), names_text(&tally->names, b));
}

static int compare_squads(const struct tally *tally, uint32_t a, uint32_t b) {
    if (a == b) {
        return 0;
    }
    int32_t first = tally->units.items[a].order;
    int32_t second = tally->units.items[b].order;
    return first != second ? (first > second) - (first < second)
                           : names_compare(units_path(&tally->units, a), units_path(&tally->units, b));
}

static int compare(const void *a, const void *b, void *data) {
    const struct tally *tally = data;
    const struct group *first = &((const struct figures *)a)->group;
    const struct group *second = &((const struct figures *)b)->group;
    int order = compare_squads(tally, first->unit, second->unit);
    order = order != 0 ? order : compare_texts(tally, first->kind, second->kind);
    order = order != 0 ? order : compare_texts(tally, first->town, second->town);
    order = order != 0 ? order : compare_texts(tally, first->spot, second->spot);
    return order != 0 ? order : (first->period > second->period) - (first->period < second->period);
}

static struct text text_or_empty(const struct tally *tally, uint32_t name) {
    return name == NAME_NONE ? text_of("") : names_text(&tally->names, name);
}

#define HAS(field) (UINT64_C(1) << FIELD_problems_row_##field)
#define NUMBERS \
    (HAS(raised) | HAS(open) | HAS(resolved) | HAS(confirmed) | HAS(overdue) | HAS(rework) | HAS(came_back) | \
     HAS(same_spot) | HAS(duplicated) | HAS(refused) | HAS(open_day) | HAS(open_week) | HAS(open_month) | \
     HAS(open_longer))

static int fill_row(const struct tally *tally, const struct selection *selection, const struct figures *figures,
                    struct arena *arena, struct wire_problems_row *out) {
    *out = figures->sums;
    out->present = NUMBERS;
    if (selection->by & BY_SQUAD) {
        uint32_t name = tally->units.items[figures->group.unit].name;
        out->unit = units_path(&tally->units, figures->group.unit);
        out->name = text_or_empty(tally, name);
        out->present |= HAS(unit) | (name != NAME_NONE ? HAS(name) : 0);
    }
    out->kind = text_or_empty(tally, figures->group.kind);
    out->town = text_or_empty(tally, figures->group.town);
    out->spot = text_or_empty(tally, figures->group.spot);
    out->present |= selection->by & BY_KIND ? HAS(kind) : 0;
    out->present |= selection->by & BY_TOWN ? HAS(town) : 0;
    out->present |= selection->by & BY_SPOT ? HAS(spot) : 0;
    if (selection->granularity != BY_ALL) {
        char *period = arena_alloc(arena, PERIOD_TEXT_SIZE);
        if (!period) {
            return -(int)ERR_NO_MEMORY;
        }
        period_format(figures->group.period, selection->granularity, period);
        out->period = text_of(period);
        out->present |= HAS(period);
    }
    if (out->resolved > 0) {
        out->minutes_mean = figures->minutes / out->resolved;
        out->present |= HAS(minutes_mean) | HAS(minutes_most);
    }
    return 0;
}

static int fill(struct collection *collection, struct arena *arena, struct wire_problems_answer *answer) {
    const struct selection *selection = collection->selection;
    struct wire_problems_row *rows = arena_alloc(arena, (collection->count + 1) * sizeof *rows);
    char *as_of = arena_alloc(arena, POSITION_TEXT_SIZE);
    int result = rows && as_of ? 0 : -(int)ERR_NO_MEMORY;
    if (collection->count > 1) {
        qsort_r(collection->rows, collection->count, sizeof *collection->rows, compare, (void *)collection->tally);
    }
    for (uint32_t i = 0; i < collection->count && result == 0; i++) {
        result = fill_row(collection->tally, selection, &collection->rows[i], arena, &rows[i]);
    }
    if (result < 0) {
        return error_set(collection->error, ERR_NO_MEMORY, (struct error_words){0});
    }
    position_format(&collection->tally->position, as_of);
    *answer = (struct wire_problems_answer){
        .as_of = text_of(as_of),
        .at = (int64_t)(selection->at == AT_HEAD ? collection->tally->position.seq : selection->at),
        .today = selection->today,
        .rows = {rows, collection->count},
    };
    wire_set(&answer->present, FIELD_problems_answer_as_of);
    wire_set(&answer->present, FIELD_problems_answer_at);
    wire_set(&answer->present, FIELD_problems_answer_rows);
    if (selection->today != DAY_UNKNOWN) {
        wire_set(&answer->present, FIELD_problems_answer_today);
    }
    return 0;
}

int answer_problems(struct aggregator *aggregator, const void *query, void *answer, struct error *error) {
    struct selection selection;
    struct collection collection = {.tally = aggregator->tally, .selection = &selection, .error = error};
    const struct group whole = {UNIT_NONE, NAME_NONE, NAME_NONE, NAME_NONE, PERIOD_ALL};
    int result = selection_read(aggregator->tally, query, &selection, error);
    if (result == 0 && selection.by == 0 && selection.granularity == BY_ALL && !row_of(&collection, &whole)) {
        result = -(int)error->code; /* without groups there is exactly one row */
    }
    if (result == 0) {
        result = selection_walk(aggregator->tally, &selection, add, &collection);
    }
    if (result == 0) {
        result = fill(&collection, aggregator->question_arena, answer);
    }
    free(collection.rows);
    table_free(&collection.table);
    return result;
}
