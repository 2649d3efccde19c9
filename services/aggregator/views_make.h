/* Making the sums of views from the calendar, and following its changes; between their files. */
#pragma once

#include "services/aggregator/views.h"

/* The last change of anything in the part of the view's days, whatever its programmes and town; 0: nothing was ever in it. */
uint64_t views_change(const struct calendar *calendar, const struct units *units, const struct view_key *key,
                      struct view_part part);

/* Whether a report that fits the view may lie in the part: else it is empty without a look. */
bool views_may_hold(const struct calendar *calendar, const struct units *units, const struct view_key *key,
                    struct view_part part);

uint32_t views_find_node(const struct views *views, uint32_t view,
                         struct view_part part); /* TABLE_NONE: there is none */

/* Fills the node's cell, which is empty. A month comes from the reports' own cells; the second time, where all reports of several
 * units are added up, from its parts, of which few changed. Errors as cells_merge. */
int views_make(struct views *views, const struct calendar *calendar, const struct units *units,
               const struct view_node *node);

/* views_follow.c. Up to which change everything is in the node. */
static inline uint64_t views_checked(const struct views *views, const struct view_node *node) {
    bool caught = node->checked != 0 && node->checked >= views->caught_from && node->checked < views->caught;
    return caught ? views->caught : node->checked;
}

/* Whether all that happened to the node since then can be followed; doing so. Errors as cells_add. */
bool views_can_follow(const struct views *views, const struct calendar *calendar, const struct units *units,
                      const struct view_node *node);
int views_follow(struct views *views, const struct calendar *calendar, const struct units *units, uint32_t number);
