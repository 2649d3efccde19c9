/* Making the sums of views from the calendar; between their files. */
#pragma once

#include "services/aggregator/views.h"

/* The last change of anything in the part of the view's days, whatever its programmes and town; 0: nothing was ever in it. */
uint64_t views_change(const struct calendar *calendar, const struct units *units, const struct view_key *key,
                      struct view_part part);

/* Whether a report that fits the view may lie in the part: else it is empty without a look. */
bool views_may_hold(const struct calendar *calendar, const struct units *units, const struct view_key *key,
                    struct view_part part);

/* Fills the node's cell, which is empty. The first time a month comes from the reports' own cells, later from its parts, of
 * which few changed: only months that change keep those. Errors as cells_merge. */
int views_make(struct views *views, const struct calendar *calendar, const struct units *units,
               const struct view_node *node);
