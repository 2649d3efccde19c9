/* Hours: credited, corrected, and what follows them. */
#include "services/aggregator/people/people.h"
#include "services/aggregator/tally.h"

#define CREDIT_MINUTES_MAX 14400 /* of proto/tables/people.h */

static struct presence presence_of(const struct people *people, const struct credit *credit) {
    const struct hours *hours = people_hours(people, credit->hours);
    return (struct presence){credit->volunteer, hours->activity, hours->day};
}

static struct roll_entry entry_of(const struct people *people, const struct credit *credit) {
    const struct hours *hours = people_hours(people, credit->hours);
    return (struct roll_entry){hours->unit, hours->day, credit->volunteer, credit->mix, credit->minutes, credit->own};
}

/* Whether a new credit counts as a presence: another platform's for itself, ours where nothing else does yet. */
static bool is_own(const struct people *people, const struct credit *credit) {
    if (credit->minutes == 0) {
        return false;
    }
    struct presence presence = presence_of(people, credit);
    return !grade_adds_up(people_mix(people, credit->mix)->grade) || !presence_is_held(people, &presence);
}

/* Adds the row at the end of its volunteer's. */
static int add_row(struct tally *tally, struct credit *row) {
    struct people *people = tally->people;
    row->before = people->persons[row->volunteer].credit;
    uint32_t number = ledger_add(people_ledger(people, PEOPLE_CREDITS), row);
    if (number == LEDGER_NONE) {
        return -(int)ERR_NO_MEMORY;
    }
    people->persons[row->volunteer].credit = number;
    struct roll_entry entry = entry_of(people, row);
    return row->minutes > 0 ? rolls_add(people, &entry) : 0;
}

static int end_row(struct tally *tally, uint32_t number, uint64_t seq) {
    struct people *people = tally->people;
    struct roll_entry entry = entry_of(people, people_credit(people, number));
    int result = ledger_end(people_ledger(people, PEOPLE_CREDITS), number, seq);
    if (entry.minutes > 0) {
        rolls_take(tally, &entry);
    }
    return result;
}

int credit_replace(struct tally *tally, uint32_t number, struct credit row, uint64_t seq) {
    row.version = (struct version){.since = seq};
    int result = end_row(tally, number, seq);
    return result < 0 ? result : add_row(tally, &row);
}

uint32_t credit_standing(const struct people *people, uint32_t hours, uint32_t volunteer, uint64_t at) {
    uint32_t first = people_hours(people, hours)->first;
    uint32_t next = people->persons[volunteer].credit;
    for (; next != ROW_NONE && next >= first; next = people_credit(people, next)->before) {
        const struct credit *row = people_credit(people, next);
        if (row->hours == hours && version_stands(&row->version, at)) {
            return next;
        }
    }
    return ROW_NONE;
}

/* ---- hours.credited ---- */

static int add_hours(struct tally *tally, const struct event *event, uint32_t *number) {
    struct people *people = tally->people;
    const struct wire_hours *body = &event->body->hours;
    struct hours row = {
        .activity = planned_activity(tally, event, &body->activity),
        .unit = units_number(&tally->units, event->unit),
        .day = body->date,
        .first = people_count(people, PEOPLE_CREDITS),
    };
    uint32_t roll = row.unit == UNIT_NONE ? ROLL_NONE : rolls_day(tally, row.unit, row.day);
    if (row.activity == ROW_NONE || roll == ROLL_NONE) {
        return -(int)ERR_NO_MEMORY;
    }
    row.before_in_day = people->rolls.items[roll].hours;
    row.before_of_activity = people->outings[row.activity].hours;
    *number = ids_number(&people->hours_ids, &event->id);
    if (*number == IDS_NONE || people_reserve_hours(people, *number) < 0 ||
        ledger_add(people_ledger(people, PEOPLE_HOURS), &row) == LEDGER_NONE) {
        return -(int)ERR_NO_MEMORY;
    }
    people->rolls.items[roll].hours = *number;
    people->outings[row.activity].hours = *number;
    return 0;
}

static int add_credit(struct tally *tally, uint32_t hours, const struct wire_credit *item, uint64_t seq) {
    struct people *people = tally->people;
    uint32_t volunteer = ids_find(&people->volunteer_ids, &item->volunteer);
    if (volunteer == IDS_NONE || item->minutes < 0 || item->minutes > CREDIT_MINUTES_MAX) {
        return 0;
    }
    uint32_t activity = people->outings[people_hours(people, hours)->activity].row;
    struct mix mix = {.kind = volunteer_kind(people, volunteer),
                      .programmes = people_activity(people, activity)->programmes,
                      .grade = (uint8_t)item->grade};
    struct credit row = {
        .version = {.since = seq},
        .volunteer = volunteer,
        .hours = hours,
        .mix = people_mix_number(people, mix),
        .minutes = (uint16_t)item->minutes,
        .start = wire_has(item->present, FIELD_credit_start) ? (uint16_t)item->start : START_UNKNOWN,
    };
    if (row.mix == ROW_NONE) {
        return -(int)ERR_NO_MEMORY;
    }
    row.own = is_own(people, &row);
    int result = add_row(tally, &row);
    struct hours *head = people_hours(people, hours);
    head->count += result == 0;
    return result;
}

int fold_credited(struct tally *tally, const struct event *event) {
    const struct wire_hours *body = &event->body->hours;
    const struct wire_credit *items = body->credits.items;
    uint32_t hours;
    if (ids_find(&tally->people->hours_ids, &event->id) != IDS_NONE) {
        return 0;
    }
    int result = add_hours(tally, event, &hours);
    for (uint32_t i = 0; i < body->credits.count && result == 0; i++) {
        result = add_credit(tally, hours, &items[i], event->seq);
    }
    return result;
}

/* ---- hours.corrected ---- */

static int note_correction(struct people *people, const struct event *event) {
    struct correction row = {
        .id = event->id, .received_at = event->received_at, .credit = people_count(people, PEOPLE_CREDITS) - 1};
    return ledger_add(people_ledger(people, PEOPLE_CORRECTIONS), &row) == LEDGER_NONE ? -(int)ERR_NO_MEMORY : 0;
}

/* The old row goes, another presence may take its place, then the new one comes. */
static int correct(struct tally *tally, uint32_t number, struct credit *row, uint64_t seq) {
    struct people *people = tally->people;
    bool held = people_credit(people, number)->own;
    struct presence presence = presence_of(people, row);
    int result = end_row(tally, number, seq);
    bool ours = grade_adds_up(people_mix(people, row->mix)->grade);
    if (result == 0 && held && (row->minutes == 0 || !ours)) {
        result = presence_pass_on(tally, &presence, seq);
    }
    row->own = is_own(people, row);
    return result < 0 ? result : add_row(tally, row);
}

int fold_corrected(struct tally *tally, const struct event *event) {
    struct people *people = tally->people;
    const struct wire_hours_change *body = &event->body->hours_change;
    uint32_t hours = ids_find(&people->hours_ids, &body->hours);
    uint32_t volunteer = ids_find(&people->volunteer_ids, &body->volunteer);
    uint32_t number =
        hours == IDS_NONE || volunteer == IDS_NONE ? ROW_NONE : credit_standing(people, hours, volunteer, AT_HEAD);
    if (number == ROW_NONE || body->minutes < 0 || body->minutes > CREDIT_MINUTES_MAX) {
        return 0;
    }
    struct credit row = *people_credit(people, number);
    struct mix mix = *people_mix(people, row.mix);
#ifndef PLANTED_WRONG_FOLD /* a test builds it: the grade stays as it was, and the recount must notice */
    mix.grade = wire_has(body->present, FIELD_hours_change_grade) ? (uint8_t)body->grade : mix.grade;
#endif
    row.mix = people_mix_number(people, mix);
    if (row.mix == ROW_NONE) {
        return -(int)ERR_NO_MEMORY;
    }
    row.version = (struct version){.since = event->seq};
    row.minutes = (uint16_t)body->minutes;
    row.start = wire_has(body->present, FIELD_hours_change_start) ? (uint16_t)body->start : row.start;
    row.origin = CREDIT_CORRECTED;
    int result = correct(tally, number, &row, event->seq);
    return result < 0 ? result : note_correction(people, event);
}
