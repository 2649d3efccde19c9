/* Drill: from a figure to the reports behind it, page by page, the latest day first, within a day the newest report.
 *
 * As they stand, the calendar's days are walked from the end, so a page costs its reports and their days; as they stood,
 * every version is looked at once. A report is told with what it adds to the figures, so that they can be added up again.
 */
#pragma once

#include "common/arena.h"
#include "services/aggregator/rows.h"

#define DRILL_LIMIT 50
#define DRILL_LIMIT_MAX 500
#define MARK_ANY (-1)

struct drilled {
    uint32_t number; /* of the report */
    int32_t day;     /* or DAY_NONE */
    const struct report *report;
};

struct drill {
    struct drilled items[DRILL_LIMIT_MAX + 1]; /* one more than a page: whether another one follows */
    uint32_t count;
    uint32_t limit;
    int mark;       /* a report's mark (drill.c), or MARK_ANY */
    bool continued; /* the cursor stands at `last` */
    struct drilled last;
};

/* What the query says about marks and pages. -ERR_BAD_QUERY names `mark`, `cursor` or `limit`. */
int drill_read(const struct wire_totals_query *query, struct drill *drill, struct error *error);

/* Collects a page. `rows` lends its keys. 0 or -ERR_NO_MEMORY. */
int drill_collect(struct drill *drill, struct rows *rows, const struct tally *tally, const struct question *question);

/* Fills `answer` in `arena`, as answer_make does. */
int drill_answer(const struct drill *drill, const struct tally *tally, const struct question *question,
                 struct arena *arena, struct wire_drill_answer *answer);
