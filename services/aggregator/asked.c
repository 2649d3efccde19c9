/* Reading what is asked. */
#include "services/aggregator/asked.h"

#include <stdio.h>

#define SHOWN_SIZE 101

int asked_refuse(enum error_code code, const char *field, struct text value, const char *limit, struct error *error) {
    char shown[SHOWN_SIZE];
    text_show(value, shown, sizeof shown);
    return error_set(error, code, (struct error_words){.field = field, .value = shown, .limit = limit});
}

int asked_no_memory(struct error *error) {
    return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
}

int asked_range(const int32_t *from, const int32_t *to, struct range *range, struct error *error) {
    *range = (struct range){from ? *from : INT32_MIN, to ? *to : INT32_MAX};
    if (!range_is_empty(*range)) {
        return 0;
    }
    char first[DATE_TEXT_SIZE];
    char last[DATE_TEXT_SIZE];
    char limit[40];
    day_format(range->from, first);
    day_format(range->to, last);
    snprintf(limit, sizeof limit, "a day up to %s", last);
    return asked_refuse(ERR_BAD_QUERY, "from", text_of(first), limit, error);
}

int asked_unit(const struct tally *tally, const char *field, struct text path, uint32_t *unit, struct error *error) {
    *unit = units_find(&tally->units, path);
    return *unit != UNIT_NONE ? 0 : asked_refuse(ERR_UNKNOWN_UNIT, field, path, NULL, error);
}

bool asked_period(struct text word, enum granularity *granularity) {
    static const struct {
        const char *word;
        enum granularity granularity;
    } periods[] = {{"day", BY_DAY}, {"week", BY_WEEK}, {"month", BY_MONTH}, {"quarter", BY_QUARTER}, {"year", BY_YEAR}};
    for (size_t i = 0; i < sizeof periods / sizeof *periods; i++) {
        if (text_equal(word, text_of(periods[i].word))) {
            *granularity = periods[i].granularity > *granularity ? periods[i].granularity : *granularity;
            return true;
        }
    }
    return false;
}

char *asked_as_of(const struct tally *tally, struct arena *arena) {
    char *as_of = arena_alloc(arena, POSITION_TEXT_SIZE);
    if (as_of) {
        position_format(&tally->position, as_of);
    }
    return as_of;
}
