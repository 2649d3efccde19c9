/* What questions of the totals door have in common: days, units, words for periods, and how what is wrong is told. */
#pragma once

#include "common/arena.h"
#include "common/error.h"
#include "services/aggregator/period.h"
#include "services/aggregator/tally.h"

/* Names the field, shows what stood there (as much of it as a line holds) and what may; returns -code. */
int asked_refuse(enum error_code code, const char *field, struct text value, const char *limit, struct error *error);
int asked_no_memory(struct error *error);

/* The days asked for; NULL where it is open. -ERR_BAD_QUERY names `from` when they are the wrong way round. */
int asked_range(const int32_t *from, const int32_t *to, struct range *range, struct error *error);

/* The unit of a path; -ERR_UNKNOWN_UNIT. */
int asked_unit(const struct tally *tally, const char *field, struct text path, uint32_t *unit, struct error *error);

/* Whether the word names a period (day, week, month, quarter, year); of several the finest holds. */
bool asked_period(struct text word, enum granularity *granularity);

/* Where the tally stands, as a text in the arena; NULL without memory. */
char *asked_as_of(const struct tally *tally, struct arena *arena);
