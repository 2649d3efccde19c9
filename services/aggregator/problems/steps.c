/* One event into the book of problems. What the journal holds was admitted by intake: a step that does not fit the life
 * of its problem is passed over, so that damage elsewhere cannot grow here. */
#include "services/aggregator/problems/problems.h"

#include "services/aggregator/moments/moments.h"
#include "services/aggregator/tally.h"

static uint32_t name_or_none(struct tally *tally, bool has, struct text text, int *result) {
    uint32_t name = has ? tally_name(tally, text) : NAME_NONE;
    *result = has && name == NAME_NONE ? -(int)ERR_NO_MEMORY : *result;
    return name;
}

static int raise_problem(struct tally *tally, const struct event *event) {
    const struct wire_problem *body = &event->body->problem;
    struct problems *problems = tally->problems;
    uint32_t before = problems->ids.ledger.count;
    int result = 0;
    struct problem row = {
        .version = {.since = event->seq},
        .raised_at = event->at,
        .resolved_at = body->solved ? event->at : 0,
        .number = ids_number(&problems->ids, &event->id),
        .unit = units_number(&tally->units, event->unit),
        .kind = tally_name(tally, body->kind),
        .town = name_or_none(tally, wire_has(body->present, FIELD_problem_town), body->town, &result),
        .spot = name_or_none(tally, wire_has(body->present, FIELD_problem_spot), body->spot, &result),
        .to = UNIT_NONE,
        .office = NAME_NONE,
        .case_number =
            name_or_none(tally, wire_has(body->present, FIELD_problem_case_number), body->case_number, &result),
        .of = IDS_NONE,
        .day = moments_day_of(event->at),
        .due = DAY_NONE,
        .state = life_state_after(event),
    };
    if (result < 0 || row.number == IDS_NONE || row.unit == UNIT_NONE || row.kind == NAME_NONE) {
        return -(int)ERR_NO_MEMORY;
    }
    row.same_spot = problems_spot_known(problems, row.spot, row.kind);
    return row.number < before ? 0 : problems_put(problems, &row);
}

/* ---- steps ---- */

static int assign(struct tally *tally, const struct event *event, struct problem *row) {
    const struct wire_problem_assignment *body = &event->body->problem_assignment;
    int result = 0;
    row->to = wire_has(body->present, FIELD_problem_assignment_to) ? units_number(&tally->units, body->to) : UNIT_NONE;
    row->office = name_or_none(tally, wire_has(body->present, FIELD_problem_assignment_office), body->office, &result);
    row->due = wire_has(body->present, FIELD_problem_assignment_due) ? body->due : row->due;
    bool lost = wire_has(body->present, FIELD_problem_assignment_to) && row->to == UNIT_NONE;
    return lost ? -(int)ERR_NO_MEMORY : result;
}

static int note_case(struct tally *tally, const struct event *event, struct problem *row) {
    const struct wire_problem_step *body = &event->body->problem_step;
    if (!wire_has(body->present, FIELD_problem_step_case_number)) {
        return 0;
    }
    row->case_number = tally_name(tally, body->case_number);
    return row->case_number == NAME_NONE ? -(int)ERR_NO_MEMORY : 0;
}

static int apply(struct tally *tally, const struct event *event, struct problem *row) {
    switch (event->type) {
    case EVENT_PROBLEM_ASSIGNED:
        return assign(tally, event, row);
    case EVENT_PROBLEM_RESOLVED:
        row->resolved_at = event->at > row->raised_at ? event->at : row->raised_at;
        return note_case(tally, event, row);
    case EVENT_PROBLEM_REOPENED:
        row->resolved_at = 0;
        row->rework += event->body->problem_reopening.came_back ? 0 : 1;
        row->came_back += event->body->problem_reopening.came_back ? 1 : 0;
        return 0;
    case EVENT_PROBLEM_DUPLICATED:
        row->of = ids_find(&tally->problems->ids, &event->body->problem_duplicate.of);
        return 0;
    default:
        return note_case(tally, event, row);
    }
}

int problems_fold(struct tally *tally, const struct event *event, struct error *error) {
    (void)error;
    const struct life_step *step = life_step_of(event->type);
    struct problems *problems = tally->problems;
    struct id id;
    if (event->type == EVENT_PROBLEM_RAISED) {
        return raise_problem(tally, event);
    }
    uint32_t number = life_subject(step, event, &id) ? ids_find(&problems->ids, &id) : IDS_NONE;
    uint32_t current = number == IDS_NONE ? LEDGER_NONE : problems->current[number];
    if (current == LEDGER_NONE) {
        return 0;
    }
    struct problem row = *problem_row(problems, current);
    if (!life_allows(step, (enum life_state)row.state)) {
        return 0;
    }
    row.version.since = event->seq;
    row.state = step->to;
    row.before = current + 1;
    int result = apply(tally, event, &row);
    if (result == 0) {
        result = ledger_end(&problems->rows, current, event->seq);
    }
    return result < 0 ? result : problems_put(problems, &row);
}
