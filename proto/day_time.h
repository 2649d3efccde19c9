/* Times of the day as people write them. Pure. */
#pragma once

#include "proto/types.h"

/* "08:30": minutes after midnight. False when it is none. */
bool day_time_parse(struct text text, int32_t *minutes);

/* "22:00-07:00": from one time to another, which is the next day's where it is not above the first. False when it is none,
 * or both are the same. */
bool day_span_parse(struct text text, int32_t *from, int32_t *until);

/* "22:00-07:00". */
#define DAY_SPAN_SIZE 12
void day_span_format(int32_t from, int32_t until, char out[DAY_SPAN_SIZE]);
