/* Periods from days. */
#include "services/aggregator/period.h"

#include <stdio.h>

struct range period_month_of(int32_t day) {
    int year = 0;
    int month = 0;
    int day_of_month = 0;
    day_split(day, &year, &month, &day_of_month);
    int32_t first = day - day_of_month + 1;
    /* 31 days on is always in the next month, as far into it as this one falls short of 31 days. */
    day_split(first + 31, &year, &month, &day_of_month);
    return (struct range){first, first + 31 - day_of_month};
}

struct range period_year_of(int32_t day) {
    int year = 0;
    int month = 0;
    int day_of_month = 0;
    day_split(day, &year, &month, &day_of_month);
    int32_t first = day - day_of_month + 1;
    for (; month > 1; month--) {
        first = period_month_of(first - 1).from;
    }
    int last_year = 0;
    day_split(first + 365, &last_year, &month, &day_of_month);
    return (struct range){first, last_year == year ? first + 365 : first + 364};
}

/* The Monday of week 0 is the last one before 1970. */
#define WEEK_EPOCH 3

static int32_t week_of(int32_t day) {
    int32_t shifted = day + WEEK_EPOCH;
    return shifted >= 0 ? shifted / 7 : -((6 - shifted) / 7);
}

int32_t period_of(int32_t day, enum granularity granularity) {
    int year = 0;
    int month = 0;
    int day_of_month = 0;
    switch (granularity) {
    case BY_ALL:
        return PERIOD_ALL;
    case BY_DAY:
        return day;
    case BY_WEEK:
        return week_of(day);
    default:
        day_split(day, &year, &month, &day_of_month);
    }
    return granularity == BY_YEAR      ? year
           : granularity == BY_QUARTER ? (year - 1970) * 4 + (month - 1) / 3
                                       : (year - 1970) * 12 + month - 1;
}

/* `count` months from the one with this number on: a day where it would be if all were of equal length, moved into it. */
static struct range months_from(int32_t first, int32_t count) {
    int32_t guess = (int32_t)((int64_t)first * 30436875 / 1000000);
    while (period_of(guess, BY_MONTH) < first) {
        guess += 15;
    }
    while (period_of(guess, BY_MONTH) > first) {
        guess -= 15;
    }
    struct range range = period_month_of(guess);
    for (int32_t more = 1; more < count; more++) {
        range.to = period_month_of(range.to + 1).to;
    }
    return range;
}

struct range period_range(int32_t period, enum granularity granularity) {
    switch (granularity) {
    case BY_DAY:
        return (struct range){period, period};
    case BY_WEEK:
        return (struct range){period * 7 - WEEK_EPOCH, period * 7 - WEEK_EPOCH + 6};
    case BY_MONTH:
        return months_from(period, 1);
    case BY_QUARTER:
        return months_from(period * 3, 3);
    default:
        return months_from((period - 1970) * 12, 12);
    }
}

static void week_format(int32_t week, char out[PERIOD_TEXT_SIZE]) {
    int32_t thursday = week * 7;
    int32_t new_year = period_year_of(thursday).from;
    snprintf(out, PERIOD_TEXT_SIZE, "%04u-W%02u", (unsigned)period_of(thursday, BY_YEAR) % 10000,
             (unsigned)(thursday - new_year) / 7 % 100 + 1);
}

static void quarter_format(int32_t quarter, char out[PERIOD_TEXT_SIZE]) {
    int32_t from_zero = quarter + 1970 * 4;
    snprintf(out, PERIOD_TEXT_SIZE, "%04u-Q%u", (unsigned)from_zero / 4 % 10000, (unsigned)from_zero % 4 + 1);
}

void period_format(int32_t period, enum granularity granularity, char out[PERIOD_TEXT_SIZE]) {
    out[0] = '\0';
    if (granularity == BY_ALL || period == PERIOD_NONE || period == PERIOD_ALL) {
        return;
    }
    switch (granularity) {
    case BY_DAY:
        day_format(period, out);
        break;
    case BY_WEEK:
        week_format(period, out);
        break;
    case BY_MONTH:
        month_format(period, out);
        break;
    case BY_QUARTER:
        quarter_format(period, out);
        break;
    default:
        snprintf(out, PERIOD_TEXT_SIZE, "%04u", (unsigned)period % 10000);
    }
}
