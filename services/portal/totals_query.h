/* The query parameters of /api/v1/totals as a question to the aggregator. Pure.
 *
 *   from, to        days, YYYY-MM-DD        unit        path: it and what lies under it
 *   programme       code                    by          of squad, programme, day, month, year, joined by commas
 *   at_least        position                changed_since  position, with by=squad
 */
#pragma once

#include "proto/codec.h"
#include "services/portal/target.h"

/* Fills `query` with views into the target (lists in the arena). -ERR_BAD_QUERY or -ERR_BAD_POSITION names the
 * parameter; one that does not exist is an error too, so that a typing error is not taken for an answer. */
int totals_query_read(const struct target *target, struct arena *arena, struct wire_totals_query *query,
                      struct error *error);
