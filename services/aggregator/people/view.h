/* What is told of one volunteer: between view.c and view_hours.c. */
#pragma once

#include "common/arena.h"
#include "services/aggregator/people/overlaps.h"

/* The hours of the days in `range` with their versions as hours_entry, the latest day first. 0 or -ERR_NO_MEMORY. */
int view_hours(const struct tally *tally, uint32_t volunteer, struct range range, struct arena *arena,
               struct list *out);

/* The short name of a unit; empty until it has one. */
struct text view_unit_name(const struct tally *tally, uint32_t unit);
