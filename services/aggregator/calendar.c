/* The calendar: a tree of years, months and days per unit and programme. */
#include "services/aggregator/calendar.h"

#include <assert.h>
#include <stdlib.h>

#include "common/error.h"
#include "services/aggregator/column.h"

void calendar_free(struct calendar *calendar) {
    cells_free(&calendar->cells);
    free(calendar->series);
    free(calendar->years);
    free(calendar->months);
    *calendar = (struct calendar){0};
}

/* ---- making and marking ---- */

/* Fills `*link` with a new cell where it is empty. */
static int ensure_cell(struct calendar *calendar, uint32_t *link) {
    if (*link == NODE_NONE) {
        uint32_t cell = cells_new(&calendar->cells);
        if (cell == CELL_NONE) {
            return -(int)ERR_NO_MEMORY;
        }
        *link = cell + 1;
    }
    return 0;
}

static int ensure_series(struct calendar *calendar, uint32_t number) {
    if (column_reserve(&calendar->series, &calendar->series_capacity, (uint64_t)number + 1, sizeof *calendar->series) <
        0) {
        return -(int)ERR_NO_MEMORY;
    }
    while (calendar->series_count <= number) {
        calendar->series[calendar->series_count++] = (struct series){0};
    }
    return ensure_cell(calendar, &calendar->series[number].cell);
}

/* The node of the day's year in its sorted list, made when it is not there; NODE_NONE without memory. */
static uint32_t ensure_year(struct calendar *calendar, uint32_t series, int32_t day) {
    uint32_t previous = NODE_NONE;
    uint32_t next = calendar->series[series].years;
    while (next != NODE_NONE && calendar->years[next - 1].span.to < day) {
        previous = next;
        next = calendar->years[next - 1].next;
    }
    if (next != NODE_NONE && calendar->years[next - 1].span.from <= day) {
        return next;
    }
    struct year_node node = {.span = period_year_of(day), .next = next};
    if (ensure_cell(calendar, &node.cell) < 0 || column_reserve(&calendar->years, &calendar->year_capacity,
                                                                (uint64_t)calendar->year_count + 1, sizeof node) < 0) {
        return NODE_NONE;
    }
    calendar->years[calendar->year_count++] = node;
    *(previous == NODE_NONE ? &calendar->series[series].years : &calendar->years[previous - 1].next) =
        calendar->year_count;
    return calendar->year_count;
}

static uint32_t ensure_month(struct calendar *calendar, uint32_t year, int month, int32_t day) {
    uint32_t link = calendar->years[year - 1].months[month - 1];
    if (link != NODE_NONE) {
        return link;
    }
    struct month_node node = {.span = period_month_of(day)};
    if (ensure_cell(calendar, &node.cell) < 0 || column_reserve(&calendar->months, &calendar->month_capacity,
                                                                (uint64_t)calendar->month_count + 1, sizeof node) < 0) {
        return NODE_NONE;
    }
    calendar->months[calendar->month_count++] = node;
    calendar->years[year - 1].months[month - 1] = calendar->month_count;
    return calendar->month_count;
}

static struct day_parts split(struct calendar *calendar, int32_t day) {
    struct day_parts *parts = &calendar->days[(uint32_t)day % DAYS_KNOWN];
    if (parts->month == 0 || parts->day != day) {
        int year = 0;
        int month = 0;
        int day_of_month = 0;
        day_split(day, &year, &month, &day_of_month);
        *parts = (struct day_parts){day, (uint8_t)month, (uint8_t)day_of_month};
    }
    return *parts;
}

static uint32_t touch_day(struct calendar *calendar, uint32_t series, int32_t day) {
    struct day_parts parts = split(calendar, day);
    uint32_t year_link = ensure_year(calendar, series, day);
    uint32_t month_link = year_link == NODE_NONE ? NODE_NONE : ensure_month(calendar, year_link, parts.month, day);
    if (month_link == NODE_NONE) {
        return CELL_NONE;
    }
    calendar->series[series].changed = true;
    calendar->years[year_link - 1].changed = true;
    struct month_node *node = &calendar->months[month_link - 1];
    node->changed = true;
    uint32_t *link = &node->days[parts.day_of_month - 1];
    return ensure_cell(calendar, link) < 0 ? CELL_NONE : *link - 1;
}

uint32_t calendar_touch(struct calendar *calendar, uint32_t unit, uint32_t slot, int32_t day) {
    uint32_t number = unit * SLOTS + slot;
    if (ensure_series(calendar, number) < 0) {
        return CELL_NONE;
    }
    if (day != DAY_NONE) {
        return touch_day(calendar, number, day);
    }
    uint32_t *link = &calendar->series[number].undated;
    return ensure_cell(calendar, link) < 0 ? CELL_NONE : *link - 1;
}

/* ---- sums of periods ---- */

static int refresh_month(struct calendar *calendar, struct month_node *node) {
    if (!node->changed) {
        return 0;
    }
    cells_clear(&calendar->cells, node->cell - 1);
    int result = 0;
    for (int i = 0; i < 31 && result == 0; i++) {
        if (node->days[i] != NODE_NONE) {
            result = cells_merge(&calendar->cells, node->cell - 1, &calendar->cells, node->days[i] - 1);
        }
    }
    node->changed = result < 0;
    return result;
}

static int refresh_year(struct calendar *calendar, struct year_node *node) {
    if (!node->changed) {
        return 0;
    }
    cells_clear(&calendar->cells, node->cell - 1);
    int result = 0;
    for (int i = 0; i < 12 && result == 0; i++) {
        if (node->months[i] != NODE_NONE) {
            struct month_node *month = &calendar->months[node->months[i] - 1];
            result = refresh_month(calendar, month);
            if (result == 0) {
                result = cells_merge(&calendar->cells, node->cell - 1, &calendar->cells, month->cell - 1);
            }
        }
    }
    node->changed = result < 0;
    return result;
}

static int refresh_series(struct calendar *calendar, struct series *series) {
    if (!series->changed) {
        return 0;
    }
    cells_clear(&calendar->cells, series->cell - 1);
    int result = 0;
    for (uint32_t next = series->years; next != NODE_NONE && result == 0; next = calendar->years[next - 1].next) {
        struct year_node *year = &calendar->years[next - 1];
        result = refresh_year(calendar, year);
        if (result == 0) {
            result = cells_merge(&calendar->cells, series->cell - 1, &calendar->cells, year->cell - 1);
        }
    }
    series->changed = result < 0;
    return result;
}

/* ---- walking ---- */

struct walk {
    struct calendar *calendar;
    struct range range;
    enum granularity granularity;
    calendar_visit visit;
    void *data;
};

static int walk_days(const struct walk *walk, const struct month_node *node) {
    int result = 0;
    for (int32_t day = node->span.from; day <= node->span.to && result == 0; day++) {
        uint32_t link = node->days[day - node->span.from];
        if (link != NODE_NONE && range_covers(walk->range, (struct range){day, day})) {
            result = walk->visit(walk->data, period_of(day, walk->granularity), link - 1);
        }
    }
    return result;
}

static int walk_month(const struct walk *walk, struct month_node *node) {
    if (range_misses(walk->range, node->span)) {
        return 0;
    }
    if (walk->granularity == BY_DAY || !range_covers(walk->range, node->span)) {
        return walk_days(walk, node);
    }
    int result = refresh_month(walk->calendar, node);
    int32_t period = period_of(node->span.from, walk->granularity);
    return result < 0 ? result : walk->visit(walk->data, period, node->cell - 1);
}

static int walk_year(const struct walk *walk, struct year_node *node) {
    if (range_misses(walk->range, node->span)) {
        return 0;
    }
    int result = 0;
    if (walk->granularity <= BY_YEAR && range_covers(walk->range, node->span)) {
        result = refresh_year(walk->calendar, node);
        int32_t period = period_of(node->span.from, walk->granularity);
        return result < 0 ? result : walk->visit(walk->data, period, node->cell - 1);
    }
    for (int i = 0; i < 12 && result == 0; i++) {
        if (node->months[i] != NODE_NONE) {
            result = walk_month(walk, &walk->calendar->months[node->months[i] - 1]);
        }
    }
    return result;
}

int calendar_walk(struct calendar *calendar, uint32_t unit, uint32_t slot, struct range range,
                  enum granularity granularity, calendar_visit visit, void *data) {
    uint32_t number = unit * SLOTS + slot;
    if (number >= calendar->series_count || calendar->series[number].cell == NODE_NONE) {
        return 0;
    }
    struct walk walk = {calendar, range, granularity, visit, data};
    struct series *series = &calendar->series[number];
    int result = 0;
    if (range_is_open(range) && series->undated != NODE_NONE) {
        result = visit(data, PERIOD_NONE, series->undated - 1);
    }
    if (result == 0 && range_is_open(range) && granularity == BY_ALL) {
        result = refresh_series(calendar, series);
        return result < 0 ? result : visit(data, PERIOD_ALL, series->cell - 1);
    }
    for (uint32_t next = series->years; next != NODE_NONE && result == 0; next = calendar->years[next - 1].next) {
        result = walk_year(&walk, &calendar->years[next - 1]);
    }
    return result;
}
