/* Views follow what changes: a node when it is asked for, all of them by the by. */
#include "services/aggregator/views_make.h"

bool views_fits(const struct view_key *key, const struct units *units, const struct report *report) {
    bool programmes = key->programmes == PROGRAMMES_ANY || (key->programmes & report->programmes) != 0;
    bool in_town = key->town == TOWN_ANY || key->town == report->town;
    return programmes && in_town &&
           (key->below ? units_within(units, report->unit, key->unit) : report->unit == key->unit);
}

bool views_part_holds(struct view_part part, int32_t day) {
    if (day == DAY_NONE) {
        return part.size == BY_ALL || part.number == PERIOD_NONE;
    }
    return part.size == BY_ALL || (part.number != PERIOD_NONE && period_of(day, part.size) == part.number);
}

static bool concerns(const struct tally *tally, const struct view_node *node, const struct change *change) {
    return views_fits(&tally->views.items[node->view], &tally->units, &change->report) &&
           views_part_holds(node->part, change->report.day);
}

static bool is_applicable(const struct view_node *node, const struct change *change) {
    return !change->leaves && node->cell != CELL_NONE;
}

/* ---- one node ---- */

bool views_can_follow(const struct tally *tally, const struct view_node *node) {
    const struct views *views = &tally->views;
    uint64_t changed = tally->calendar.changed;
    uint64_t checked = views_checked(views, node);
    bool can = views->changes && checked != 0 && changed - checked <= CHANGES_KEPT;
    for (uint64_t number = checked + 1; can && number <= changed; number++) {
        const struct change *change = changes_find(views->changes, number);
        can = change && (is_applicable(node, change) || !concerns(tally, node, change));
    }
    return can;
}

/* Where the activity's other reports lie is looked up as it is now: what changes of that later is a change of its own. */
static int apply(struct tally *tally, struct view_node *node, const struct change *change) {
    int result = changes_apply(tally->views.changes, change, &tally->views.cells, node->cell);
    node->counted = node->counted && change->joins == 0;
    return result < 0 || change->joins == 0 ? result : across_meet(tally, node, change->joins - 1);
}

int views_follow(struct tally *tally, uint32_t number) {
    struct view_node *node = &tally->views.nodes[number];
    int result = 0;
    for (uint64_t at = views_checked(&tally->views, node) + 1; at <= tally->calendar.changed && result == 0; at++) {
        const struct change *change = changes_find(tally->views.changes, at);
        if (concerns(tally, node, change)) {
            result = apply(tally, node, change);
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
static void push_into(struct tally *tally, uint32_t number, const struct change *change) {
    struct view_node *node = &tally->views.nodes[number];
    if (node->checked < tally->views.caught_from || node->checked >= change->number) {
        return;
    }
    bool taken = is_applicable(node, change) && apply(tally, node, change) == 0;
    node->checked = taken ? change->number : 0;
}

static void push(struct tally *tally, const struct change *change) {
    const struct views *views = &tally->views;
    struct view_part parts[BY_FOUR + 1];
    uint32_t count = parts_of(change->report.day, parts);
    for (uint32_t view = 0; view < views->count; view++) {
        if (!views_fits(&views->items[view], &tally->units, &change->report)) {
            continue;
        }
        for (uint32_t i = 0; i < count; i++) {
            uint32_t number = views_find_node(views, view, parts[i]);
            if (number != TABLE_NONE) {
                push_into(tally, number, change);
            }
        }
    }
}

enum catching views_catch_up(struct tally *tally, uint32_t most) {
    struct views *views = &tally->views;
    uint64_t changed = tally->calendar.changed;
    for (; most > 0 && views->caught < changed; most--) {
        const struct change *change = views->changes ? changes_find(views->changes, views->caught + 1) : NULL;
        if (!change) {
            views->caught = views->caught_from = changed;
            return CATCH_LOST;
        }
        push(tally, change);
        views->caught++;
    }
    return views->caught < changed ? CATCH_MORE : CATCH_DONE;
}
