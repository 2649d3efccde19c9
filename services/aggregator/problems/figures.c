/* The figures of problems: sums of those that a question is about. */
#include "services/aggregator/aggregator.h"
#include "services/aggregator/asked.h"
#include "services/aggregator/groups.h"
#include "services/aggregator/moments/moments.h"
#include "services/aggregator/problems/select.h"

#define ROWS_MOST 20000 /* of problems_answer.rows */
#define MINUTE_MS INT64_C(60000)

/* Where the words of a key stand. */
enum { KEY_UNIT, KEY_KIND, KEY_TOWN, KEY_SPOT, KEY_PERIOD };

struct figures {
    struct wire_problems_row sums; /* the numbers only */
    int64_t minutes;               /* of all that are resolved */
};

struct collection {
    const struct tally *tally;
    const struct squads *squads; /* as they were then */
    const struct selection *selection;
    struct groups groups; /* of struct figures */
    struct error *error;
};

/* ---- groups ---- */

static struct group_key key_of(const struct collection *collection, const struct problem *problem) {
    const struct selection *selection = collection->selection;
    return (struct group_key){{
        [KEY_UNIT] = selection->by & BY_SQUAD ? squads_of(collection->squads, problem->unit, UNIT_NONE) : UNIT_NONE,
        [KEY_KIND] = selection->by & BY_KIND ? problem->kind : NAME_NONE,
        [KEY_TOWN] = selection->by & BY_TOWN ? problem->town : NAME_NONE,
        [KEY_SPOT] = selection->by & BY_SPOT ? problem->spot : NAME_NONE,
        [KEY_PERIOD] = (uint32_t)period_of(problem->day, selection->granularity),
    }};
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
    struct group_key key = key_of(collection, problem);
    struct figures *row = groups_row(&collection->groups, &key, collection->error);
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

static int compare(const struct group_key *a, const struct group_key *b, const void *data) {
    const struct squads *squads = data;
    const struct tally *tally = squads->tally;
    int order = squads_compare(squads, a->words[KEY_UNIT], b->words[KEY_UNIT]);
    for (int word = KEY_KIND; word <= KEY_SPOT && order == 0; word++) {
        order = groups_compare_names(&tally->names, a->words[word], b->words[word]);
    }
    return order != 0 ? order : groups_compare_periods(a->words[KEY_PERIOD], b->words[KEY_PERIOD]);
}

#define HAS(field) (UINT64_C(1) << FIELD_problems_row_##field)
#define NUMBERS \
    (HAS(raised) | HAS(open) | HAS(resolved) | HAS(confirmed) | HAS(overdue) | HAS(rework) | HAS(came_back) | \
     HAS(same_spot) | HAS(duplicated) | HAS(refused) | HAS(open_day) | HAS(open_week) | HAS(open_month) | \
     HAS(open_longer))

static int fill_row(const struct collection *collection, const struct group_key *key, const struct figures *figures,
                    struct arena *arena, struct wire_problems_row *out) {
    const struct tally *tally = collection->tally;
    const struct selection *selection = collection->selection;
    *out = figures->sums;
    out->present = NUMBERS;
    if (selection->by & BY_SQUAD) {
        uint32_t unit = key->words[KEY_UNIT];
        out->unit = units_path(&tally->units, unit);
        out->name = squads_name(collection->squads, unit);
        out->present |= HAS(unit) | (squads_has_name(collection->squads, unit) ? HAS(name) : 0);
    }
    out->kind = tally_text(tally, key->words[KEY_KIND]);
    out->town = tally_text(tally, key->words[KEY_TOWN]);
    out->spot = tally_text(tally, key->words[KEY_SPOT]);
    out->present |= selection->by & BY_KIND ? HAS(kind) : 0;
    out->present |= selection->by & BY_TOWN ? HAS(town) : 0;
    out->present |= selection->by & BY_SPOT ? HAS(spot) : 0;
    if (selection->granularity != BY_ALL) {
        char *period = arena_alloc(arena, PERIOD_TEXT_SIZE);
        if (!period) {
            return -(int)ERR_NO_MEMORY;
        }
        period_format((int32_t)key->words[KEY_PERIOD], selection->granularity, period);
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
    struct groups *groups = &collection->groups;
    struct wire_problems_row *rows = arena_alloc(arena, (groups->count + 1) * sizeof *rows);
    char *as_of = asked_as_of(collection->tally, arena);
    int result = rows && as_of ? groups_sort(groups, compare, collection->squads) : -(int)ERR_NO_MEMORY;
    for (uint32_t i = 0; i < groups->count && result == 0; i++) {
        uint32_t row = groups->order[i];
        result = fill_row(collection, &groups->keys[row], groups_at(groups, row), arena, &rows[i]);
    }
    if (result < 0) {
        return error_set(collection->error, ERR_NO_MEMORY, (struct error_words){0});
    }
    *answer = (struct wire_problems_answer){
        .as_of = text_of(as_of),
        .at = (int64_t)(selection->at == AT_HEAD ? collection->tally->position.seq : selection->at),
        .today = selection->today,
        .rows = {rows, groups->count},
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
    struct collection collection = {
        .tally = aggregator->tally, .squads = &aggregator->squads, .selection = &selection, .error = error};
    const struct problem none = {.unit = UNIT_NONE};
    groups_start(&collection.groups, sizeof(struct figures), ROWS_MOST);
    int result = selection_read(aggregator->tally, query, &selection, error);
    if (result == 0 && squads_at(&aggregator->squads, aggregator->tally, selection.at) < 0) {
        result = asked_no_memory(error);
    }
    if (result == 0 && selection.by == 0 && selection.granularity == BY_ALL) {
        struct group_key whole = key_of(&collection, &none); /* without groups there is exactly one row */
        result = groups_row(&collection.groups, &whole, error) ? 0 : -(int)error->code;
    }
    if (result == 0) {
        result = selection_walk(aggregator->tally, &selection, add, &collection);
    }
    if (result == 0) {
        result = fill(&collection, aggregator->question_arena, answer);
    }
    groups_free(&collection.groups);
    return result;
}
