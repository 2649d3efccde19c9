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

int32_t period_of(int32_t day, enum granularity granularity) {
    if (granularity == BY_ALL) {
        return PERIOD_ALL;
    }
    if (granularity == BY_DAY) {
        return day;
    }
    int year = 0;
    int month = 0;
    int day_of_month = 0;
    day_split(day, &year, &month, &day_of_month);
    return granularity == BY_YEAR ? year : (year - 1970) * 12 + month - 1;
}

void period_format(int32_t period, enum granularity granularity, char out[PERIOD_TEXT_SIZE]) {
    out[0] = '\0';
    if (granularity == BY_ALL || period == PERIOD_NONE || period == PERIOD_ALL) {
        return;
    }
    if (granularity == BY_DAY) {
        day_format(period, out);
    } else if (granularity == BY_MONTH) {
        month_format(period, out);
    } else {
        snprintf(out, PERIOD_TEXT_SIZE, "%04u", (unsigned)period % 10000);
    }
}
