/* Rolls by unit and period, and the walk over them. */
#include "services/aggregator/people/rolls.h"

#include <assert.h>
#include <stdlib.h>

#include "common/error.h"
#include "services/aggregator/column.h"
#include "services/aggregator/people/people.h"

void rolls_free(struct rolls *rolls) {
    for (uint32_t i = 0; i < rolls->count; i++) {
        roll_unmake(&rolls->items[i]);
        free(rolls->items[i].parts);
    }
    free(rolls->items);
    free(rolls->spans);
    table_free(&rolls->table);
    *rolls = (struct rolls){0};
}

/* ---- finding ---- */

static bool roll_is(const void *owner, uint32_t number, const void *key) {
    const struct roll *roll = &((const struct rolls *)owner)->items[number];
    const struct roll *wanted = key;
    return roll->unit == wanted->unit && roll->period == wanted->period && roll->level == wanted->level;
}

static uint32_t hash_of(const struct roll *roll) {
    return table_hash_pair(roll->unit << 2 | (uint32_t)roll->level, (uint32_t)roll->period);
}

uint32_t rolls_find(const struct rolls *rolls, uint32_t unit, enum roll_level level, int32_t period) {
    struct roll wanted = {.unit = unit, .period = period, .level = level};
    return table_find(&rolls->table, hash_of(&wanted), roll_is, rolls, &wanted);
}

static uint32_t find_or_add(struct rolls *rolls, uint32_t unit, enum roll_level level, int32_t period) {
    struct roll roll = {.unit = unit, .period = period, .level = level, .hours = ROW_NONE, .attendance = ROW_NONE};
    uint32_t found = rolls_find(rolls, unit, level, period);
    if (found != TABLE_NONE) {
        return found;
    }
    if (table_reserve(&rolls->table) < 0 ||
        column_reserve(&rolls->items, &rolls->capacity, (uint64_t)rolls->count + 1, sizeof roll) < 0) {
        return ROLL_NONE;
    }
    table_add(&rolls->table, hash_of(&roll), rolls->count);
    rolls->items[rolls->count] = roll;
    return rolls->count++;
}

static int extend_span(struct rolls *rolls, uint32_t unit, int32_t day) {
    if (column_reserve(&rolls->spans, &rolls->span_capacity, (uint64_t)unit + 1, sizeof *rolls->spans) < 0) {
        return -(int)ERR_NO_MEMORY;
    }
    while (rolls->span_count <= unit) {
        rolls->spans[rolls->span_count++] = (struct range){INT32_MAX, INT32_MIN};
    }
    struct range *span = &rolls->spans[unit];
    span->from = day < span->from ? day : span->from;
    span->to = day > span->to ? day : span->to;
    return 0;
}

uint32_t rolls_day(struct rolls *rolls, uint32_t unit, int32_t day) {
    uint32_t found = rolls_find(rolls, unit, ROLL_DAY, day);
    if (found != ROLL_NONE) {
        return found;
    }
    uint32_t year = find_or_add(rolls, unit, ROLL_YEAR, period_of(day, BY_YEAR));
    uint32_t month = find_or_add(rolls, unit, ROLL_MONTH, period_of(day, BY_MONTH));
    if (year == ROLL_NONE || month == ROLL_NONE || extend_span(rolls, unit, day) < 0) {
        return ROLL_NONE;
    }
    uint32_t roll = find_or_add(rolls, unit, ROLL_DAY, day);
    if (roll != ROLL_NONE) {
        rolls->items[roll].month = month;
        rolls->items[roll].year = year;
    }
    return roll;
}

/* ---- walking ---- */

struct step {
    enum roll_level level;
    int32_t period;
    struct range span;
};

/* The longest period that begins at or around `day`, lies in `range` and in one period of the granularity. */
static struct step step_at(int32_t day, struct range range, enum granularity granularity) {
    if (granularity == BY_ALL || granularity == BY_YEAR) {
        struct range year = period_year_of(day);
        if (range_covers(range, year)) {
            return (struct step){ROLL_YEAR, period_of(day, BY_YEAR), year};
        }
    }
    if (granularity != BY_DAY && granularity != BY_WEEK) {
        struct range month = period_month_of(day);
        if (range_covers(range, month)) {
            return (struct step){ROLL_MONTH, period_of(day, BY_MONTH), month};
        }
    }
    return (struct step){ROLL_DAY, day, {day, day}};
}

int rolls_walk(const struct rolls *rolls, uint32_t unit, struct range range, enum granularity granularity,
               roll_walk visit, void *data) {
    if (unit >= rolls->span_count) {
        return 0;
    }
    struct range span = rolls->spans[unit];
    int32_t last = span.to < range.to ? span.to : range.to;
    int result = 0;
    for (int32_t day = span.from > range.from ? span.from : range.from; day <= last && result == 0;) {
        struct step step = step_at(day, range, granularity);
        uint32_t roll = rolls_find(rolls, unit, step.level, step.period);
        result = roll == ROLL_NONE ? 0 : visit(data, roll, period_of(day, granularity));
        day = step.span.to + 1;
    }
    return result;
}
