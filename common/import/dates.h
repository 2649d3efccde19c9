/* Dates as people write them in spreadsheets. Pure. */
#pragma once

#include "proto/types.h"

enum date_reading {
    DATE_WHOLE, /* a day of the calendar */
    DATE_WORDS, /* words that say a part of it: 7月上旬, 昨日上午, 2021年5月 */
    DATE_BAD    /* looks like a day but is none (2021-02-30), or no date at all */
};

/* 2026-11-23, 2026/1/9, 2026.11.23, 20261123, 2026年11月23日, each also with a time behind a space. */
enum date_reading date_read(struct text text, int32_t *day);
