/* Moments: a day, a clock, and the difference to UTC. */
#include "services/chaoxun/moment.h"

#include <stdio.h>
#include <stdlib.h>

#define MINUTE_MS INT64_C(60000)
#define HOUR_MS (60 * MINUTE_MS)
#define DAY_MS (24 * HOUR_MS)
#define DAY_LENGTH 10 /* characters of a day */
#define SPAN_MAX 100000

void moment_format(int64_t at, int64_t offset_minutes, char out[MOMENT_TEXT_SIZE]) {
    if (at == 0) {
        snprintf(out, MOMENT_TEXT_SIZE, "-");
        return;
    }
    char day[DATE_TEXT_SIZE];
    int64_t local = at + offset_minutes * MINUTE_MS;
    int64_t rest = (local % DAY_MS + DAY_MS) % DAY_MS;
    day_format(day_of_time(at, (int32_t)offset_minutes), day);
    snprintf(out, MOMENT_TEXT_SIZE, "%s %02u:%02u:%02u", day, (unsigned)(rest / HOUR_MS) % 24,
             (unsigned)(rest / MINUTE_MS) % 60, (unsigned)(rest / 1000) % 60);
}

/* Two digits up to `most`, and what must stand before them. */
static bool take_part(const char **text, char before, long most, int64_t *number) {
    const char *at = *text;
    if (at[0] != before || at[1] < '0' || at[1] > '9' || at[2] < '0' || at[2] > '9') {
        return false;
    }
    *number = (at[1] - '0') * 10 + (at[2] - '0');
    *text += 3;
    return *number <= most;
}

static bool parse_span(const char *text, int64_t now, int64_t *at) {
    char *end = NULL;
    long count = strtol(text, &end, 10);
    int64_t unit = *end == 'm' ? MINUTE_MS : *end == 'h' ? HOUR_MS : *end == 'd' ? DAY_MS : 0;
    if (end == text || unit == 0 || end[1] != '\0' || count <= 0 || count > SPAN_MAX) {
        return false;
    }
    *at = now + count * unit;
    return true;
}

bool moment_parse(struct text text, int64_t now, int64_t offset_minutes, int64_t *at) {
    char copy[MOMENT_TEXT_SIZE];
    int32_t day = 0;
    if (text.length >= sizeof copy) {
        return false;
    }
    snprintf(copy, sizeof copy, "%.*s", (int)text.length, text.data);
    if (copy[0] == '+') {
        return parse_span(copy + 1, now, at);
    }
    if (text.length < DAY_LENGTH || !day_parse((struct text){copy, DAY_LENGTH}, &day)) {
        return false;
    }
    const char *rest = copy + DAY_LENGTH;
    int64_t hour = 24;
    int64_t minute = 0;
    int64_t second = 0;
    char before = *rest == 'T' ? 'T' : ' ';
    if (*rest != '\0' && (!take_part(&rest, before, 23, &hour) || !take_part(&rest, ':', 59, &minute) ||
                          (*rest != '\0' && !take_part(&rest, ':', 59, &second)) || *rest != '\0')) {
        return false;
    }
    *at = day * DAY_MS + hour * HOUR_MS + minute * MINUTE_MS + second * 1000 - offset_minutes * MINUTE_MS;
    return true;
}
