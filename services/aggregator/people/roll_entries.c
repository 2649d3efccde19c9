/* The rows that rolls are made from. */
#include "services/aggregator/people/people.h"
#include "services/aggregator/tally.h"

static int visit_credit(const struct hours *hours, const struct credit *credit, roll_visit visit, void *data) {
    struct roll_entry entry = {hours->unit, hours->day, credit->volunteer, credit->mix, credit->minutes, credit->own};
    return credit->minutes > 0 ? visit(data, &entry) : 0;
}

/* A credit as it first came in, or what stands in its place. */
static int visit_hours(const struct people *people, uint32_t number, roll_visit visit, void *data) {
    const struct hours *hours = people_hours(people, number);
    int result = 0;
    for (uint32_t i = 0; i < hours->count && result == 0; i++) {
        const struct credit *credit = people_credit(people, hours->first + i);
        if (credit->version.until != 0) {
            uint32_t later = credit_standing(people, number, credit->volunteer, AT_HEAD);
            credit = later == ROW_NONE ? NULL : people_credit(people, later);
        }
        result = credit ? visit_credit(hours, credit, visit, data) : 0;
    }
    return result;
}

static int visit_attendance(const struct attendance *row, roll_visit visit, void *data) {
    struct roll_entry entry = {row->unit, day_of_minute(row->minute), row->volunteer, row->mix, 0, true};
    return row->own && row->version.until == 0 ? visit(data, &entry) : 0;
}

#define FETCHED 256 /* bytes: from there on the processor sees where it goes */

/* The rows of one unit's day. Those of other hours lie elsewhere: the next ones are fetched meanwhile. */
static int visit_day(const struct people *people, const struct roll *roll, roll_visit visit, void *data) {
    int result = 0;
    for (uint32_t next = roll->hours; next != ROW_NONE && result == 0;) {
        uint32_t number = next;
        next = people_hours(people, number)->before_in_day;
        const uint8_t *ahead =
            next == ROW_NONE ? NULL : (uint8_t *)people_credit(people, people_hours(people, next)->first);
        for (size_t at = 0; ahead && at < FETCHED; at += 64) {
            __builtin_prefetch(ahead + at);
        }
        result = visit_hours(people, number, visit, data);
    }
    for (uint32_t next = roll->attendance; next != ROW_NONE && result == 0;
         next = people_attendance(people, next)->before_in_day) {
        result = visit_attendance(people_attendance(people, next), visit, data);
    }
    return result;
}

static int visit_days(const struct people *people, uint32_t unit, struct range days, roll_visit visit, void *data) {
    int result = 0;
    for (int32_t day = days.from; day <= days.to && result == 0; day++) {
        uint32_t roll = rolls_find(&people->rolls, unit, false, ROLL_DAY, day);
        result = roll == ROLL_NONE ? 0 : visit_day(people, &people->rolls.items[roll], visit, data);
    }
    return result;
}

int rolls_each_entry(const struct tally *tally, uint32_t number, roll_visit visit, void *data) {
    const struct rolls *rolls = &tally->people->rolls;
    const struct roll *roll = &rolls->items[number];
    struct range days = period_days(roll->period, roll_granularity(roll->level));
    uint32_t last = roll->tree ? rolls->span_count : roll->unit + 1;
    int result = 0;
    for (uint32_t unit = roll->unit; unit < last && result == 0; unit++) {
        if (units_within(&tally->units, unit, roll->unit)) {
            result = visit_days(tally->people, unit, days, visit, data);
        }
    }
    return result;
}

int rolls_each_of_volunteer(const struct people *people, uint32_t volunteer, roll_visit visit, void *data) {
    const struct person *person = &people->persons[volunteer];
    int result = 0;
    for (uint32_t next = person->credit; next != ROW_NONE && result == 0; next = people_credit(people, next)->before) {
        const struct credit *row = people_credit(people, next);
        if (row->version.until == 0) {
            result = visit_credit(people_hours(people, row->hours), row, visit, data);
        }
    }
    for (uint32_t next = person->attendance; next != ROW_NONE && result == 0;
         next = people_attendance(people, next)->before) {
        result = visit_attendance(people_attendance(people, next), visit, data);
    }
    return result;
}
