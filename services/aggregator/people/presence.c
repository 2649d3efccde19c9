/* Which of several rows of one presence counts: the first that stands. */
#include "services/aggregator/people/people.h"
#include "services/aggregator/tally.h"

/* Rows of a volunteer from the last back to where the book first heard of the activity; no other can be of it. */

static bool credit_is_of(const struct people *people, const struct credit *row, const struct presence *presence) {
    const struct hours *hours = people_hours(people, row->hours);
    return row->version.until == 0 && row->minutes > 0 && hours->activity == presence->activity &&
           hours->day == presence->day && grade_adds_up(people_mix(people, row->mix)->grade);
}

static bool attendance_is_of(const struct attendance *row, const struct presence *presence) {
    return row->version.until == 0 && !row->out && row->activity == presence->activity &&
           day_of_minute(row->minute) == presence->day;
}

/* The first standing credit with this `own`; likewise the sign-in. ROW_NONE when there is none. */
static uint32_t find_credit(const struct people *people, const struct presence *presence, bool own) {
    uint64_t since = people->outings[presence->activity].since;
    uint32_t found = ROW_NONE;
    uint32_t next = people->persons[presence->volunteer].credit;
    while (next != ROW_NONE && people_credit(people, next)->version.since >= since) {
        const struct credit *row = people_credit(people, next);
        found = row->own == own && credit_is_of(people, row, presence) ? next : found;
        next = row->before;
    }
    return found;
}

static uint32_t find_attendance(const struct people *people, const struct presence *presence, bool own) {
    uint64_t since = people->outings[presence->activity].since;
    uint32_t found = ROW_NONE;
    uint32_t next = people->persons[presence->volunteer].attendance;
    while (next != ROW_NONE && people_attendance(people, next)->version.since >= since) {
        const struct attendance *row = people_attendance(people, next);
        found = row->own == own && attendance_is_of(row, presence) ? next : found;
        next = row->before;
    }
    return found;
}

bool presence_is_held(const struct people *people, const struct presence *presence) {
    return find_attendance(people, presence, true) != ROW_NONE || find_credit(people, presence, true) != ROW_NONE;
}

int presence_pass_on(struct tally *tally, const struct presence *presence, uint64_t seq) {
    struct people *people = tally->people;
    if (presence_is_held(people, presence)) {
        return 0;
    }
    uint32_t attendance = find_attendance(people, presence, false);
    if (attendance != ROW_NONE) {
        struct attendance row = *people_attendance(people, attendance);
        row.own = true;
        return attendance_replace(tally, attendance, row, seq);
    }
    uint32_t credit = find_credit(people, presence, false);
    if (credit == ROW_NONE) {
        return 0;
    }
    struct credit row = *people_credit(people, credit);
    row.own = true;
    row.origin = CREDIT_FOLLOWED;
    return credit_replace(tally, credit, row, seq);
}
