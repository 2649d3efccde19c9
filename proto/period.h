/* Periods of an assessment as text: a month 2026-05, a quarter 2026-Q2 or a year 2026. Pure. */
#pragma once

#include "proto/types.h"

struct period {
    int32_t first;  /* its first month, in months since 1970-01 */
    int32_t months; /* 1, 3 or 12 */
};

/* False when it is none of the years 2000 to 2100. */
bool period_parse(struct text text, struct period *period);

/* 1, 3 or 12 for month, quarter and year; 0: no such word. */
int32_t period_months(struct text word);
const char *period_example(int32_t months); /* "2026-05", "2026-Q2", "2026" */
