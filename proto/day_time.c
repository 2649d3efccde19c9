/* Times of the day. */
#include "proto/day_time.h"

#include <stdio.h>

#define TIME_LENGTH 5  /* 08:30 */
#define SPAN_LENGTH 11 /* 22:00-07:00 */

static bool read_digits(const char *text, int32_t most, int32_t *value) {
    bool fits = text[0] >= '0' && text[0] <= '9' && text[1] >= '0' && text[1] <= '9';
    *value = fits ? (text[0] - '0') * 10 + (text[1] - '0') : 0;
    return fits && *value <= most;
}

bool day_time_parse(struct text text, int32_t *minutes) {
    int32_t hour;
    int32_t minute;
    if (text.length != TIME_LENGTH || text.data[2] != ':' || !read_digits(text.data, 23, &hour) ||
        !read_digits(text.data + 3, 59, &minute)) {
        return false;
    }
    *minutes = hour * 60 + minute;
    return true;
}

bool day_span_parse(struct text text, int32_t *from, int32_t *until) {
    return text.length == SPAN_LENGTH && text.data[TIME_LENGTH] == '-' &&
           day_time_parse((struct text){text.data, TIME_LENGTH}, from) &&
           day_time_parse((struct text){text.data + TIME_LENGTH + 1, TIME_LENGTH}, until) && *from != *until;
}

void day_span_format(int32_t from, int32_t until, char out[DAY_SPAN_SIZE]) {
    snprintf(out, DAY_SPAN_SIZE, "%02u:%02u-%02u:%02u", (unsigned)from / 60 % 24, (unsigned)from % 60,
             (unsigned)until / 60 % 24, (unsigned)until % 60);
}
