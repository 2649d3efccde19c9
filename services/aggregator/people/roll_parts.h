/* Parts of a roll by their selectors; between the files that keep and make them. */
#pragma once

#include "services/aggregator/people/people.h"

#define SELECTORS_MAX (4 + 2 * PROGRAMME_COUNT)

struct part *part_find(const struct roll *roll, uint32_t selector);    /* NULL when it is not there */
uint32_t part_first(const struct roll *roll, enum selector_sort sort); /* where those of the sort begin */
struct part *part_of(struct roll *roll, uint32_t selector); /* made when it is not there; NULL without memory */

/* All that rows of the mix are in: how many. The mix itself and the grade stand first. */
uint32_t selectors_of(const struct people *people, uint32_t number, uint32_t out[SELECTORS_MAX]);

/* Adds minutes and presence to the parts of the mix and of the grade. 0, -ERR_NO_MEMORY or -ERR_TOO_BIG. */
int part_sum(const struct people *people, struct roll *roll, const struct roll_entry *entry);
