/* The problems themselves: a list, and one with its whole life. */
#include <stdlib.h>

#include "services/aggregator/aggregator.h"
#include "services/aggregator/asked.h"
#include "services/aggregator/column.h"
#include "services/aggregator/moments/moments.h"
#include "services/aggregator/problems/select.h"

#define LIMIT_DEFAULT 50
#define STEPS_MAX 10000 /* of problem_answer.steps */
#define MINUTE_MS INT64_C(60000)

#define HAS(field) (UINT64_C(1) << FIELD_problem_entry_##field)

static void fill_text(const struct tally *tally, uint32_t name, struct text *out, uint64_t bit, uint64_t *present) {
    if (name != NAME_NONE) {
        *out = names_text(&tally->names, name);
        *present |= bit;
    }
}

static struct wire_problem_entry entry_of(const struct squads *squads, const struct problem *problem, int32_t today) {
    const struct tally *tally = squads->tally;
    const struct problems *problems = tally->problems;
    struct wire_problem_entry entry = {
        .present = HAS(id) | HAS(unit) | HAS(kind) | HAS(state) | HAS(state_name) | HAS(raised) | HAS(overdue) |
                   HAS(rework) | HAS(came_back) | HAS(seq),
        .id = *ids_at(&problems->ids, problem->number),
        .unit = units_path(&tally->units, problem->unit),
        .kind = names_text(&tally->names, problem->kind),
        .state = text_of(state_wire((enum life_state)problem->state)),
        .state_name = text_of(state_chinese((enum life_state)problem->state)),
        .raised = problem->day,
        .overdue = problem_is_overdue(problem, today),
        .rework = problem->rework,
        .came_back = problem->came_back,
        .seq = (int64_t)problem->version.since,
    };
    fill_text(tally, squads->faces[problem->unit].name, &entry.name, HAS(name), &entry.present);
    fill_text(tally, problem->town, &entry.town, HAS(town), &entry.present);
    fill_text(tally, problem->spot, &entry.spot, HAS(spot), &entry.present);
    fill_text(tally, problem->office, &entry.office, HAS(office), &entry.present);
    fill_text(tally, problem->case_number, &entry.case_number, HAS(case_number), &entry.present);
    if (problem->to != UNIT_NONE) {
        entry.to = units_path(&tally->units, problem->to);
        entry.present |= HAS(to);
    }
    if (problem->due != DAY_NONE) {
        entry.due = problem->due;
        entry.present |= HAS(due);
    }
    if (problem->resolved_at != 0) {
        entry.minutes = (problem->resolved_at - problem->raised_at) / MINUTE_MS;
        entry.present |= HAS(minutes);
    }
    if (problem->of != IDS_NONE) {
        entry.of = *ids_at(&problems->ids, problem->of);
        entry.present |= HAS(of);
    }
    return entry;
}

/* ---- the list ---- */

struct found {
    const struct problem **items;
    uint32_t count;
    uint32_t capacity;
};

static int keep(void *data, const struct problem *problem) {
    struct found *found = data;
    int result = column_reserve(&found->items, &found->capacity, (uint64_t)found->count + 1, sizeof(void *));
    if (result == 0) {
        found->items[found->count++] = problem;
    }
    return result;
}

/* Those raised last first: numbers rise in the order of raising. */
static int compare(const void *a, const void *b) {
    uint32_t first = (*(const struct problem *const *)a)->number;
    uint32_t second = (*(const struct problem *const *)b)->number;
    return (first < second) - (first > second);
}

static int fill_list(const struct squads *squads, const struct selection *selection,
                     const struct wire_problems_query *query, const struct found *found, struct arena *arena,
                     struct wire_problem_list *list) {
    uint32_t limit = wire_has(query->present, FIELD_problems_query_limit) ? (uint32_t)query->limit : LIMIT_DEFAULT;
    const struct tally *tally = squads->tally;
    uint32_t first = 0;
    while (wire_has(query->present, FIELD_problems_query_cursor) && first < found->count &&
           found->items[first]->number >= (uint64_t)query->cursor) {
        first++;
    }
    uint32_t count = found->count - first < limit ? found->count - first : limit;
    struct wire_problem_entry *rows = arena_alloc(arena, (count + 1) * sizeof *rows);
    char *as_of = asked_as_of(tally, arena);
    if (!rows || !as_of) {
        return -(int)ERR_NO_MEMORY;
    }
    for (uint32_t i = 0; i < count; i++) {
        rows[i] = entry_of(squads, found->items[first + i], selection->today);
    }
    *list = (struct wire_problem_list){
        .as_of = text_of(as_of),
        .at = (int64_t)(selection->at == AT_HEAD ? tally->position.seq : selection->at),
        .total = found->count,
        .rows = {rows, count},
    };
    wire_set(&list->present, FIELD_problem_list_as_of);
    wire_set(&list->present, FIELD_problem_list_at);
    wire_set(&list->present, FIELD_problem_list_total);
    wire_set(&list->present, FIELD_problem_list_rows);
    if (first + count < found->count && found->items[first + count - 1]->number > 0) {
        list->cursor = found->items[first + count - 1]->number;
        wire_set(&list->present, FIELD_problem_list_cursor);
    }
    return 0;
}

int answer_problem_list(struct aggregator *aggregator, const void *query, void *answer, struct error *error) {
    const struct wire_problems_query *asked = query;
    struct selection selection;
    struct found found = {0};
    int result = selection_read(aggregator->tally, asked, &selection, error);
    if (result == 0 && (squads_at(&aggregator->squads, aggregator->tally, selection.at) < 0 ||
                        selection_walk(aggregator->tally, &selection, keep, &found) < 0)) {
        result = asked_no_memory(error);
    }
    if (result == 0 && found.count > 1) {
        qsort(found.items, found.count, sizeof(void *), compare);
    }
    if (result == 0 &&
        fill_list(&aggregator->squads, &selection, asked, &found, aggregator->question_arena, answer) < 0) {
        result = asked_no_memory(error);
    }
    free(found.items);
    return result;
}

/* ---- one ---- */

static int fill_life(const struct squads *squads, uint32_t number, struct arena *arena,
                     struct wire_problem_answer *answer) {
    const struct tally *tally = squads->tally;
    const struct problems *problems = tally->problems;
    int32_t today = moments_today(tally, AT_HEAD);
    uint32_t last = problems->current[number];
    uint32_t count = 0;
    for (uint32_t row = last + 1; row != 0 && count < STEPS_MAX; row = problem_row(problems, row - 1)->before) {
        count++;
    }
    char *as_of = asked_as_of(tally, arena);
    struct wire_problem_entry *steps = arena_alloc(arena, (count + 1) * sizeof *steps);
    if (!steps || !as_of) {
        return -(int)ERR_NO_MEMORY;
    }
    uint32_t row = last;
    for (uint32_t i = count; i > 0; i--) {
        steps[i - 1] = entry_of(squads, problem_row(problems, row), today);
        row = problem_row(problems, row)->before - 1;
    }
    *answer = (struct wire_problem_answer){.as_of = text_of(as_of), .steps = {steps, count}};
    wire_set(&answer->present, FIELD_problem_answer_as_of);
    wire_set(&answer->present, FIELD_problem_answer_steps);
    return 0;
}

int answer_problem(struct aggregator *aggregator, const void *query, void *answer, struct error *error) {
    const struct wire_problem_query *asked = query;
    uint32_t number = ids_find(&aggregator->tally->problems->ids, &asked->id);
    if (number == IDS_NONE) {
        char id[ID_TEXT_SIZE];
        id_format(&asked->id, id);
        return error_set(error, ERR_NOT_FOUND, (struct error_words){.value = id});
    }
    bool made = squads_at(&aggregator->squads, aggregator->tally, AT_HEAD) == 0 &&
                fill_life(&aggregator->squads, number, aggregator->question_arena, answer) == 0;
    return made ? 0 : asked_no_memory(error);
}
