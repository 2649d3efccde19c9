/* The query parameters of /api/v1/reports and /api/v1/export.csv as a question to the archiver. Pure.
 *
 *   q (or text)   words, a single character too     unit        path: it and what lies under it
 *   programme     code                              from, to    days, YYYY-MM-DD
 *   number        编号                              activity    id
 *   attendances_from, attendances_to                withdrawn   1: only withdrawn ones
 *   at_least      position                          cursor, limit
 */
#pragma once

#include "proto/codec.h"
#include "services/portal/target.h"

/* Who asks: what lies outside `unit` is not told; a guiding body gets no personal data and no free text, and cannot
 * search it. */
struct reader {
    enum role role;
    const char *unit;
};

/* Fills `query` with views into the target and the reader. `extra` as of parameters_read.
 * -ERR_BAD_QUERY, -ERR_BAD_POSITION, a fault of the field's limits, or -ERR_NO_RIGHT. */
int record_query_read(const struct target *target, const struct reader *reader, const char *const *extra,
                      struct wire_record_query *query, struct error *error);

/* Whether the role may see personal data and free text of reports. */
bool reader_sees_side(enum role role);
