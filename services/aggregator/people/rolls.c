/* Rolls by unit and period, and the walk over them. */
#include "services/aggregator/people/rolls.h"

#include <stdlib.h>

#include "common/error.h"
#include "services/aggregator/column.h"
#include "services/aggregator/people/people.h"
#include "services/aggregator/tally.h"

enum granularity roll_granularity(enum roll_level level) {
    static const enum granularity granularities[ROLL_LEVELS] = {BY_DAY, BY_WEEK, BY_MONTH, BY_QUARTER, BY_YEAR};
    return granularities[level];
}

void rolls_free(struct rolls *rolls) {
    for (uint32_t i = 0; i < rolls->count; i++) {
        for (uint32_t part = 0; part < rolls->items[i].count; part++) {
            if (rolls->items[i].parts[part].people) {
                roaring_bitmap_free(rolls->items[i].parts[part].people);
            }
        }
        free(rolls->items[i].parts);
    }
    free(rolls->items);
    free(rolls->spans);
    free(rolls->entries);
    table_free(&rolls->table);
    *rolls = (struct rolls){0};
}

/* ---- finding ---- */

static bool roll_is(const void *owner, uint32_t number, const void *key) {
    const struct roll *roll = &((const struct rolls *)owner)->items[number];
    const struct roll *wanted = key;
    return roll->unit == wanted->unit && roll->period == wanted->period && roll->level == wanted->level &&
           roll->tree == wanted->tree;
}

static uint32_t hash_of(const struct roll *roll) {
    return table_hash_pair(roll->unit << 4 | (uint32_t)roll->level << 1 | roll->tree, (uint32_t)roll->period);
}

uint32_t rolls_find(const struct rolls *rolls, uint32_t unit, bool tree, enum roll_level level, int32_t period) {
    struct roll wanted = {.unit = unit, .period = period, .level = level, .tree = tree};
    return table_find(&rolls->table, hash_of(&wanted), roll_is, rolls, &wanted);
}

static uint32_t find_or_add(struct rolls *rolls, uint32_t unit, bool tree, enum roll_level level, int32_t period) {
    struct roll roll = {.unit = unit,
                        .period = period,
                        .level = level,
                        .tree = tree,
                        .up = ROLL_NONE,
                        .hours = ROW_NONE,
                        .attendance = ROW_NONE};
    uint32_t found = rolls_find(rolls, unit, tree, level, period);
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

/* ---- making a day known ---- */

static void extend(struct range *range, int32_t day) {
    range->from = day < range->from ? day : range->from;
    range->to = day > range->to ? day : range->to;
}

static int extend_spans(struct rolls *rolls, const struct units *units, uint32_t unit, int32_t day) {
    static const struct roll_span none = {{INT32_MAX, INT32_MIN}, {INT32_MAX, INT32_MIN}, false};
    if (column_reserve(&rolls->spans, &rolls->span_capacity, (uint64_t)unit + 1, sizeof none) < 0) {
        return -(int)ERR_NO_MEMORY;
    }
    while (rolls->span_count <= unit) {
        rolls->spans[rolls->span_count++] = none;
    }
    extend(&rolls->spans[unit].own, day);
    for (uint32_t above = unit; above != UNIT_NONE; above = units->items[above].parent) {
        extend(&rolls->spans[above].tree, day); /* a unit's number is above its parent's */
        rolls->spans[above].below = rolls->spans[above].below || above != unit;
    }
    return 0;
}

/* The unit's own roll of the level, with the trees' above it. */
static uint32_t add_level(struct rolls *rolls, const struct units *units, uint32_t unit, enum roll_level level,
                          int32_t period) {
    uint32_t own = find_or_add(rolls, unit, false, level, period);
    uint32_t below = own;
    for (uint32_t above = unit; above != UNIT_NONE && below != ROLL_NONE; above = units->items[above].parent) {
        uint32_t tree = find_or_add(rolls, above, true, level, period);
        rolls->items[below].up = tree;
        below = tree;
    }
    return below == ROLL_NONE ? ROLL_NONE : own;
}

uint32_t rolls_day(struct tally *tally, uint32_t unit, int32_t day) {
    struct rolls *rolls = &tally->people->rolls;
    uint32_t found = rolls_find(rolls, unit, false, ROLL_DAY, day);
    if (found != ROLL_NONE) {
        return found;
    }
    uint32_t levels[ROLL_LEVELS];
    bool whole = extend_spans(rolls, &tally->units, unit, day) == 0;
    for (int level = 0; level < ROLL_LEVELS && whole; level++) {
        int32_t period = period_of(day, roll_granularity((enum roll_level)level));
        levels[level] = add_level(rolls, &tally->units, unit, (enum roll_level)level, period);
        whole = levels[level] != ROLL_NONE;
    }
    if (!whole) {
        return ROLL_NONE;
    }
    struct roll *roll = &rolls->items[levels[ROLL_DAY]];
    memcpy(roll->longer, levels + 1, sizeof roll->longer);
    return levels[ROLL_DAY];
}

/* ---- walking ---- */

/* Whether no period of the level lies in two of the granularity, but for weeks. */
static bool is_fit(enum roll_level level, enum granularity granularity) {
    return level == ROLL_WEEK ? granularity <= BY_WEEK
                              : granularity != BY_WEEK && roll_granularity(level) >= granularity;
}

/* Weeks in which a month ends are for rows by week only: so what lies between two months that are taken whole is never taken
 * with a week. */
static bool is_whole(enum roll_level level, struct range days, enum granularity granularity) {
    return level != ROLL_WEEK || granularity == BY_WEEK ||
           period_of(days.from, BY_MONTH) == period_of(days.to, BY_MONTH);
}

/* The level of the longest period around `day` that lies in `range` and in one period of the granularity. */
static enum roll_level level_at(int32_t day, struct range range, enum granularity granularity,
                                enum selector_sort sort) {
    for (int number = ROLL_YEAR; number > ROLL_DAY; number--) {
        enum roll_level level = (enum roll_level)number;
        bool kept = sort < SELECT_PAIR || level == ROLL_MONTH || level == ROLL_YEAR;
        if (!kept || !is_fit(level, granularity)) {
            continue;
        }
        struct range days = period_days(period_of(day, roll_granularity(level)), roll_granularity(level));
        if (range_covers(range, days) && is_whole(level, days, granularity)) {
            return level;
        }
    }
    return ROLL_DAY;
}

int rolls_walk(const struct rolls *rolls, uint32_t unit, bool tree, struct range range, enum granularity granularity,
               enum selector_sort sort, roll_walk visit, void *data) {
    if (unit >= rolls->span_count) {
        return 0;
    }
    struct range span = tree ? rolls->spans[unit].tree : rolls->spans[unit].own;
    int32_t last = span.to < range.to ? span.to : range.to;
    int result = 0;
    for (int32_t day = span.from > range.from ? span.from : range.from; day <= last && result == 0;) {
        enum roll_level level = level_at(day, range, granularity, sort);
        int32_t period = period_of(day, roll_granularity(level));
        uint32_t roll = rolls_find(rolls, unit, tree, level, period);
        result = roll == ROLL_NONE ? 0 : visit(data, roll, period_of(day, granularity));
        day = period_days(period, roll_granularity(level)).to + 1;
    }
    return result;
}
