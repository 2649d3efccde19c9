/* Making the sums of views from the calendar, and following its changes; between their files. */
#pragma once

#include "services/aggregator/tally.h"

/* The last change of anything in the part of the view's days, whatever its programmes and town; 0: nothing was ever in it. */
uint64_t views_change(const struct tally *tally, const struct view_key *key, struct view_part part);

/* Whether a report that fits the view may lie in the part: else it is empty without a look. */
bool views_may_hold(const struct tally *tally, const struct view_key *key, struct view_part part);

uint32_t views_find_node(const struct views *views, uint32_t view,
                         struct view_part part); /* TABLE_NONE: there is none */

/* Fills the node's cell and `across`, which are empty. A month comes from the reports' own cells; the second time, where all reports of several
 * units are added up, from its parts, of which few changed. Errors as cells_merge. */
int views_make(struct tally *tally, struct view_node *node);

/* Whether a report stands in the view, on whatever day; whether a day, or DAY_NONE, lies in the part. */
bool views_fits(const struct view_key *key, const struct units *units, const struct report *report);
bool views_part_holds(struct view_part part, int32_t day);

/* views_follow.c. Up to which change everything is in the node. */
static inline uint64_t views_checked(const struct views *views, const struct view_node *node) {
    bool caught = node->checked != 0 && node->checked >= views->caught_from && node->checked < views->caught;
    return caught ? views->caught : node->checked;
}

/* Whether all that happened to the node since then can be followed; doing so. Errors as cells_add. */
bool views_can_follow(const struct tally *tally, const struct view_node *node);
int views_follow(struct tally *tally, uint32_t number);

/* across.c. Adds activities that may lie in other parts, too; keeps those that do; adds the one if it does. 0 or -ERR_NO_MEMORY. */
void across_free(roaring_bitmap_t **across);
int across_add(roaring_bitmap_t **across, const roaring_bitmap_t *more);
int across_settle(const struct tally *tally, struct view_node *node);
int across_meet(const struct tally *tally, struct view_node *node, uint32_t activity);
