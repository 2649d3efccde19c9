/* Quiet hours. */
#include "services/notifier/restraint/quiet.h"

#include <string.h>

#include "proto/day_time.h"

#define MS_PER_MINUTE INT64_C(60000)
#define MINUTES_PER_DAY 1440
#define MS_PER_DAY (MINUTES_PER_DAY * MS_PER_MINUTE)

bool quiet_parse(const char *text, struct quiet *quiet) {
    quiet->from = 0;
    quiet->until = 0;
    if (text[0] == '\0' || strcmp(text, "off") == 0) {
        return true;
    }
    return day_span_parse(text_of(text), &quiet->from, &quiet->until);
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
