/* The calendar: a tree of years, months and days for each unit. */
#include "services/aggregator/calendar.h"

#include <assert.h>
#include <stdlib.h>

#include "common/error.h"
#include "services/aggregator/column.h"

void calendar_start(struct calendar *calendar) {
    *calendar = (struct calendar){.known = {INT32_MAX, INT32_MIN}};
}

void calendar_free(struct calendar *calendar) {
    cells_free(&calendar->cells);
    free(calendar->atoms);
    free(calendar->towns);
    table_free(&calendar->town_table);
    free(calendar->unit_towns);
    table_free(&calendar->unit_town_table);
    free(calendar->marks);
    free(calendar->units);
    free(calendar->years);
    free(calendar->months);
    calendar_start(calendar);
}

/* ---- making and marking ---- */

static int ensure_unit(struct calendar *calendar, uint32_t unit) {
    int result =
        column_reserve(&calendar->units, &calendar->unit_capacity, (uint64_t)unit + 1, sizeof *calendar->units);
    while (result == 0 && calendar->unit_count <= unit) {
        calendar->units[calendar->unit_count++] = (struct unit_days){0};
    }
    return result;
}

/* The node of the day's year in its sorted list, made when it is not there; NODE_NONE without memory. */
static uint32_t ensure_year(struct calendar *calendar, uint32_t unit, int32_t day) {
    uint32_t previous = NODE_NONE;
    uint32_t next = calendar->units[unit].years;
    while (next != NODE_NONE && calendar->years[next - 1].span.to < day) {
        previous = next;
        next = calendar->years[next - 1].next;
    }
    if (next != NODE_NONE && calendar->years[next - 1].span.from <= day) {
        return next;
    }
    struct year_node node = {.span = period_year_of(day), .year = period_of(day, BY_YEAR), .next = next};
    if (column_reserve(&calendar->years, &calendar->year_capacity, (uint64_t)calendar->year_count + 1, sizeof node) <
        0) {
        return NODE_NONE;
    }
    calendar->years[calendar->year_count++] = node;
    *(previous == NODE_NONE ? &calendar->units[unit].years : &calendar->years[previous - 1].next) =
        calendar->year_count;
    return calendar->year_count;
}

static uint32_t ensure_month(struct calendar *calendar, uint32_t year, int month, int32_t day) {
    uint32_t link = calendar->years[year - 1].months[month - 1];
    if (link != NODE_NONE) {
        return link;
    }
    struct month_node node = {.span = period_month_of(day)};
    if (column_reserve(&calendar->months, &calendar->month_capacity, (uint64_t)calendar->month_count + 1, sizeof node) <
        0) {
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

/* The day's list of atoms, with everything over it marked as changed; NULL without memory. */
static struct day_atoms *touch_day(struct calendar *calendar, uint32_t unit, int32_t day) {
    struct day_parts parts = split(calendar, day);
    uint32_t year = ensure_year(calendar, unit, day);
    uint32_t month = year == NODE_NONE ? NODE_NONE : ensure_month(calendar, year, parts.month, day);
    if (month == NODE_NONE) {
        return NULL;
    }
    calendar->years[year - 1].changed = calendar->changed;
    calendar->months[month - 1].changed = calendar->changed;
    calendar->known.from = day < calendar->known.from ? day : calendar->known.from;
    calendar->known.to = day > calendar->known.to ? day : calendar->known.to;
    return &calendar->months[month - 1].days[parts.day_of_month - 1];
}

static bool town_is(const void *owner, uint32_t number, const void *key) {
    return ((const struct calendar *)owner)->towns[number] == *(const uint32_t *)key;
}

static int note_town(struct calendar *calendar, uint32_t town) {
    uint32_t hash = table_hash_pair(town, 0);
    if (town == TABLE_NONE || table_find(&calendar->town_table, hash, town_is, calendar, &town) != TABLE_NONE) {
        return 0;
    }
    int result = table_reserve(&calendar->town_table);
    if (result == 0) {
        result =
            column_reserve(&calendar->towns, &calendar->town_capacity, (uint64_t)calendar->town_count + 1, sizeof town);
    }
    if (result == 0) {
        calendar->towns[calendar->town_count] = town;
        table_add(&calendar->town_table, hash, calendar->town_count++);
    }
    return result;
}

static bool unit_town_is(const void *owner, uint32_t number, const void *key) {
    const struct unit_town *pair = &((const struct calendar *)owner)->unit_towns[number];
    const struct unit_town *wanted = key;
    return pair->unit == wanted->unit && pair->town == wanted->town;
}

bool calendar_has_town(const struct calendar *calendar, uint32_t unit, uint32_t town) {
    struct unit_town wanted = {unit, town};
    uint32_t hash = table_hash_pair(unit, town);
    return table_find(&calendar->unit_town_table, hash, unit_town_is, calendar, &wanted) != TABLE_NONE;
}

static int note_unit_town(struct calendar *calendar, const struct report *report) {
    struct unit_town pair = {report->unit, report->town};
    if (calendar_has_town(calendar, pair.unit, pair.town)) {
        return 0;
    }
    if (table_reserve(&calendar->unit_town_table) < 0 ||
        column_reserve(&calendar->unit_towns, &calendar->unit_town_capacity, (uint64_t)calendar->unit_town_count + 1,
                       sizeof pair) < 0) {
        return -(int)ERR_NO_MEMORY;
    }
    calendar->unit_towns[calendar->unit_town_count] = pair;
    table_add(&calendar->unit_town_table, table_hash_pair(pair.unit, pair.town), calendar->unit_town_count++);
    return 0;
}

static uint32_t add_atom(struct calendar *calendar, struct day_atoms *day, const struct report *report) {
    struct atom atom = {.town = report->town, .next = day->first, .programmes = report->programmes};
    if (column_reserve(&calendar->atoms, &calendar->atom_capacity, (uint64_t)calendar->atom_count + 1, sizeof atom) <
        0) {
        return ATOM_NONE;
    }
    atom.cell = cells_new(&calendar->cells);
    if (atom.cell == CELL_NONE || note_town(calendar, report->town) < 0 || note_unit_town(calendar, report) < 0) {
        return ATOM_NONE;
    }
    calendar->atoms[calendar->atom_count++] = atom;
    day->first = calendar->atom_count;
    return calendar->atom_count - 1;
}

uint32_t calendar_touch(struct calendar *calendar, const struct report *report) {
    if (ensure_unit(calendar, report->unit) < 0) {
        return ATOM_NONE;
    }
    calendar->changed++;
    struct unit_days *unit = &calendar->units[report->unit];
    unit->changed = calendar->changed;
    struct day_atoms *day = report->day == DAY_NONE ? &unit->undated : touch_day(calendar, report->unit, report->day);
    if (!day) {
        return ATOM_NONE;
    }
    day->changed = calendar->changed;
    for (uint32_t next = day->first; next != NODE_NONE; next = calendar->atoms[next - 1].next) {
        const struct atom *atom = &calendar->atoms[next - 1];
        if (atom->programmes == report->programmes && atom->town == report->town) {
            return next - 1;
        }
    }
    return add_atom(calendar, day, report);
}

/* ---- when reports came ---- */

/* NULL for a day that no report can have. */
static struct day_mark *mark_of(const struct calendar *calendar, int32_t day) {
    bool dated = day >= DAY_LEAST && day <= DAY_MOST;
    return calendar->marks && (dated || day == DAY_NONE) ? &calendar->marks[dated ? day - DAY_LEAST + 1 : 0] : NULL;
}

void calendar_mark(struct calendar *calendar, int32_t day, uint64_t since) {
    if (!calendar->marks) {
        calendar->marks = calloc(DAY_MOST - DAY_LEAST + 2, sizeof *calendar->marks);
    }
    struct day_mark *mark = mark_of(calendar, day);
    if (!mark) {
        return;
    }
    mark->latest = since > mark->latest ? since : mark->latest;
    mark->entered++;
    if ((mark->entered & (mark->entered - 1)) == 0) {
        mark->most = mark->latest; /* fewer than as many again come before it is set anew */
    }
}

bool calendar_mostly_came(const struct calendar *calendar, int32_t day, uint64_t at) {
    const struct day_mark *mark = mark_of(calendar, day);
    return mark && mark->entered > 0 && mark->most <= at;
}

/* ---- the reports of an atom ---- */

void calendar_enter(struct calendar *calendar, uint32_t atom, struct report_link *links, uint32_t number) {
    struct atom *owner = &calendar->atoms[atom];
    links[number] = (struct report_link){.next = owner->newest};
    if (owner->newest != 0) {
        links[owner->newest - 1].previous = number + 1;
    }
    owner->newest = number + 1;
}

void calendar_leave(struct calendar *calendar, uint32_t atom, struct report_link *links, uint32_t number) {
    struct report_link link = links[number];
    if (link.previous != 0) {
        links[link.previous - 1].next = link.next;
    } else {
        assert(calendar->atoms[atom].newest == number + 1);
        calendar->atoms[atom].newest = link.next;
    }
    if (link.next != 0) {
        links[link.next - 1].previous = link.previous;
    }
    links[number] = (struct report_link){0};
}

/* ---- looking up ---- */

const struct unit_days *calendar_unit(const struct calendar *calendar, uint32_t unit) {
    return unit < calendar->unit_count ? &calendar->units[unit] : NULL;
}

const struct year_node *calendar_year(const struct calendar *calendar, uint32_t unit, int32_t year) {
    const struct unit_days *days = calendar_unit(calendar, unit);
    for (uint32_t next = days ? days->years : NODE_NONE; next != NODE_NONE; next = calendar->years[next - 1].next) {
        if (calendar->years[next - 1].year == year) {
            return &calendar->years[next - 1];
        }
    }
    return NULL;
}

const struct month_node *calendar_month(const struct calendar *calendar, uint32_t unit, int32_t month) {
    int32_t years = month >= 0 ? month / 12 : (month - 11) / 12;
    const struct year_node *year = calendar_year(calendar, unit, 1970 + years);
    uint32_t link = year ? year->months[month - years * 12] : NODE_NONE;
    return link == NODE_NONE ? NULL : &calendar->months[link - 1];
}

const struct day_atoms *calendar_day(const struct calendar *calendar, uint32_t unit, int32_t day) {
    if (day == DAY_NONE) {
        const struct unit_days *days = calendar_unit(calendar, unit);
        return days ? &days->undated : NULL;
    }
    const struct month_node *month = calendar_month(calendar, unit, period_of(day, BY_MONTH));
    return month ? &month->days[day - month->span.from] : NULL;
}
