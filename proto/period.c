/* Periods: reading them. */
#include "proto/period.h"

#define YEAR_DIGITS 4
#define YEAR_MIN 2000
#define YEAR_MAX 2100

static bool parse_year(struct text text, int32_t *year) {
    *year = 0;
    for (uint32_t i = 0; i < YEAR_DIGITS && i < text.length; i++) {
        if (text.data[i] < '0' || text.data[i] > '9') {
            return false;
        }
        *year = *year * 10 + (text.data[i] - '0');
    }
    return text.length >= YEAR_DIGITS && *year >= YEAR_MIN && *year <= YEAR_MAX;
}

bool period_parse(struct text text, struct period *period) {
    int32_t year;
    if (!parse_year(text, &year)) {
        return false;
    }
    int32_t january = (year - 1970) * 12;
    if (text.length == YEAR_DIGITS) {
        *period = (struct period){january, 12};
        return true;
    }
    if (text.length == YEAR_DIGITS + 3 && text.data[5] == 'Q') {
        int quarter = text.data[6] - '1';
        *period = (struct period){january + 3 * quarter, 3};
        return text.data[4] == '-' && quarter >= 0 && quarter < 4;
    }
    *period = (struct period){0, 1};
    return month_parse(text, &period->first);
}

int32_t period_months(struct text word) {
    return text_equal(word, text_of("month"))     ? 1
           : text_equal(word, text_of("quarter")) ? 3
           : text_equal(word, text_of("year"))    ? 12
                                                  : 0;
}

const char *period_example(int32_t months) {
    return months == 1 ? "2026-05" : months == 3 ? "2026-Q2" : "2026";
}
