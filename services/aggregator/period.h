/* Periods: the weeks, months, quarters and years that days lie in, their texts, and how a range of days falls into them. */
#pragma once

#include "proto/types.h"

/* The last two are for sums only, nobody asks for them by name: the two parts of a month, whose first has sixteen days, and
 * days of a month by four. */
enum granularity { BY_ALL, BY_YEAR, BY_QUARTER, BY_MONTH, BY_WEEK, BY_DAY, BY_HALF, BY_FOUR };

#define HALF_DAYS 16
#define FOUR_DAYS 4
#define MONTH_HALVES 2
#define MONTH_FOURS 8 /* the last is not in every month */

/* The days that the tables let a report and hours name. */
#define DAY_LEAST 10957 /* 2000-01-01 */
#define DAY_MOST 47846  /* 2100-12-31 */
#define DAY_NONE INT32_MIN

static inline bool day_is_valid(int32_t day) {
    return day == DAY_NONE || (DAY_LEAST <= day && day <= DAY_MOST);
}

#define PERIOD_ALL INT32_MIN  /* the only period of BY_ALL */
#define PERIOD_NONE INT32_MAX /* of reports without a day: stands behind the others */
#define PERIOD_TEXT_SIZE DATE_TEXT_SIZE

/* Days, both included; INT32_MIN and INT32_MAX where it is open. */
struct range {
    int32_t from;
    int32_t to;
};

static inline bool range_is_open(struct range range) {
    return range.from == INT32_MIN && range.to == INT32_MAX;
}

static inline bool range_is_empty(struct range range) {
    return range.from > range.to;
}

static inline bool range_holds(struct range range, int32_t day) {
    return range.from <= day && day <= range.to;
}

static inline bool range_covers(struct range range, struct range part) {
    return range.from <= part.from && part.to <= range.to;
}

static inline struct range range_within(struct range range, struct range other) {
    return (struct range){range.from > other.from ? range.from : other.from, range.to < other.to ? range.to : other.to};
}

struct range period_month_of(int32_t day); /* its month's days */
int32_t month_first_day(int32_t month);    /* counted from 1970-01 */
struct range period_year_of(int32_t day);  /* its year's days */

/* The period's number: days since 1970-01-01, the Monday of the week (ISO 8601), months since 1970-01, quarters since
 * 1970, years. They rise by one from period to period, a week's by seven. Of a month's parts: MONTH_HALVES or MONTH_FOURS
 * times the month's, and which it is. */
int32_t period_of(int32_t day, enum granularity granularity);
struct range period_days(int32_t period, enum granularity granularity);         /* the days that it holds */
int32_t period_shift(int32_t period, enum granularity granularity, int32_t by); /* so many periods later */

/* The same day `years` later; the 28th where there is no 29 February. Open ends stay open. */
int32_t day_years_later(int32_t day, int years);
int32_t day_months_later(int32_t day, int months); /* likewise: the last of the month where there is no such day */

/* "2026-05-03", "2026-W19", "2026-05", "2026-Q2", "2026"; empty for PERIOD_NONE and PERIOD_ALL. */
void period_format(int32_t period, enum granularity granularity, char out[PERIOD_TEXT_SIZE]);

/* A part of a range: a day, or a whole week, part of a month, month, quarter or year, as large as can be without lying in two
 * periods. */
struct span {
    enum granularity size; /* BY_WEEK by week only; by week and by day no part of a month */
    int32_t number;        /* of that period */
    int32_t next;          /* the first day behind it */
};

/* The part of a bounded range that begins at `day`. */
struct span span_at(int32_t day, struct range range, enum granularity granularity);
