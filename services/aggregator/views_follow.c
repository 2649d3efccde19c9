/* Views follow what changes: a node when it is asked for, all of them by the by. */
#include "services/aggregator/views_make.h"

static bool view_concerns(const struct view_key *key, const struct units *units, const struct report *report) {
    bool programmes = key->programmes == PROGRAMMES_ANY || (key->programmes & report->programmes) != 0;
    bool in_town = key->town == TOWN_ANY || key->town == report->town;
    return programmes && in_town &&
           (key->below ? units_within(units, report->unit, key->unit) : report->unit == key->unit);
}

static bool part_holds(struct view_part part, int32_t day) {
    if (day == DAY_NONE) {
        return part.size == BY_ALL || part.number == PERIOD_NONE;
    }
    return part.size == BY_ALL || (part.number != PERIOD_NONE && period_of(day, part.size) == part.number);
}

static bool concerns(const struct views *views, const struct units *units, const struct view_node *node,
                     const struct change *change) {
    return view_concerns(&views->items[node->view], units, &change->report) &&
           part_holds(node->part, change->report.day);
}

static bool is_applicable(const struct view_node *node, const struct change *change) {
    return !change->leaves && node->cell != CELL_NONE;
}

/* ---- one node ---- */

bool views_can_follow(const struct views *views, const struct calendar *calendar, const struct units *units,
                      const struct view_node *node) {
    uint64_t checked = views_checked(views, node);
    bool can = views->changes && checked != 0 && calendar->changed - checked <= CHANGES_KEPT;
    for (uint64_t number = checked + 1; can && number <= calendar->changed; number++) {
        const struct change *change = changes_find(views->changes, number);
        can = change && (is_applicable(node, change) || !concerns(views, units, node, change));
    }
    return can;
}

int views_follow(struct views *views, const struct calendar *calendar, const struct units *units, uint32_t number) {
    const struct view_node node = views->nodes[number];
    int result = 0;
    for (uint64_t at = views_checked(views, &node) + 1; at <= calendar->changed && result == 0; at++) {
        const struct change *change = changes_find(views->changes, at);
        if (concerns(views, units, &node, change)) {
            result = changes_apply(views->changes, change, &views->cells, node.cell);
        }
    }
    return result;
}

/* ---- all nodes ---- */

/* The parts that hold a day. */
static uint32_t parts_of(int32_t day, struct view_part out[BY_FOUR + 1]) {
    out[0] = (struct view_part){BY_ALL, PERIOD_ALL};
    if (day == DAY_NONE) {
        out[1] = (struct view_part){BY_DAY, PERIOD_NONE};
        return 2;
    }
    for (int size = BY_YEAR; size <= BY_FOUR; size++) {
        out[size] = (struct view_part){(enum granularity)size, period_of(day, (enum granularity)size)};
    }
    return BY_FOUR + 1;
}

/* The change into a node that holds it. What cannot take it is made anew when it is asked for. */
static void push_into(struct views *views, uint32_t number, const struct change *change) {
    struct view_node *node = &views->nodes[number];
    if (node->checked < views->caught_from || node->checked >= change->number) {
        return;
    }
    bool taken = is_applicable(node, change) && changes_apply(views->changes, change, &views->cells, node->cell) == 0;
    node->checked = taken ? change->number : 0;
}

static void push(struct views *views, const struct units *units, const struct change *change) {
    struct view_part parts[BY_FOUR + 1];
    uint32_t count = parts_of(change->report.day, parts);
    for (uint32_t view = 0; view < views->count; view++) {
        if (!view_concerns(&views->items[view], units, &change->report)) {
            continue;
        }
        for (uint32_t i = 0; i < count; i++) {
            uint32_t number = views_find_node(views, view, parts[i]);
            if (number != TABLE_NONE) {
                push_into(views, number, change);
            }
        }
    }
}

enum catching views_catch_up(struct views *views, const struct calendar *calendar, const struct units *units,
                             uint32_t most) {
    for (; most > 0 && views->caught < calendar->changed; most--) {
        const struct change *change = views->changes ? changes_find(views->changes, views->caught + 1) : NULL;
        if (!change) {
            views->caught = views->caught_from = calendar->changed;
            return CATCH_LOST;
        }
        push(views, units, change);
        views->caught++;
    }
    return views->caught < calendar->changed ? CATCH_MORE : CATCH_DONE;
}
