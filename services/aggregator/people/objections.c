/* Objections and their answers, transfers to platforms, awards. */
#include "services/aggregator/people/people.h"
#include "services/aggregator/tally.h"

int fold_objected(struct tally *tally, const struct event *event) {
    struct people *people = tally->people;
    const struct wire_hours_objection *body = &event->body->hours_objection;
    struct objection row = {.version = {.since = event->seq},
                            .received_at = event->received_at,
                            .volunteer = ids_find(&people->volunteer_ids, &body->volunteer),
                            .hours = ROW_NONE,
                            .activity = ROW_NONE};
    if (row.volunteer == IDS_NONE || ids_find(&people->objection_ids, &event->id) != IDS_NONE) {
        return 0;
    }
    if (wire_has(body->present, FIELD_hours_objection_hours)) {
        row.hours = ids_find(&people->hours_ids, &body->hours);
    }
    if (wire_has(body->present, FIELD_hours_objection_activity)) {
        row.activity = planned_activity(tally, event, &body->activity);
    }
    row.before = people->persons[row.volunteer].objection;
    row.objection = ids_number(&people->objection_ids, &event->id);
    if (row.objection == IDS_NONE || people_reserve_objection(people, row.objection) < 0) {
        return -(int)ERR_NO_MEMORY;
    }
    uint32_t number = ledger_add(people_ledger(people, PEOPLE_OBJECTIONS), &row);
    people->objections[row.objection] = number;
    people->persons[row.volunteer].objection = number;
    return number == LEDGER_NONE ? -(int)ERR_NO_MEMORY : 0;
}

int fold_answered(struct tally *tally, const struct event *event) {
    struct people *people = tally->people;
    const struct wire_hours_answer *body = &event->body->hours_answer;
    uint32_t objection = ids_find(&people->objection_ids, &body->objection);
    if (objection == IDS_NONE) {
        return 0;
    }
    struct objection row = *people_objection(people, people->objections[objection]);
    if (row.state != OBJECTION_RAISED) {
        return 0;
    }
    row.state = body->upheld ? OBJECTION_UPHELD : OBJECTION_REFUSED;
    row.answer = event->id;
    row.before = people->persons[row.volunteer].objection;
    uint32_t number =
        ledger_replace(people_ledger(people, PEOPLE_OBJECTIONS), people->objections[objection], &row, event->seq);
    people->objections[objection] = number;
    people->persons[row.volunteer].objection = number;
    return number == LEDGER_NONE ? -(int)ERR_NO_MEMORY : 0;
}

int fold_transferred(struct tally *tally, const struct event *event) {
    struct people *people = tally->people;
    const struct wire_hours_transfer *body = &event->body->hours_transfer;
    const struct id *items = body->hours.items;
    uint32_t platform = tally_name(tally, body->platform);
    int result = platform == NAME_NONE ? -(int)ERR_NO_MEMORY : 0;
    for (uint32_t i = 0; i < body->hours.count && result == 0; i++) {
        uint32_t hours = ids_find(&people->hours_ids, &items[i]);
        if (hours == IDS_NONE) {
            continue;
        }
        struct transfer row = {
            .version = {.since = event->seq}, .platform = platform, .hours = hours, .before = people->transfers[hours]};
        people->transfers[hours] = ledger_add(people_ledger(people, PEOPLE_TRANSFERS), &row);
        result = people->transfers[hours] == LEDGER_NONE ? -(int)ERR_NO_MEMORY : 0;
    }
    return result;
}

int fold_awarded(struct tally *tally, const struct event *event) {
    struct people *people = tally->people;
    const struct wire_award *body = &event->body->award;
    uint32_t volunteer = ids_find(&people->volunteer_ids, &body->volunteer);
    if (volunteer == IDS_NONE) {
        return 0;
    }
    struct award row = {.version = {.since = event->seq},
                        .received_at = event->received_at,
                        .volunteer = volunteer,
                        .award = tally_name(tally, body->award),
                        .before = people->persons[volunteer].award};
    uint32_t number = ledger_add(people_ledger(people, PEOPLE_AWARDS), &row);
    people->persons[volunteer].award = number;
    return row.award == NAME_NONE || number == LEDGER_NONE ? -(int)ERR_NO_MEMORY : 0;
}
