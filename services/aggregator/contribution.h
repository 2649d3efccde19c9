/* What a report contributes to the figures: its row and its measures, from its event. */
#pragma once

#include "services/aggregator/tally.h"

#define REPORT_MEASURES_MAX 20 /* of report.measures */
#define REPORT_FOUND_MAX 30    /* of report.found */

struct contribution {
    struct report report;
    struct kept_measure measures[REPORT_MEASURES_MAX + 1 + 2 * REPORT_FOUND_MAX]; /* and the headcount in 户, 组, ... */
};

/* Of the report `number`, which a report.submitted or .amended tells of. Names, units and activities that are new are
 * added. -ERR_CORRUPT when a value is over its limit, -ERR_NO_MEMORY. */
int contribution_of(struct tally *tally, const struct event *event, uint32_t number, struct contribution *out,
                    struct error *error);

/* Whether a report that comes now comes when it is overdue. What was so at its first submission stays. */
bool contribution_is_late(const struct tally *tally, const struct wire_report *body, const struct report *report);

/* Fills `error`: the event breaks what the journal guarantees. */
int contribution_damaged(const struct event *event, const char *what, struct error *error);
