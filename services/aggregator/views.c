/* Views and their nodes by key, and following what changes. */
#include "services/aggregator/views.h"

#include <stdlib.h>

#include "common/error.h"
#include "services/aggregator/column.h"
#include "services/aggregator/tally.h"
#include "services/aggregator/views_make.h"

#define NODES_KEPT 1000000

static_assert(PROGRAMMES_ALL < PROGRAMMES_ANY, "any programme is more than all of them together");

void views_free(struct views *views) {
    cells_free(&views->cells);
    for (uint32_t i = 0; i < views->node_count; i++) {
        across_free(&views->nodes[i].across);
    }
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

uint32_t views_number(struct tally *tally, struct view_key key) {
    struct views *views = &tally->views;
    key.below = key.below && tally->units.items[key.unit].child != UNIT_NONE;
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

static uint32_t node_hash(uint32_t view, struct view_part part) {
    return table_hash_pair(view, (uint32_t)part.number * 8 + part.size);
}

uint32_t views_find_node(const struct views *views, uint32_t view, struct view_part part) {
    struct view_node wanted = {.view = view, .part = part};
    return table_find(&views->node_table, node_hash(view, part), node_is, views, &wanted);
}

static uint32_t node_add(struct views *views, uint32_t view, struct view_part part) {
    struct view_node wanted = {.view = view, .part = part, .cell = CELL_NONE};
    if (table_reserve(&views->node_table) < 0 ||
        column_reserve(&views->nodes, &views->node_capacity, (uint64_t)views->node_count + 1, sizeof wanted) < 0) {
        return TABLE_NONE;
    }
    views->nodes[views->node_count] = wanted;
    table_add(&views->node_table, node_hash(view, part), views->node_count);
    return views->node_count++;
}

/* ---- making ---- */

/* Makes the node anew. Nodes move while others are made: the number is kept. */
static int remake(struct tally *tally, uint32_t number) {
    struct views *views = &tally->views;
    struct view_node node = views->nodes[number];
    if (node.cell == CELL_NONE) {
        node.cell = cells_new(&views->cells);
        if (node.cell == CELL_NONE) {
            return -(int)ERR_NO_MEMORY;
        }
    }
    cells_clear(&views->cells, node.cell);
    across_free(&node.across);
    int result = views_make(tally, &node);
    node.made = true;
    node.counted = false;
    views->nodes[number] = node;
    return result;
}

/* Looks whether anything in the node changed since it was checked, and makes it anew then. */
static int look(struct tally *tally, uint32_t number) {
    const struct view_node *node = &tally->views.nodes[number];
    uint64_t change = views_change(tally, &tally->views.items[node->view], node->part);
    bool same = node->checked != 0 ? change <= views_checked(&tally->views, node) : change == 0;
    return same ? 0 : remake(tally, number);
}

static int bring_up(struct tally *tally, uint32_t number) {
    struct views *views = &tally->views;
    uint64_t changed = tally->calendar.changed;
    if (views_checked(views, &views->nodes[number]) == changed) {
        return 0;
    }
    int result = views_can_follow(tally, &views->nodes[number]) ? views_follow(tally, number) : look(tally, number);
    views->nodes[number].checked = result < 0 ? 0 : changed;
    return result;
}

static void count_within(struct view_node *node, const struct cell *cell) {
    if (!node->counted) {
        uint64_t all = cell->shared ? roaring_bitmap_get_cardinality(cell->shared) : 0;
        node->within = (uint32_t)(all - (node->across ? roaring_bitmap_get_cardinality(node->across) : 0));
        node->counted = true;
    }
}

int views_sum(struct tally *tally, uint32_t view, struct view_part part, const struct view_node **node) {
    struct views *views = &tally->views;
    uint32_t number = views_find_node(views, view, part);
    *node = NULL;
    if (number == TABLE_NONE) {
        if (!views_may_hold(tally, &views->items[view], part)) {
            return 0;
        }
        number = node_add(views, view, part);
    }
    int result = number == TABLE_NONE ? -(int)ERR_NO_MEMORY : bring_up(tally, number);
    if (result < 0) {
        return result;
    }
    struct view_node *found = &views->nodes[number];
    if (found->cell != CELL_NONE && views->cells.items[found->cell].reports > 0) {
        count_within(found, &views->cells.items[found->cell]);
        *node = found;
    }
    return 0;
}

/* A sum lies behind four pointers, each of which says where the next one is: all parts go one step at a time. */
void views_fetch(const struct views *views, uint32_t view, const struct view_part *parts, uint32_t count) {
    uint32_t numbers[VIEWS_FETCHED];
    uint32_t found = 0;
    count = count < VIEWS_FETCHED ? count : VIEWS_FETCHED;
    for (uint32_t i = 0; i < count; i++) {
        table_prefetch(&views->node_table, node_hash(view, parts[i]));
    }
    for (uint32_t i = 0; i < count; i++) {
        uint32_t number = table_guess(&views->node_table, node_hash(view, parts[i]));
        if (number != TABLE_NONE) {
            numbers[found++] = number;
            __builtin_prefetch(&views->nodes[number]);
        }
    }
    uint32_t cells = 0;
    for (uint32_t i = 0; i < found; i++) {
        uint32_t cell = views->nodes[numbers[i]].cell;
        if (cell != CELL_NONE) {
            numbers[cells++] = cell;
            __builtin_prefetch(&views->cells.items[cell]);
            __builtin_prefetch(&views->cells.items[cell].measures);
        }
    }
    for (uint32_t i = 0; i < cells; i++) {
        cells_prefetch_measures(&views->cells, numbers[i]);
    }
}
