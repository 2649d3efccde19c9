/* Sums from smaller ones: years from months, months from their parts, and the smallest from the calendar's cells. */
#include "services/aggregator/views_make.h"

#include "common/error.h"

/* ---- what changed ---- */

/* Days of a month, or of two where a week lies in both. */
struct month_days {
    int32_t month;
    int32_t first; /* of the month's days, from 0 */
    int32_t count;
};

static uint32_t split_months(struct range days, struct month_days out[2]) {
    uint32_t count = 0;
    for (int32_t day = days.from; day <= days.to && count < 2;) {
        int32_t month = period_of(day, BY_MONTH);
        struct range whole = period_days(month, BY_MONTH);
        int32_t last = whole.to < days.to ? whole.to : days.to;
        out[count++] = (struct month_days){month, day - whole.from, last - day + 1};
        day = last + 1;
    }
    return count;
}

struct looking {
    const struct calendar *calendar;
    const struct units *units;
    struct view_part part;
    struct month_days days[2]; /* of parts that are shorter than a month */
    uint32_t day_count;
    bool below;
};

static uint64_t later(uint64_t a, uint64_t b) {
    return a > b ? a : b;
}

static uint64_t days_change(const struct looking *looking, uint32_t unit) {
    uint64_t last = 0;
    for (uint32_t i = 0; i < looking->day_count; i++) {
        const struct month_days *days = &looking->days[i];
        const struct month_node *month = calendar_month(looking->calendar, unit, days->month);
        for (int32_t day = days->first; month && day < days->first + days->count; day++) {
            last = later(last, month->days[day].changed);
        }
    }
    return last;
}

static uint64_t months_change(const struct calendar *calendar, uint32_t unit, int32_t first, int32_t count) {
    uint64_t last = 0;
    for (int32_t number = first; number < first + count; number++) {
        const struct month_node *month = calendar_month(calendar, unit, number);
        last = month ? later(last, month->changed) : last;
    }
    return last;
}

/* The last change of a part of a unit's own days. */
static uint64_t own_change(const struct looking *looking, uint32_t unit) {
    const struct calendar *calendar = looking->calendar;
    const struct unit_days *all = calendar_unit(calendar, unit);
    const struct year_node *year = NULL;
    if (!all) {
        return 0;
    }
    switch (looking->part.size) {
    case BY_ALL:
        return all->changed;
    case BY_YEAR:
        year = calendar_year(calendar, unit, looking->part.number);
        return year ? year->changed : 0;
    case BY_QUARTER:
        return months_change(calendar, unit, looking->part.number * 3, 3);
    case BY_MONTH:
        return months_change(calendar, unit, looking->part.number, 1);
    default:
        return looking->part.number == PERIOD_NONE ? all->undated.changed : days_change(looking, unit);
    }
}

/* Numbers of units rise from parents to children, so this ends. */
static uint64_t change_of(const struct looking *looking, uint32_t unit) {
    uint64_t last = own_change(looking, unit);
    uint32_t child = looking->below ? looking->units->items[unit].child : UNIT_NONE;
    for (; child != UNIT_NONE; child = looking->units->items[child].sister) {
        last = later(last, change_of(looking, child));
    }
    return last;
}

uint64_t views_change(const struct tally *tally, const struct view_key *key, struct view_part part) {
    struct looking looking = {.calendar = &tally->calendar, .units = &tally->units, .part = part, .below = key->below};
    if (part.size >= BY_WEEK && part.number != PERIOD_NONE) {
        looking.day_count = split_months(period_days(part.number, part.size), looking.days);
    }
    return change_of(&looking, key->unit);
}

static bool is_in_town(const struct tally *tally, const struct view_key *key, uint32_t unit) {
    bool in_town = key->town == TOWN_ANY || calendar_has_town(&tally->calendar, unit, key->town);
    uint32_t child = key->below ? tally->units.items[unit].child : UNIT_NONE;
    for (; child != UNIT_NONE && !in_town; child = tally->units.items[child].sister) {
        in_town = is_in_town(tally, key, child);
    }
    return in_town;
}

bool views_may_hold(const struct tally *tally, const struct view_key *key, struct view_part part) {
    return is_in_town(tally, key, key->unit) && views_change(tally, key, part) > 0;
}

/* ---- from the calendar's cells ---- */

struct making {
    struct tally *tally;
    struct view_node *node; /* that is made; not among the others, which move */
};

static bool atom_fits(const struct view_key *key, const struct atom *atom) {
    bool programmes = key->programmes == PROGRAMMES_ANY || (key->programmes & atom->programmes) != 0;
    return programmes && (key->town == TOWN_ANY || key->town == atom->town);
}

/* Adds a cell of which any shared activity may lie in other parts of the view too, or only those of `across`. */
static int add_cell(const struct making *making, const struct cells *from, uint32_t cell,
                    const roaring_bitmap_t *across) {
    int result = cells_merge(&making->tally->views.cells, making->node->cell, from, cell);
    return result < 0 || !across ? result : across_add(&making->node->across, across);
}

static int add_atoms(const struct making *making, const struct view_key *key, const struct day_atoms *day) {
    const struct calendar *calendar = &making->tally->calendar;
    int result = 0;
    for (uint32_t next = day->first; next != NODE_NONE && result == 0;) {
        const struct atom *atom = &calendar->atoms[next - 1];
        const struct cell *cell = &calendar->cells.items[atom->cell];
        if (atom_fits(key, atom) && cell->reports > 0) {
            result = add_cell(making, &calendar->cells, atom->cell, cell->shared);
        }
        next = atom->next;
    }
    return result;
}

/* A unit's own day or month. */
static int add_own(const struct making *making, const struct view_key *key, uint32_t unit, struct view_part part) {
    const struct calendar *calendar = &making->tally->calendar;
    int result = 0;
    if (key->town != TOWN_ANY && !calendar_has_town(calendar, unit, key->town)) {
        return 0;
    }
    if (part.size == BY_DAY) {
        const struct day_atoms *day = calendar_day(calendar, unit, part.number == PERIOD_NONE ? DAY_NONE : part.number);
        return day ? add_atoms(making, key, day) : 0;
    }
    const struct month_node *month = calendar_month(calendar, unit, part.number);
    for (int32_t day = 0; month && day <= month->span.to - month->span.from && result == 0; day++) {
        result = add_atoms(making, key, &month->days[day]);
    }
    return result;
}

/* ---- from other sums ---- */

static int add_sum(const struct making *making, uint32_t view, struct view_part part) {
    const struct cells *cells = &making->tally->views.cells;
    const struct view_node *node;
    int result = views_sum(making->tally, view, part, &node);
    if (result < 0 || !node) {
        return result;
    }
    bool same = view == making->node->view;
    return add_cell(making, cells, node->cell, same ? node->across : cells->items[node->cell].shared);
}

/* A day or month of the unit and of what lies under it. What has nothing under it gives its own cells at once, and keeps no
 * sum for that. */
static int add_units(const struct making *making, struct view_key key, struct view_part part) {
    const struct units *units = &making->tally->units;
    uint32_t child = units->items[key.unit].child;
    int result = add_own(making, &key, key.unit, part);
    for (; key.below && child != UNIT_NONE && result == 0; child = units->items[child].sister) {
        key.unit = child;
        if (units->items[child].child == UNIT_NONE) {
            result = add_own(making, &key, child, part);
        } else {
            uint32_t view = views_number(making->tally, key);
            result = view == TABLE_NONE ? -(int)ERR_NO_MEMORY : add_sum(making, view, part);
        }
    }
    return result;
}

/* Parts of the same view that follow each other. */
static int add_parts(const struct making *making, enum granularity size, struct range numbers) {
    int result = 0;
    for (int32_t number = numbers.from; number <= numbers.to && result == 0; number++) {
        result = add_sum(making, making->node->view, (struct view_part){size, number});
    }
    return result;
}

static int add_all(const struct making *making) {
    struct range known = making->tally->calendar.known;
    int result = add_sum(making, making->node->view, (struct view_part){BY_DAY, PERIOD_NONE});
    if (result < 0 || range_is_empty(known)) {
        return result;
    }
    return add_parts(making, BY_YEAR, (struct range){period_of(known.from, BY_YEAR), period_of(known.to, BY_YEAR)});
}

/* Of these the days are kept: a range of days asks for them, or the warmer. */
static bool is_whole(const struct view_key *key) {
    return key->below && key->programmes == PROGRAMMES_ANY && key->town == TOWN_ANY;
}

static int add_everything(const struct making *making) {
    const struct view_node *node = making->node;
    const struct view_key key = making->tally->views.items[node->view];
    int32_t number = node->part.number;
    switch (node->part.size) {
    case BY_ALL:
        return add_all(making);
    case BY_YEAR:
        return add_parts(making, BY_MONTH, (struct range){(number - 1970) * 12, (number - 1970) * 12 + 11});
    case BY_QUARTER:
        return add_parts(making, BY_MONTH, (struct range){number * 3, number * 3 + 2});
    case BY_MONTH:
        if (node->made && is_whole(&key)) {
            return add_parts(making, BY_HALF, (struct range){number * 2, number * 2 + 1});
        }
        return add_units(making, key, node->part);
    case BY_HALF:
        return add_parts(making, BY_FOUR, (struct range){number * 4, number * 4 + 3});
    case BY_WEEK:
    case BY_FOUR:
        return add_parts(making, BY_DAY, period_days(number, node->part.size));
    default:
        return add_units(making, key, node->part);
    }
}

int views_make(struct tally *tally, struct view_node *node) {
    struct making making = {tally, node};
    int result = add_everything(&making);
    roaring_bitmap_t *shared = tally->views.cells.items[node->cell].shared;
    if (shared) {
        (void)roaring_bitmap_shrink_to_fit(shared);
    }
    return result < 0 ? result : across_settle(tally, node);
}
