/* Days and months: the proleptic Gregorian calendar as numbers, and their texts. */
#include "proto/types.h"

#define DAYS_PER_ERA 146097 /* 400 years */
#define EPOCH_OFFSET 719468 /* days from 0000-03-01 to 1970-01-01 */
#define DAY_MS INT64_C(86400000)

/* Source of both formulas: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms": years that begin in March
 * put the leap day last, and five months of 153 days repeat. */
int32_t day_from(int year, int month, int day_of_month) {
    int shifted = month <= 2 ? year - 1 : year;
    int era = (shifted >= 0 ? shifted : shifted - 399) / 400;
    int year_of_era = shifted - era * 400;
    int month_from_march = (month + 9) % 12;
    int day_of_year = (153 * month_from_march + 2) / 5 + day_of_month - 1;
    int day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * DAYS_PER_ERA + day_of_era - EPOCH_OFFSET;
}

void day_split(int32_t day, int *year, int *month, int *day_of_month) {
    int64_t shifted = (int64_t)day + EPOCH_OFFSET;
    int64_t era = (shifted >= 0 ? shifted : shifted - (DAYS_PER_ERA - 1)) / DAYS_PER_ERA;
    int day_of_era = (int)(shifted - era * DAYS_PER_ERA);
    int year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int month_from_march = (5 * day_of_year + 2) / 153;
    *day_of_month = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    *month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
    *year = (int)(year_of_era + era * 400) + (*month <= 2);
}

static bool digits_parse(const char *digits, int count, int *value) {
    *value = 0;
    for (int i = 0; i < count; i++) {
        if (digits[i] < '0' || digits[i] > '9') {
            return false;
        }
        *value = *value * 10 + (digits[i] - '0');
    }
    return true;
}

/* YYYY-MM at the start of the text. */
static bool year_month_parse(struct text text, int *year, int *month) {
    return text.length >= 7 && digits_parse(text.data, 4, year) && text.data[4] == '-' &&
           digits_parse(text.data + 5, 2, month) && *month >= 1 && *month <= 12;
}

bool day_parse(struct text text, int32_t *day) {
    int year;
    int month;
    int day_of_month;
    if (text.length != 10 || !year_month_parse(text, &year, &month) || text.data[7] != '-' ||
        !digits_parse(text.data + 8, 2, &day_of_month) || day_of_month < 1) {
        return false;
    }
    int next_year = month == 12 ? year + 1 : year;
    int32_t first = day_from(year, month, 1);
    int32_t days_in_month = day_from(next_year, month % 12 + 1, 1) - first;
    if (day_of_month > days_in_month) {
        return false;
    }
    *day = first + day_of_month - 1;
    return true;
}

/* Years outside 0000 to 9999 have no text of four digits: the nearest one that has is shown. */
static unsigned shown_year(int year) {
    return year < 0 ? 0 : year > 9999 ? 9999 : (unsigned)year;
}

static char *digits_format(char *out, unsigned value, int count) {
    for (int i = count - 1; i >= 0; i--) {
        out[i] = (char)('0' + value % 10);
        value /= 10;
    }
    return out + count;
}

void day_format(int32_t day, char out[DATE_TEXT_SIZE]) {
    int year;
    int month;
    int day_of_month;
    day_split(day, &year, &month, &day_of_month);
    char *to = digits_format(out, shown_year(year), 4);
    *to++ = '-';
    to = digits_format(to, (unsigned)month, 2);
    *to++ = '-';
    *digits_format(to, (unsigned)day_of_month, 2) = '\0';
}

int32_t day_of_time(int64_t at, int32_t utc_offset_minutes) {
    int64_t days = at / DAY_MS;
    int64_t rest = at % DAY_MS + (int64_t)utc_offset_minutes * 60000;
    days += rest / DAY_MS - (rest % DAY_MS < 0);
    return days > INT32_MAX ? INT32_MAX : days < INT32_MIN ? INT32_MIN : (int32_t)days;
}

bool month_parse(struct text text, int32_t *month) {
    int year;
    int month_of_year;
    if (text.length != 7 || !year_month_parse(text, &year, &month_of_year)) {
        return false;
    }
    *month = (year - 1970) * 12 + month_of_year - 1;
    return true;
}

void month_format(int32_t month, char out[DATE_TEXT_SIZE]) {
    int64_t months = (int64_t)month + INT64_C(1970) * 12;
    int64_t year = months >= 0 ? months / 12 : (months - 11) / 12;
    char *to = digits_format(out, shown_year((int)year), 4);
    *to++ = '-';
    *digits_format(to, (unsigned)(months - year * 12 + 1), 2) = '\0';
}
