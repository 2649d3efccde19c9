/* Quiet hours. */
#include "services/notifier/restraint/quiet.h"

#include <string.h>

#define MS_PER_MINUTE INT64_C(60000)
#define MINUTES_PER_DAY 1440
#define MS_PER_DAY (MINUTES_PER_DAY * MS_PER_MINUTE)

static bool read_digits(const char *text, int32_t most, int32_t *value) {
    bool fits = text[0] >= '0' && text[0] <= '9' && text[1] >= '0' && text[1] <= '9';
    *value = fits ? (text[0] - '0') * 10 + (text[1] - '0') : 0;
    return fits && *value <= most;
}

/* "HH:MM". */
static bool read_time(const char *text, int32_t *minutes) {
    int32_t hour;
    int32_t minute;
    if (!read_digits(text, 23, &hour) || text[2] != ':' || !read_digits(text + 3, 59, &minute)) {
        return false;
    }
    *minutes = hour * 60 + minute;
    return true;
}

bool quiet_parse(const char *text, struct quiet *quiet) {
    quiet->from = 0;
    quiet->until = 0;
    if (text[0] == '\0' || strcmp(text, "off") == 0) {
        return true;
    }
    return strlen(text) == strlen("22:00-07:00") && text[5] == '-' && read_time(text, &quiet->from) &&
           read_time(text + 6, &quiet->until) && quiet->from != quiet->until;
}

/* Rounded down, also before 1970. */
static int64_t divide(int64_t value, int64_t by) {
    return value / by - (value % by < 0);
}

int64_t quiet_day(const struct quiet *quiet, int64_t now) {
    return divide(now + quiet->utc_offset * MS_PER_MINUTE, MS_PER_DAY);
}

int64_t quiet_day_begin(const struct quiet *quiet, int64_t day) {
    return day * MS_PER_DAY - quiet->utc_offset * MS_PER_MINUTE;
}

int64_t quiet_end(const struct quiet *quiet, int64_t now) {
    int64_t begin = quiet_day_begin(quiet, quiet_day(quiet, now));
    int64_t from = begin + quiet->from * MS_PER_MINUTE;
    int64_t until = begin + quiet->until * MS_PER_MINUTE;
    if (quiet->from <= quiet->until) {
        return now >= from && now < until ? until : now;
    }
    if (now < until) {
        return until;
    }
    return now >= from ? until + MS_PER_DAY : now;
}
