/* Periods: the weeks, months, quarters and years that days lie in, and their texts. */
#pragma once

#include "proto/types.h"

enum granularity { BY_ALL, BY_YEAR, BY_QUARTER, BY_MONTH, BY_WEEK, BY_DAY };

/* The days that the tables let a report and hours name. */
#define DAY_LEAST 10957 /* 2000-01-01 */
#define DAY_MOST 47846  /* 2100-12-31 */

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

static inline bool range_covers(struct range range, struct range part) {
    return range.from <= part.from && part.to <= range.to;
}

static inline bool range_misses(struct range range, struct range part) {
    return part.to < range.from || range.to < part.from;
}

struct range period_month_of(int32_t day); /* its month's days */
struct range period_year_of(int32_t day);  /* its year's days */

/* The period's number: days since 1970-01-01, weeks from Monday since 1969-12-29, months since 1970-01, quarters since
 * 1970, years. */
int32_t period_of(int32_t day, enum granularity granularity);

/* The days of a period, not of BY_ALL. */
struct range period_range(int32_t period, enum granularity granularity);

/* "2026-05-03", "2026-W18" (ISO 8601: the year of its Thursday), "2026-05", "2026-Q2", "2026"; empty for PERIOD_NONE
 * and PERIOD_ALL. */
void period_format(int32_t period, enum granularity granularity, char out[PERIOD_TEXT_SIZE]);
