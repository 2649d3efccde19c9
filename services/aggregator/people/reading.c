/* The book read back: whether rows fit, and the links that are made from them. */
#include "proto/programme.h"
#include "services/aggregator/people/people.h"
#include "services/aggregator/tally.h"

#define CREDIT_MINUTES_MAX 14400 /* of proto/tables/people.h */

/* ---- whether a row fits ---- */

static bool is_row(const struct people *people, enum people_ledger ledger, uint32_t number) {
    return number < people_count(people, ledger);
}

/* A row that is read now is in its ledger already: what it links to must be before it. */
static bool is_before(const struct people *people, enum people_ledger ledger, uint32_t number) {
    return number == ROW_NONE || number + 1 < people_count(people, ledger);
}

static bool is_name(const struct tally *tally, uint32_t name) {
    return name == NAME_NONE || name < tally->names.count;
}

static bool is_unit(const struct tally *tally, uint32_t unit) {
    return unit < units_count(&tally->units);
}

static bool is_volunteer(const struct people *people, uint32_t volunteer) {
    return volunteer < people->volunteer_ids.ledger.count;
}

static bool is_activity(const struct people *people, uint32_t activity) {
    return activity < people->activity_ids.ledger.count;
}

static bool mix_fits(const struct tally *tally, const struct mix *row) {
    return is_name(tally, row->kind) && row->programmes < 1U << PROGRAMME_COUNT && row->grade < GRADE_COUNT;
}

static bool membership_fits(const struct tally *tally, const struct membership *row) {
    return is_volunteer(tally->people, row->volunteer) && is_unit(tally, row->unit) &&
           is_before(tally->people, PEOPLE_MEMBERSHIPS, row->before);
}

static bool hours_fit(const struct tally *tally, const struct hours *row) {
    const struct people *people = tally->people;
    return is_activity(people, row->activity) && is_unit(tally, row->unit) && row->day >= DAY_LEAST &&
           row->day <= DAY_MOST && is_before(people, PEOPLE_HOURS, row->before_in_day) &&
           is_before(people, PEOPLE_HOURS, row->before_of_activity);
}

static bool credit_fits(const struct people *people, const struct credit *row) {
    return is_volunteer(people, row->volunteer) && is_row(people, PEOPLE_HOURS, row->hours) &&
           is_row(people, PEOPLE_MIXES, row->mix) && row->minutes <= CREDIT_MINUTES_MAX &&
           is_before(people, PEOPLE_CREDITS, row->before);
}

static bool attendance_fits(const struct tally *tally, const struct attendance *row) {
    const struct people *people = tally->people;
    return is_volunteer(people, row->volunteer) && is_activity(people, row->activity) && is_unit(tally, row->unit) &&
           is_row(people, PEOPLE_MIXES, row->mix) && is_before(people, PEOPLE_ATTENDANCES, row->before) &&
           is_before(people, PEOPLE_ATTENDANCES, row->before_in_day) && row->minute < UINT32_MAX - UTC_OFFSET_MINUTES;
}

static bool objection_fits(const struct people *people, const struct objection *row) {
    return row->objection < people->objection_ids.ledger.count && is_volunteer(people, row->volunteer) &&
           (row->hours == ROW_NONE || is_row(people, PEOPLE_HOURS, row->hours)) &&
           (row->activity == ROW_NONE || is_activity(people, row->activity)) &&
           is_before(people, PEOPLE_OBJECTIONS, row->before) && row->state <= OBJECTION_REFUSED;
}

static bool volunteer_fits(const struct tally *tally, const struct volunteer *row) {
    return is_volunteer(tally->people, row->volunteer) && is_name(tally, row->kind);
}

static bool activity_fits(const struct tally *tally, const struct activity_row *row) {
    return is_activity(tally->people, row->activity) && is_unit(tally, row->unit) &&
           row->programmes < 1U << PROGRAMME_COUNT;
}

static bool transfer_fits(const struct tally *tally, const struct transfer *row) {
    return row->platform < tally->names.count && is_row(tally->people, PEOPLE_HOURS, row->hours) &&
           is_before(tally->people, PEOPLE_TRANSFERS, row->before);
}

static bool award_fits(const struct tally *tally, const struct award *row) {
    return row->award < tally->names.count && is_volunteer(tally->people, row->volunteer) &&
           is_before(tally->people, PEOPLE_AWARDS, row->before);
}

bool people_row_fits(const struct tally *tally, uint32_t number, const void *row) {
    switch (number) {
    case PEOPLE_MIXES:
        return mix_fits(tally, row);
    case PEOPLE_VOLUNTEERS:
        return volunteer_fits(tally, row);
    case PEOPLE_MEMBERSHIPS:
        return membership_fits(tally, row);
    case PEOPLE_ACTIVITIES:
        return activity_fits(tally, row);
    case PEOPLE_HOURS:
        return hours_fit(tally, row);
    case PEOPLE_CREDITS:
        return credit_fits(tally->people, row);
    case PEOPLE_ATTENDANCES:
        return attendance_fits(tally, row);
    case PEOPLE_CORRECTIONS:
        return is_row(tally->people, PEOPLE_CREDITS, ((const struct correction *)row)->credit);
    case PEOPLE_OBJECTIONS:
        return objection_fits(tally->people, row);
    case PEOPLE_TRANSFERS:
        return transfer_fits(tally, row);
    case PEOPLE_AWARDS:
        return award_fits(tally, row);
    default:
        return true;
    }
}

/* ---- links ---- */

static int refuse(void) {
    return -(int)ERR_CORRUPT;
}

static int make_room(struct people *people) {
    int result = 0;
    for (uint32_t i = 0; i < people->volunteer_ids.ledger.count && result == 0; i++) {
        result = people_reserve_person(people, i);
    }
    for (uint32_t i = 0; i < people->activity_ids.ledger.count && result == 0; i++) {
        result = people_reserve_outing(people, i);
    }
    for (uint32_t i = 0; i < people_count(people, PEOPLE_HOURS) && result == 0; i++) {
        result = people_reserve_hours(people, i);
    }
    for (uint32_t i = 0; i < people->objection_ids.ledger.count && result == 0; i++) {
        result = people_reserve_objection(people, i);
    }
    return result;
}

/* Each link must be the last row of its volunteer so far: the folds made it so. */
static bool follow(uint32_t *last, uint32_t before, uint32_t number) {
    bool fits = *last == before;
    *last = number;
    return fits;
}

static int link_volunteers(struct people *people) {
    for (uint32_t i = 0; i < people_count(people, PEOPLE_VOLUNTEERS); i++) {
        const struct volunteer *row = people_volunteer(people, i);
        people->persons[row->volunteer].row = i;
    }
    for (uint32_t i = 0; i < people_count(people, PEOPLE_MEMBERSHIPS); i++) {
        const struct membership *row = people_membership(people, i);
        if (!follow(&people->persons[row->volunteer].membership, row->before, i)) {
            return refuse();
        }
    }
    for (uint32_t i = 0; i < people->volunteer_ids.ledger.count; i++) {
        if (people->persons[i].row == ROW_NONE) {
            return refuse();
        }
    }
    return 0;
}

static int link_activities(struct people *people) {
    for (uint32_t i = 0; i < people_count(people, PEOPLE_ACTIVITIES); i++) {
        const struct activity_row *row = people_activity(people, i);
        struct outing *outing = &people->outings[row->activity];
        outing->since = outing->row == ROW_NONE ? row->version.since : outing->since;
        outing->row = i;
    }
    for (uint32_t i = 0; i < people->activity_ids.ledger.count; i++) {
        if (people->outings[i].row == ROW_NONE) {
            return refuse();
        }
    }
    return 0;
}

static int link_hours(struct tally *tally) {
    struct people *people = tally->people;
    if (people_count(people, PEOPLE_HOURS) != people->hours_ids.ledger.count) {
        return refuse();
    }
    for (uint32_t i = 0; i < people_count(people, PEOPLE_HOURS); i++) {
        const struct hours *row = people_hours(people, i);
        uint32_t roll = rolls_day(tally, row->unit, row->day);
        if (roll == ROLL_NONE) {
            return -(int)ERR_NO_MEMORY;
        }
        if ((uint64_t)row->first + row->count > people_count(people, PEOPLE_CREDITS) ||
            !follow(&people->rolls.items[roll].hours, row->before_in_day, i) ||
            !follow(&people->outings[row->activity].hours, row->before_of_activity, i)) {
            return refuse();
        }
    }
    return 0;
}

static int link_credits(struct people *people) {
    for (uint32_t i = 0; i < people_count(people, PEOPLE_CREDITS); i++) {
        const struct credit *row = people_credit(people, i);
        if (!follow(&people->persons[row->volunteer].credit, row->before, i)) {
            return refuse();
        }
    }
    return 0;
}

static int link_attendances(struct tally *tally) {
    struct people *people = tally->people;
    for (uint32_t i = 0; i < people_count(people, PEOPLE_ATTENDANCES); i++) {
        const struct attendance *row = people_attendance(people, i);
        uint32_t roll = rolls_day(tally, row->unit, day_of_minute(row->minute));
        if (roll == ROLL_NONE) {
            return -(int)ERR_NO_MEMORY;
        }
        if (!follow(&people->rolls.items[roll].attendance, row->before_in_day, i) ||
            !follow(&people->persons[row->volunteer].attendance, row->before, i)) {
            return refuse();
        }
    }
    return 0;
}

static int link_others(struct people *people) {
    bool fits = true;
    for (uint32_t i = 0; i < people_count(people, PEOPLE_OBJECTIONS) && fits; i++) {
        const struct objection *row = people_objection(people, i);
        people->objections[row->objection] = i;
        fits = follow(&people->persons[row->volunteer].objection, row->before, i);
    }
    for (uint32_t i = 0; i < people_count(people, PEOPLE_TRANSFERS) && fits; i++) {
        const struct transfer *row = people_transfer(people, i);
        fits = follow(&people->transfers[row->hours], row->before, i);
    }
    for (uint32_t i = 0; i < people_count(people, PEOPLE_AWARDS) && fits; i++) {
        const struct award *row = people_award(people, i);
        fits = follow(&people->persons[row->volunteer].award, row->before, i);
    }
    for (uint32_t i = 0; i < people->objection_ids.ledger.count && fits; i++) {
        fits = people->objections[i] != ROW_NONE;
    }
    return fits ? 0 : refuse();
}

static int complete_ids(struct people *people) {
    int result = ids_complete(&people->volunteer_ids);
    result = result < 0 ? result : ids_complete(&people->activity_ids);
    result = result < 0 ? result : ids_complete(&people->hours_ids);
    return result < 0 ? result : ids_complete(&people->objection_ids);
}

int people_complete(struct tally *tally) {
    struct people *people = tally->people;
    static int (*const parts[])(struct people *) = {complete_ids, people_index_mixes, make_room, link_volunteers,
                                                    link_activities};
    int result = 0;
    for (size_t i = 0; i < sizeof parts / sizeof *parts && result == 0; i++) {
        result = parts[i](people);
    }
    result = result < 0 ? result : link_hours(tally);
    result = result < 0 ? result : link_credits(people);
    result = result < 0 ? result : link_attendances(tally);
    return result < 0 ? result : link_others(people);
}
