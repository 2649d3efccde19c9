/* The query parameters of /api/v1/totals as a question to the aggregator: the fields of totals_query, lists joined by
 * commas. Pure. */
#pragma once

#include "proto/codec.h"
#include "services/portal/target.h"

/* Figures, or the reports behind one: these are told page by page, and take no order of rows. */
enum totals_use { TOTALS_FIGURES, TOTALS_DRILL };

/* Fills `query` with views into the target (lists in its arena). -ERR_BAD_QUERY or -ERR_BAD_POSITION names the
 * parameter; one that does not exist is an error too, so that a typing error is not taken for an answer. */
int totals_query_read(const struct target *target, enum totals_use use, struct wire_totals_query *query,
                      struct error *error);
