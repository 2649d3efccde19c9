/* Periods from days. */
#include "services/aggregator/period.h"

#include <stdio.h>

#define WEEK 7
#define THURSDAY 3 /* days after Monday: the day that says which year a week is of */

struct parts {
    int year;
    int month;
    int day;
};

static struct parts parts_of(int32_t day) {
    struct parts parts = {0};
    day_split(day, &parts.year, &parts.month, &parts.day);
    return parts;
}

static int32_t months_of(int32_t day) {
    struct parts parts = parts_of(day);
    return (parts.year - 1970) * 12 + parts.month - 1;
}

static int32_t floor_divide(int32_t value, int32_t by) {
    return value >= 0 ? value / by : -((by - 1 - value) / by);
}

int32_t month_first_day(int32_t months) {
    int32_t years = floor_divide(months, 12);
    return day_from(1970 + years, months - years * 12 + 1, 1);
}

struct range period_month_of(int32_t day) {
    return period_days(months_of(day), BY_MONTH);
}

struct range period_year_of(int32_t day) {
    return period_days(parts_of(day).year, BY_YEAR);
}

/* The part of its month that the day lies in. */
static int32_t part_of_month(int32_t day, int32_t parts, int32_t days) {
    struct parts split = parts_of(day);
    return ((split.year - 1970) * 12 + split.month - 1) * parts + (split.day - 1) / days;
}

/* The last of a month's parts ends with it. */
static struct range days_of_part(int32_t number, int32_t parts, int32_t days) {
    int32_t month = floor_divide(number, parts);
    struct range whole = period_days(month, BY_MONTH);
    int32_t from = whole.from + (number - month * parts) * days;
    bool last = from + days > whole.to || number - month * parts == parts - 1;
    return (struct range){from, last ? whole.to : from + days - 1};
}

int32_t period_of(int32_t day, enum granularity granularity) {
    switch (granularity) {
    case BY_YEAR:
        return parts_of(day).year;
    case BY_QUARTER:
        return floor_divide(months_of(day), 3);
    case BY_MONTH:
        return months_of(day);
    case BY_WEEK: /* 1970-01-01 was a Thursday */
        return floor_divide(day + THURSDAY, WEEK) * WEEK - THURSDAY;
    case BY_DAY:
        return day;
    case BY_HALF:
        return part_of_month(day, MONTH_HALVES, HALF_DAYS);
    case BY_FOUR:
        return part_of_month(day, MONTH_FOURS, FOUR_DAYS);
    default:
        return PERIOD_ALL;
    }
}

struct range period_days(int32_t period, enum granularity granularity) {
    switch (granularity) {
    case BY_YEAR:
        return (struct range){day_from(period, 1, 1), day_from(period + 1, 1, 1) - 1};
    case BY_QUARTER:
        return (struct range){month_first_day(period * 3), month_first_day(period * 3 + 3) - 1};
    case BY_MONTH:
        return (struct range){month_first_day(period), month_first_day(period + 1) - 1};
    case BY_WEEK:
        return (struct range){period, period + WEEK - 1};
    case BY_DAY:
        return (struct range){period, period};
    case BY_HALF:
        return days_of_part(period, MONTH_HALVES, HALF_DAYS);
    case BY_FOUR:
        return days_of_part(period, MONTH_FOURS, FOUR_DAYS);
    default:
        return (struct range){INT32_MIN, INT32_MAX};
    }
}

int32_t period_shift(int32_t period, enum granularity granularity, int32_t by) {
    bool none = granularity == BY_ALL || period == PERIOD_NONE;
    return none ? period : period + (granularity == BY_WEEK ? by * WEEK : by);
}

int32_t day_months_later(int32_t day, int months) {
    if (day == INT32_MIN || day == INT32_MAX) {
        return day;
    }
    struct range target = period_days(months_of(day) + months, BY_MONTH);
    int32_t moved = target.from + parts_of(day).day - 1;
    return moved < target.to ? moved : target.to;
}

int32_t day_years_later(int32_t day, int years) {
    return day_months_later(day, years * 12);
}

static void format_week(int32_t monday, char out[PERIOD_TEXT_SIZE]) {
    int32_t thursday = monday + THURSDAY;
    int year = parts_of(thursday).year;
    int week = (thursday - day_from(year, 1, 1)) / WEEK + 1;
    snprintf(out, PERIOD_TEXT_SIZE, "%04u-W%02u", (unsigned)year % 10000, (unsigned)week % 100);
}

void period_format(int32_t period, enum granularity granularity, char out[PERIOD_TEXT_SIZE]) {
    out[0] = '\0';
    if (granularity == BY_ALL || period == PERIOD_NONE || period == PERIOD_ALL) {
        return;
    }
    if (granularity == BY_DAY) {
        day_format(period, out);
    } else if (granularity == BY_WEEK) {
        format_week(period, out);
    } else if (granularity == BY_MONTH) {
        month_format(period, out);
    } else if (granularity == BY_QUARTER) {
        int32_t years = floor_divide(period, 4);
        snprintf(out, PERIOD_TEXT_SIZE, "%04u-Q%u", (unsigned)(1970 + years) % 10000,
                 (unsigned)(period - years * 4) + 1);
    } else {
        snprintf(out, PERIOD_TEXT_SIZE, "%04u", (unsigned)period % 10000);
    }
}

struct span span_at(int32_t day, struct range range, enum granularity granularity) {
    static const enum granularity sizes[] = {BY_YEAR, BY_QUARTER, BY_MONTH, BY_HALF, BY_FOUR};
    static const enum granularity weeks[] = {BY_WEEK};
    bool by_week = granularity == BY_WEEK;
    size_t count = granularity == BY_DAY ? 0 : by_week ? 1 : sizeof sizes / sizeof *sizes;
    for (size_t i = 0; i < count; i++) {
        enum granularity size = by_week ? weeks[i] : sizes[i];
        struct range days = period_days(period_of(day, size), size);
        if (size >= granularity && days.from == day && days.to <= range.to) {
            return (struct span){size, period_of(day, size), days.to + 1};
        }
    }
    return (struct span){BY_DAY, day, day + 1};
}
