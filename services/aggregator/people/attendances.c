/* Sign-ins and sign-outs, and their corrections. */
#include "services/aggregator/people/people.h"
#include "services/aggregator/tally.h"

#define MINUTE_MS INT64_C(60000)

static struct presence presence_of(const struct attendance *row) {
    return (struct presence){row->volunteer, row->activity, day_of_minute(row->minute)};
}

static struct roll_entry entry_of(const struct attendance *row) {
    return (struct roll_entry){row->unit, day_of_minute(row->minute), row->volunteer, row->mix, 0, row->own};
}

/* The standing row of a sign-in or sign-out, among the volunteer's; ROW_NONE when there is none. */
static uint32_t find(const struct people *people, uint32_t volunteer, const struct id *id) {
    uint32_t next = people->persons[volunteer].attendance;
    for (; next != ROW_NONE; next = people_attendance(people, next)->before) {
        const struct attendance *row = people_attendance(people, next);
        if (row->version.until == 0 && id_equal(&row->id, id)) {
            break;
        }
    }
    return next;
}

/* ---- rows ---- */

static int add_row(struct tally *tally, struct attendance *row) {
    struct people *people = tally->people;
    uint32_t roll = rolls_day(tally, row->unit, day_of_minute(row->minute));
    if (roll == ROLL_NONE) {
        return -(int)ERR_NO_MEMORY;
    }
    row->before = people->persons[row->volunteer].attendance;
    row->before_in_day = people->rolls.items[roll].attendance;
    uint32_t number = ledger_add(people_ledger(people, PEOPLE_ATTENDANCES), row);
    if (number == LEDGER_NONE) {
        return -(int)ERR_NO_MEMORY;
    }
    people->persons[row->volunteer].attendance = number;
    people->rolls.items[roll].attendance = number;
    struct roll_entry entry = entry_of(row);
    return row->own ? rolls_add(people, &entry) : 0;
}

static int end_row(struct tally *tally, uint32_t number, uint64_t seq) {
    struct people *people = tally->people;
    struct roll_entry entry = entry_of(people_attendance(people, number));
    int result = ledger_end(people_ledger(people, PEOPLE_ATTENDANCES), number, seq);
    if (entry.own) {
        rolls_take(tally, &entry);
    }
    return result;
}

int attendance_replace(struct tally *tally, uint32_t number, struct attendance row, uint64_t seq) {
    row.version = (struct version){.since = seq};
    int result = end_row(tally, number, seq);
    return result < 0 ? result : add_row(tally, &row);
}

/* ---- the folds ---- */

static bool take_minute(int64_t at, uint32_t *minute) {
    *minute = (uint32_t)(at / MINUTE_MS);
    return at >= 0 && at / MINUTE_MS < UINT32_MAX - UTC_OFFSET_MINUTES;
}

int fold_attendance(struct tally *tally, const struct event *event) {
    struct people *people = tally->people;
    const struct wire_attendance *body = &event->body->attendance;
    struct attendance row = {.version = {.since = event->seq}, .id = event->id};
    row.volunteer = ids_find(&people->volunteer_ids, &body->volunteer);
    if (row.volunteer == IDS_NONE || !grade_adds_up(body->grade) || !take_minute(event->at, &row.minute)) {
        return 0;
    }
    row.activity = planned_activity(tally, event, &body->activity);
    row.unit = units_number(&tally->units, event->unit);
    if (row.activity == ROW_NONE || row.unit == UNIT_NONE) {
        return -(int)ERR_NO_MEMORY;
    }
    struct mix mix = {.kind = volunteer_kind(people, row.volunteer),
                      .programmes = people_activity(people, people->outings[row.activity].row)->programmes,
                      .grade = (uint8_t)body->grade};
    struct presence presence = presence_of(&row);
    row.mix = people_mix_number(people, mix);
    row.out = event->type == EVENT_ATTENDANCE_OUT;
    row.own = !row.out && !presence_is_held(people, &presence);
    return row.mix == ROW_NONE ? -(int)ERR_NO_MEMORY : add_row(tally, &row);
}

int fold_attendance_corrected(struct tally *tally, const struct event *event) {
    struct people *people = tally->people;
    const struct wire_attendance_change *body = &event->body->attendance_change;
    uint32_t volunteer = ids_find(&people->volunteer_ids, &body->volunteer);
    uint32_t number = volunteer == IDS_NONE ? ROW_NONE : find(people, volunteer, &body->attendance);
    if (number == ROW_NONE) {
        return 0;
    }
    struct attendance row = *people_attendance(people, number);
    struct presence before = presence_of(&row);
    int result = end_row(tally, number, event->seq);
    if (result == 0 && row.own) {
        result = presence_pass_on(tally, &before, event->seq);
    }
    if (result < 0 || body->voided || !wire_has(body->present, FIELD_attendance_change_at) ||
        !take_minute(body->at, &row.minute)) {
        return result;
    }
    struct presence after = presence_of(&row);
    row.version = (struct version){.since = event->seq};
    row.own = !row.out && !presence_is_held(people, &after);
    return add_row(tally, &row);
}
