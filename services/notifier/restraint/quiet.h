/* Quiet hours: a part of each day, in the brigade's time, in which only urgent messages go out. Pure. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct quiet {
    int32_t from;       /* minutes after midnight */
    int32_t until;      /* the same, not included; the next day's where it is not above `from`. Equal: there are none */
    int32_t utc_offset; /* of the brigade, minutes */
};

/* "22:00-07:00", or "off" or "" for none. False when it is neither. */
bool quiet_parse(const char *text, struct quiet *quiet);

/* When the quiet hours in which `now` lies are over; `now` itself outside of them. */
int64_t quiet_end(const struct quiet *quiet, int64_t now);

/* Days since 1970-01-01 in the brigade's time, and when one begins. */
int64_t quiet_day(const struct quiet *quiet, int64_t now);
int64_t quiet_day_begin(const struct quiet *quiet, int64_t day);
