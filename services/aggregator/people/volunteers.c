/* Volunteers: their versions, and with which squads they serve. */
#include "services/aggregator/people/people.h"
#include "services/aggregator/tally.h"

uint32_t volunteer_kind(const struct people *people, uint32_t volunteer) {
    uint32_t row = people->persons[volunteer].row;
    return row == ROW_NONE ? NAME_NONE : people_volunteer(people, row)->kind;
}

/* ---- squads ---- */

static int join(struct tally *tally, uint32_t volunteer, uint32_t unit, uint64_t seq) {
    struct people *people = tally->people;
    struct person *person = &people->persons[volunteer];
    struct membership row = {.version = {.since = seq},
                             .volunteer = volunteer,
                             .unit = unit,
                             .left = DAY_NONE,
                             .before = person->membership};
    uint32_t number = ledger_add(people_ledger(people, PEOPLE_MEMBERSHIPS), &row);
    if (unit == UNIT_NONE || number == LEDGER_NONE) {
        return -(int)ERR_NO_MEMORY;
    }
    person->membership = number;
    return 0;
}

/* The standing row with the unit; ROW_NONE when the volunteer does not serve there. */
static uint32_t serving(const struct people *people, uint32_t volunteer, uint32_t unit) {
    uint32_t next = people->persons[volunteer].membership;
    for (; next != ROW_NONE; next = people_membership(people, next)->before) {
        const struct membership *row = people_membership(people, next);
        if (row->version.until == 0 && row->unit == unit && row->left == DAY_NONE) {
            break;
        }
    }
    return next;
}

static bool names_unit(const struct tally *tally, const struct list *paths, uint32_t unit) {
    const struct text *items = paths->items;
    for (uint32_t i = 0; i < paths->count; i++) {
        if (units_find(&tally->units, items[i]) == unit) {
            return true;
        }
    }
    return false;
}

/* The squads are from now on those of the list: who is not in it any more is ended, without a day of leaving. */
static int set_units(struct tally *tally, uint32_t volunteer, const struct list *paths, uint64_t seq) {
    struct people *people = tally->people;
    const struct text *items = paths->items;
    int result = 0;
    for (uint32_t i = 0; i < paths->count && result == 0; i++) {
        uint32_t unit = units_number(&tally->units, items[i]);
        result = unit == UNIT_NONE ? -(int)ERR_NO_MEMORY : 0;
        if (result == 0 && serving(people, volunteer, unit) == ROW_NONE) {
            result = join(tally, volunteer, unit, seq);
        }
    }
    uint32_t next = people->persons[volunteer].membership;
    for (; next != ROW_NONE && result == 0; next = people_membership(people, next)->before) {
        const struct membership *row = people_membership(people, next);
        if (row->version.until == 0 && row->left == DAY_NONE && !names_unit(tally, paths, row->unit)) {
            result = ledger_end(people_ledger(people, PEOPLE_MEMBERSHIPS), next, seq);
        }
    }
    return result;
}

/* ---- particulars ---- */

/* What the event says goes over what was known. */
static int take_particulars(struct tally *tally, const struct wire_volunteer *body, struct volunteer *row) {
    if (wire_has(body->present, FIELD_volunteer_kind)) {
        row->kind = tally_name(tally, body->kind);
        if (row->kind == NAME_NONE) {
            return -(int)ERR_NO_MEMORY;
        }
    }
    row->minor = wire_has(body->present, FIELD_volunteer_minor) ? body->minor : row->minor;
    row->guardian = wire_has(body->present, FIELD_volunteer_guardian) ? body->guardian : row->guardian;
    row->joined = wire_has(body->present, FIELD_volunteer_joined) ? body->joined : row->joined;
    return 0;
}

static int set_row(struct people *people, struct volunteer *row, uint64_t seq) {
    struct ledger *ledger = people_ledger(people, PEOPLE_VOLUNTEERS);
    struct person *person = &people->persons[row->volunteer];
    row->version = (struct version){.since = seq};
    uint32_t number = person->row == ROW_NONE ? ledger_add(ledger, row) : ledger_replace(ledger, person->row, row, seq);
    person->row = number;
    return number == LEDGER_NONE ? -(int)ERR_NO_MEMORY : 0;
}

int fold_enrolled(struct tally *tally, const struct event *event) {
    struct people *people = tally->people;
    const struct wire_volunteer *body = &event->body->volunteer;
    struct volunteer row = {.kind = NAME_NONE, .joined = DAY_NONE};
    if (ids_find(&people->volunteer_ids, &event->id) != IDS_NONE) {
        return 0;
    }
    row.volunteer = ids_number(&people->volunteer_ids, &event->id);
    if (row.volunteer == IDS_NONE || people_reserve_person(people, row.volunteer) < 0) {
        return -(int)ERR_NO_MEMORY;
    }
    int result = take_particulars(tally, body, &row);
    if (result == 0) {
        result = set_row(people, &row, event->seq);
    }
    if (result == 0 && body->units.count > 0) {
        return set_units(tally, row.volunteer, &body->units, event->seq);
    }
    return result < 0 ? result : join(tally, row.volunteer, units_number(&tally->units, event->unit), event->seq);
}

int fold_updated(struct tally *tally, const struct event *event) {
    struct people *people = tally->people;
    const struct wire_volunteer *body = &event->body->volunteer;
    uint32_t volunteer = ids_find(&people->volunteer_ids, &body->volunteer);
    if (volunteer == IDS_NONE) {
        return 0;
    }
    struct volunteer row = *people_volunteer(people, people->persons[volunteer].row);
    int result = take_particulars(tally, body, &row);
    if (result == 0) {
        result = set_row(people, &row, event->seq);
    }
    return result < 0 || body->units.count == 0 ? result : set_units(tally, volunteer, &body->units, event->seq);
}

int fold_left(struct tally *tally, const struct event *event) {
    struct people *people = tally->people;
    const struct wire_volunteer_leaving *body = &event->body->volunteer_leaving;
    struct ledger *memberships = people_ledger(people, PEOPLE_MEMBERSHIPS);
    uint32_t volunteer = ids_find(&people->volunteer_ids, &body->volunteer);
    uint32_t left = units_find(&tally->units, event->unit);
    uint32_t next = volunteer == IDS_NONE || left == UNIT_NONE ? ROW_NONE : people->persons[volunteer].membership;
    while (next != ROW_NONE) {
        struct membership row = *people_membership(people, next);
        uint32_t before = row.before;
        if (row.version.until == 0 && row.left == DAY_NONE && units_within(&tally->units, row.unit, left)) {
            row.left = body->left;
            row.before = people->persons[volunteer].membership;
            uint32_t number = ledger_replace(memberships, next, &row, event->seq);
            if (number == LEDGER_NONE) {
                return -(int)ERR_NO_MEMORY;
            }
            people->persons[volunteer].membership = number;
        }
        next = before;
    }
    return 0;
}
