/* Reading a question about problems, and the problems that it is about. */
#include "services/aggregator/problems/select.h"

#include "services/aggregator/asked.h"
#include "services/aggregator/moments/moments.h"
#include "services/aggregator/tally.h"

static int read_range(const struct wire_problems_query *query, struct selection *selection, struct error *error) {
    return asked_range(wire_has(query->present, FIELD_problems_query_from) ? &query->from : NULL,
                       wire_has(query->present, FIELD_problems_query_to) ? &query->to : NULL, &selection->range, error);
}

static int read_by(const struct wire_problems_query *query, struct selection *selection, struct error *error) {
    static const struct {
        const char *word;
        unsigned by;
    } words[] = {{"squad", BY_SQUAD}, {"kind", BY_KIND}, {"town", BY_TOWN}, {"spot", BY_SPOT}};
    const struct text *asked = query->by.items;
    for (uint32_t i = 0; i < query->by.count; i++) {
        size_t word = 0;
        while (word < sizeof words / sizeof *words && !text_equal(asked[i], text_of(words[word].word))) {
            word++;
        }
        if (word < sizeof words / sizeof *words) {
            selection->by |= words[word].by;
        } else if (!asked_period(asked[i], &selection->granularity)) {
            return asked_refuse(ERR_BAD_QUERY, "by", asked[i],
                                "squad, kind, town, spot, day, week, month, quarter or year", error);
        }
    }
    return 0;
}

static const char *const sets[] = {[SET_COUNTED] = "counted", [SET_OPEN] = "open",     [SET_OVERDUE] = "overdue",
                                   [SET_CLOSED] = "closed",   [SET_REWORK] = "rework", [SET_CAME_BACK] = "came-back"};

static int read_state(const struct wire_problems_query *query, struct selection *selection, struct error *error) {
    if (!wire_has(query->present, FIELD_problems_query_state)) {
        return 0;
    }
    for (int set = SET_COUNTED; set <= SET_CAME_BACK; set++) {
        if (text_equal(query->state, text_of(sets[set]))) {
            selection->set = (enum problem_set)set;
            return 0;
        }
    }
    int state = state_find(LIFE_problem, query->state);
    if (state < 0) {
        return asked_refuse(ERR_BAD_QUERY, "state", query->state,
                            "counted, open, overdue, closed, rework, came-back, raised, assigned, started, resolved, "
                            "confirmed, reopened, duplicated or refused",
                            error);
    }
    selection->state = (enum life_state)state;
    return 0;
}

static uint32_t find_name(const struct tally *tally, uint64_t present, unsigned field, struct text text,
                          struct selection *selection) {
    uint32_t name = wire_has(present, field) ? names_find(&tally->names, text) : NAME_NONE;
    selection->nothing = selection->nothing || (wire_has(present, field) && name == NAME_NONE);
    return name;
}

static int read_filters(const struct tally *tally, const struct wire_problems_query *query, struct selection *selection,
                        struct error *error) {
    selection->unit = UNIT_NONE;
    selection->kind = find_name(tally, query->present, FIELD_problems_query_kind, query->kind, selection);
    selection->town = find_name(tally, query->present, FIELD_problems_query_town, query->town, selection);
    selection->spot = find_name(tally, query->present, FIELD_problems_query_spot, query->spot, selection);
    if (!wire_has(query->present, FIELD_problems_query_unit)) {
        return 0;
    }
    return asked_unit(tally, "unit", query->unit, &selection->unit, error);
}

int selection_read(const struct tally *tally, const struct wire_problems_query *query, struct selection *selection,
                   struct error *error) {
    *selection = (struct selection){0};
    int result = moments_resolve(tally, query->at, &selection->at, error);
    if (result == 0) {
        result = read_range(query, selection, error);
    }
    if (result == 0) {
        result = read_filters(tally, query, selection, error);
    }
    if (result == 0) {
        result = read_by(query, selection, error);
    }
    selection->today = result == 0 ? moments_today(tally, selection->at) : DAY_UNKNOWN;
    return result < 0 ? result : read_state(query, selection, error);
}

/* ---- which ---- */

bool problem_is_overdue(const struct problem *problem, int32_t today) {
    return problem_is_open(problem) && problem->due != DAY_NONE && problem->due < today;
}

static bool is_in_set(const struct selection *selection, const struct problem *problem) {
    switch (selection->set) {
    case SET_COUNTED:
        return problem_counts(problem);
    case SET_OPEN:
        return problem_is_open(problem);
    case SET_OVERDUE:
        return problem_is_overdue(problem, selection->today);
    case SET_CLOSED:
        return problem_counts(problem) && !problem_is_open(problem);
    case SET_REWORK:
        return problem_counts(problem) && problem->rework > 0;
    case SET_CAME_BACK:
        return problem_counts(problem) && problem->came_back > 0;
    case SET_ALL:
        break;
    }
    return true;
}

bool selection_fits(const struct tally *tally, const struct selection *selection, const struct problem *problem) {
    return !selection->nothing && problem->day >= selection->range.from && problem->day <= selection->range.to &&
           (selection->kind == NAME_NONE || selection->kind == problem->kind) &&
           (selection->town == NAME_NONE || selection->town == problem->town) &&
           (selection->spot == NAME_NONE || selection->spot == problem->spot) &&
           (selection->state == STATE_NONE || selection->state == (enum life_state)problem->state) &&
           is_in_set(selection, problem) && units_within(&tally->units, problem->unit, selection->unit);
}

/* As it stands: the current row of each problem. As it stood: the rows of that time, of which each problem has one. */
int selection_walk(const struct tally *tally, const struct selection *selection, selection_visit visit, void *data) {
    const struct problems *problems = tally->problems;
    bool now = selection->at == AT_HEAD;
    uint32_t count = now ? problems->ids.ledger.count : problems->rows.count;
    int result = 0;
    for (uint32_t i = 0; i < count && result == 0; i++) {
        uint32_t row = now ? problems->current[i] : i;
        const struct problem *problem = row == LEDGER_NONE ? NULL : problem_row(problems, row);
        if (problem && version_stands(&problem->version, selection->at) && selection_fits(tally, selection, problem)) {
            result = visit(data, problem);
        }
    }
    return result;
}
