/* Views: made from the calendar from below, a level at a time. */
#include "services/aggregator/views.h"

#include <stdlib.h>

#include "common/error.h"
#include "services/aggregator/column.h"

#define NODES_KEPT 1000000

static_assert(PROGRAMMES_ALL < PROGRAMMES_ANY, "any programme is more than all of them together");

void views_free(struct views *views) {
    cells_free(&views->cells);
    free(views->items);
    free(views->nodes);
    free(views->changes);
    table_free(&views->table);
    table_free(&views->node_table);
    *views = (struct views){0};
}

void views_tidy(struct views *views) {
    if (views->node_count > NODES_KEPT) {
        views_free(views);
    }
}

void views_note(struct views *views, const struct change *change, const struct kept_measure *measures) {
    if (views->changes) {
        changes_note(views->changes, change, measures);
    }
}

/* ---- views and nodes by key ---- */

static bool view_is(const void *owner, uint32_t number, const void *key) {
    const struct view_key *view = &((const struct views *)owner)->items[number];
    const struct view_key *wanted = key;
    return view->unit == wanted->unit && view->town == wanted->town && view->programmes == wanted->programmes &&
           view->below == wanted->below;
}

uint32_t views_number(struct views *views, const struct units *units, struct view_key key) {
    key.below = key.below && units->items[key.unit].child != UNIT_NONE;
    uint32_t hash = table_hash_pair(key.unit * 2 + key.below, key.town ^ (uint32_t)key.programmes << 24);
    uint32_t number = table_find(&views->table, hash, view_is, views, &key);
    if (number != TABLE_NONE) {
        return number;
    }
    views->changes = views->changes ? views->changes : calloc(1, sizeof *views->changes);
    if (table_reserve(&views->table) < 0 ||
        column_reserve(&views->items, &views->capacity, (uint64_t)views->count + 1, sizeof key) < 0) {
        return TABLE_NONE;
    }
    views->items[views->count] = key;
    table_add(&views->table, hash, views->count);
    return views->count++;
}

static bool node_is(const void *owner, uint32_t number, const void *key) {
    const struct view_node *node = &((const struct views *)owner)->nodes[number];
    const struct view_node *wanted = key;
    return node->view == wanted->view && node->part.size == wanted->part.size &&
           node->part.number == wanted->part.number;
}

static uint32_t node_number(struct views *views, uint32_t view, struct view_part part) {
    struct view_node wanted = {.view = view, .part = part, .cell = CELL_NONE};
    uint32_t hash = table_hash_pair(view, (uint32_t)part.number * 8 + part.size);
    uint32_t number = table_find(&views->node_table, hash, node_is, views, &wanted);
    if (number != TABLE_NONE) {
        return number;
    }
    if (table_reserve(&views->node_table) < 0 ||
        column_reserve(&views->nodes, &views->node_capacity, (uint64_t)views->node_count + 1, sizeof wanted) < 0) {
        return TABLE_NONE;
    }
    views->nodes[views->node_count] = wanted;
    table_add(&views->node_table, hash, views->node_count);
    return views->node_count++;
}

/* ---- what changed ---- */

static const struct day_atoms *day_of(const struct calendar *calendar, uint32_t unit, struct view_part part) {
    return calendar_day(calendar, unit, part.number == PERIOD_NONE ? DAY_NONE : part.number);
}

static uint64_t own_change(const struct calendar *calendar, uint32_t unit, struct view_part part);

/* What a week or a quarter consists of. */
static uint64_t pieces_change(const struct calendar *calendar, uint32_t unit, struct view_part part) {
    bool week = part.size == BY_WEEK;
    uint64_t last = 0;
    for (int32_t i = 0; i < (week ? 7 : 3); i++) {
        struct view_part piece = {week ? BY_DAY : BY_MONTH, week ? part.number + i : part.number * 3 + i};
        uint64_t change = own_change(calendar, unit, piece);
        last = change > last ? change : last;
    }
    return last;
}

/* The last change of a part of a unit's own days; 0 when there are none. */
static uint64_t own_change(const struct calendar *calendar, uint32_t unit, struct view_part part) {
    const struct year_node *year = NULL;
    const struct month_node *month = NULL;
    const struct day_atoms *day = NULL;
    const struct unit_days *all = NULL;
    switch (part.size) {
    case BY_DAY:
        day = day_of(calendar, unit, part);
        return day ? day->changed : 0;
    case BY_WEEK:
    case BY_QUARTER:
        return pieces_change(calendar, unit, part);
    case BY_MONTH:
        month = calendar_month(calendar, unit, part.number);
        return month ? month->changed : 0;
    case BY_YEAR:
        year = calendar_year(calendar, unit, part.number);
        return year ? year->changed : 0;
    default:
        all = calendar_unit(calendar, unit);
        return all ? all->changed : 0;
    }
}

/* Numbers of units rise from parents to children, so this ends. */
static uint64_t change_below(const struct calendar *calendar, const struct units *units, uint32_t unit,
                             struct view_part part) {
    uint64_t last = own_change(calendar, unit, part);
    for (uint32_t child = units->items[unit].child; child != UNIT_NONE; child = units->items[child].sister) {
        uint64_t change = change_below(calendar, units, child, part);
        last = change > last ? change : last;
    }
    return last;
}

/* ---- making ---- */

struct making {
    struct views *views;
    const struct calendar *calendar;
    const struct units *units;
    uint32_t view;
    uint32_t cell; /* that is made */
    bool again;    /* it was made before */
};

static bool atom_fits(const struct view_key *key, const struct atom *atom) {
    bool programmes = key->programmes == PROGRAMMES_ANY || (key->programmes & atom->programmes) != 0;
    return programmes && (key->town == TOWN_ANY || key->town == atom->town);
}

static int add_atoms(const struct making *making, const struct day_atoms *day) {
    const struct view_key *key = &making->views->items[making->view];
    int result = 0;
    for (uint32_t next = day ? day->first : NODE_NONE; next != NODE_NONE && result == 0;) {
        const struct atom *atom = &making->calendar->atoms[next - 1];
        if (atom_fits(key, atom) && making->calendar->cells.items[atom->cell].reports > 0) {
            result = cells_merge(&making->views->cells, making->cell, &making->calendar->cells, atom->cell);
        }
        next = atom->next;
    }
    return result;
}

/* Another view's part, or another part of the same view. */
static int add_part(const struct making *making, uint32_t view, struct view_part part) {
    uint32_t cell = CELL_NONE;
    int result = views_sum(making->views, making->calendar, making->units, view, part, &cell);
    return result < 0 || cell == CELL_NONE
               ? result
               : cells_merge(&making->views->cells, making->cell, &making->views->cells, cell);
}

static int add_below(const struct making *making, struct view_part part) {
    struct view_key key = making->views->items[making->view];
    uint32_t child = making->units->items[key.unit].child;
    key.below = false;
    uint32_t view = views_number(making->views, making->units, key);
    int result = view == TABLE_NONE ? -(int)ERR_NO_MEMORY : add_part(making, view, part);
    for (; child != UNIT_NONE && result == 0; child = making->units->items[child].sister) {
        key.unit = child;
        key.below = true;
        view = views_number(making->views, making->units, key);
        result = view == TABLE_NONE ? -(int)ERR_NO_MEMORY : add_part(making, view, part);
    }
    return result;
}

/* The first time from the atoms; later from the sums of days, of which few changed: only months that change keep those. */
static int add_month(const struct making *making, uint32_t unit, int32_t number) {
    const struct month_node *month = calendar_month(making->calendar, unit, number);
    int result = 0;
    for (int32_t day = 0; month && day <= month->span.to - month->span.from && result == 0; day++) {
        if (month->days[day].first != NODE_NONE) {
            result = making->again ? add_part(making, making->view, (struct view_part){BY_DAY, month->span.from + day})
                                   : add_atoms(making, &month->days[day]);
        }
    }
    return result;
}

static int add_pieces(const struct making *making, struct view_part part) {
    bool week = part.size == BY_WEEK;
    int result = 0;
    for (int32_t i = 0; i < (week ? 7 : 3) && result == 0; i++) {
        struct view_part piece = {week ? BY_DAY : BY_MONTH, week ? part.number + i : part.number * 3 + i};
        result = add_part(making, making->view, piece);
    }
    return result;
}

static int add_year(const struct making *making, uint32_t unit, int32_t number) {
    const struct year_node *year = calendar_year(making->calendar, unit, number);
    int result = 0;
    for (int32_t month = 0; year && month < 12 && result == 0; month++) {
        if (year->months[month] != NODE_NONE) {
            result = add_part(making, making->view, (struct view_part){BY_MONTH, (year->year - 1970) * 12 + month});
        }
    }
    return result;
}

static int add_all(const struct making *making, uint32_t unit) {
    const struct calendar *calendar = making->calendar;
    const struct unit_days *all = calendar_unit(calendar, unit);
    int result = all ? add_atoms(making, &all->undated) : 0;
    for (uint32_t next = all ? all->years : NODE_NONE; next != NODE_NONE && result == 0;
         next = calendar->years[next - 1].next) {
        result = add_part(making, making->view, (struct view_part){BY_YEAR, calendar->years[next - 1].year});
    }
    return result;
}

static int make(const struct making *making, struct view_part part) {
    const struct view_key *key = &making->views->items[making->view];
    uint32_t unit = key->unit;
    if (key->below) {
        return add_below(making, part);
    }
    switch (part.size) {
    case BY_DAY:
        return add_atoms(making, day_of(making->calendar, unit, part));
    case BY_WEEK:
    case BY_QUARTER:
        return add_pieces(making, part);
    case BY_MONTH:
        return add_month(making, unit, part.number);
    case BY_YEAR:
        return add_year(making, unit, part.number);
    default:
        return add_all(making, unit);
    }
}

/* Makes the node anew. Nodes move while others are made: the number is kept. */
static int remake(struct views *views, const struct calendar *calendar, const struct units *units, uint32_t number) {
    struct view_node node = views->nodes[number];
    if (node.cell == CELL_NONE) {
        node.cell = cells_new(&views->cells);
        if (node.cell == CELL_NONE) {
            return -(int)ERR_NO_MEMORY;
        }
    }
    cells_clear(&views->cells, node.cell);
    struct making making = {views, calendar, units, node.view, node.cell, node.made != 0};
    views->nodes[number].cell = node.cell;
    return make(&making, node.part);
}

/* ---- following ---- */

static bool part_holds(struct view_part part, int32_t day) {
    if (day == DAY_NONE) {
        return part.size == BY_ALL || part.number == PERIOD_NONE;
    }
    return part.size == BY_ALL || (part.number != PERIOD_NONE && period_of(day, part.size) == part.number);
}

static bool concerns(const struct views *views, const struct units *units, const struct view_node *node,
                     const struct change *change) {
    const struct view_key *key = &views->items[node->view];
    const struct report *report = &change->report;
    bool in_unit = key->below ? units_within(units, report->unit, key->unit) : report->unit == key->unit;
    bool programmes = key->programmes == PROGRAMMES_ANY || (key->programmes & report->programmes) != 0;
    bool in_town = key->town == TOWN_ANY || key->town == report->town;
    return in_unit && programmes && in_town && part_holds(node->part, report->day);
}

/* Whether all that happened to the node since it was checked can be followed. */
static bool can_follow(const struct views *views, const struct calendar *calendar, const struct units *units,
                       const struct view_node *node) {
    bool can = views->changes && node->checked != 0 && calendar->changed - node->checked <= CHANGES_KEPT;
    for (uint64_t number = node->checked + 1; can && number <= calendar->changed; number++) {
        const struct change *change = changes_find(views->changes, number);
        can = change && ((!change->leaves && node->cell != CELL_NONE) || !concerns(views, units, node, change));
    }
    return can;
}

static int follow(struct views *views, const struct calendar *calendar, const struct units *units, uint32_t number) {
    const struct view_node node = views->nodes[number];
    int result = 0;
    for (uint64_t at = node.checked + 1; at <= calendar->changed && result == 0; at++) {
        const struct change *change = changes_find(views->changes, at);
        if (concerns(views, units, &node, change)) {
            result = changes_apply(views->changes, change, &views->cells, node.cell);
            views->nodes[number].made = at;
        }
    }
    return result;
}

/* Looks whether anything in the node changed, and makes it anew then. */
static int look(struct views *views, const struct calendar *calendar, const struct units *units, uint32_t number) {
    const struct view_node *node = &views->nodes[number];
    const struct view_key *key = &views->items[node->view];
    uint64_t change =
        key->below ? change_below(calendar, units, key->unit, node->part) : own_change(calendar, key->unit, node->part);
    bool same = change == node->made && (node->checked != 0 || change == 0);
    int result = same ? 0 : remake(views, calendar, units, number);
    views->nodes[number].made = change;
    return result;
}

int views_sum(struct views *views, const struct calendar *calendar, const struct units *units, uint32_t view,
              struct view_part part, uint32_t *cell) {
    uint32_t number = node_number(views, view, part);
    *cell = CELL_NONE;
    if (number == TABLE_NONE) {
        return -(int)ERR_NO_MEMORY;
    }
    if (views->nodes[number].checked != calendar->changed) {
        int result = can_follow(views, calendar, units, &views->nodes[number]) ? follow(views, calendar, units, number)
                                                                               : look(views, calendar, units, number);
        views->nodes[number].checked = result < 0 ? 0 : calendar->changed;
        if (result < 0) {
            return result;
        }
    }
    uint32_t found = views->nodes[number].cell;
    *cell = found != CELL_NONE && views->cells.items[found].reports > 0 ? found : CELL_NONE;
    return 0;
}
