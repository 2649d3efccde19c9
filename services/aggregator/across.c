/* Activities across parts: which of a sum's shared activities have reports of its view elsewhere, and so may lie in other parts
 * of the same range. The set may hold more than those, never fewer; tally.c notes as a change of every report of an activity
 * that another joins it. */
#include "common/error.h"
#include "services/aggregator/views_make.h"

void across_free(roaring_bitmap_t **across) {
    if (*across) {
        roaring_bitmap_free(*across);
    }
    *across = NULL;
}

int across_add(roaring_bitmap_t **across, const roaring_bitmap_t *more) {
    if (*across) {
        roaring_bitmap_or_inplace(*across, more);
        return 0;
    }
    *across = roaring_bitmap_copy(more);
    return *across ? 0 : -(int)ERR_NO_MEMORY;
}

/* A part of a view, its days at hand. */
struct place {
    const struct tally *tally;
    const struct view_key *key;
    struct range days;
    bool undated;
};

static struct place place_of(const struct tally *tally, const struct view_node *node) {
    bool dated = node->part.size == BY_ALL || node->part.number != PERIOD_NONE;
    return (struct place){
        .tally = tally,
        .key = &tally->views.items[node->view],
        .days = dated ? period_days(node->part.number, node->part.size) : (struct range){0, -1},
        .undated = views_part_holds(node->part, DAY_NONE),
    };
}

/* Whether a report of the activity stands in the view, but outside the part. */
static bool is_across(const struct place *place, uint32_t activity) {
    const struct tally *tally = place->tally;
    const struct activity *items = tally->activities.items;
    if (items[activity].size > ACTIVITY_FOLLOWED) {
        return true;
    }
    bool across = false;
    for (uint32_t next = items[activity].first; next != 0 && !across; next = items[next - 1].next) {
        const struct report *report = &tally->reports.items[next - 1];
        bool inside = report->day == DAY_NONE ? place->undated : range_holds(place->days, report->day);
        across = !inside && views_fits(place->key, &tally->units, report);
    }
    return across;
}

static int insert(roaring_bitmap_t **across, uint32_t activity) {
    *across = *across ? *across : roaring_bitmap_create();
    if (*across) {
        roaring_bitmap_add(*across, activity);
    }
    return *across ? 0 : -(int)ERR_NO_MEMORY;
}

struct settling {
    struct place place;
    roaring_bitmap_t *across;
    int result;
};

static bool settle_one(uint32_t activity, void *data) {
    struct settling *settling = data;
    if (is_across(&settling->place, activity)) {
        settling->result = insert(&settling->across, activity);
    }
    return settling->result == 0;
}

int across_settle(const struct tally *tally, struct view_node *node) {
    struct settling settling = {.place = place_of(tally, node)};
    if (node->across) {
        roaring_iterate(node->across, settle_one, &settling);
    }
    across_free(&node->across);
    if (settling.across) {
        (void)roaring_bitmap_shrink_to_fit(settling.across);
    }
    node->across = settling.across;
    return settling.result;
}

int across_meet(const struct tally *tally, struct view_node *node, uint32_t activity) {
    struct place place = place_of(tally, node);
    return is_across(&place, activity) ? insert(&node->across, activity) : 0;
}
