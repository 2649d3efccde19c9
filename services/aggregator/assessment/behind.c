/* Addresses of what stands behind figures: at the HTTP door, of the squad and the period, as it stood then. What the address
 * gives is exactly what was counted: tests/flow/test_behind.py adds it up again for every row of figures.def. */
#include <inttypes.h>
#include <stdio.h>

#include "services/aggregator/assessment/standing.h"

#define ADDRESS_SIZE 301 /* of assessment_item.behind, and its end */

struct address {
    const char *path;
    bool months;       /* from and to are months */
    const char *which; /* the rest of the question: exactly what was counted */
};

#define REPORTS_BEHIND(which) \
    { "/api/v1/totals/reports", false, which }
#define PLANS_BEHIND \
    { "/api/v1/figures/plans", false, "&by=squad" }
#define PROBLEMS_BEHIND(state) \
    { "/api/v1/problems", false, "&state=" state }

static const struct address addresses[FIGURE_COUNT] = {
    [FIGURE_REPORTS] = REPORTS_BEHIND(""),
    [FIGURE_ACTIVITIES] = REPORTS_BEHIND(""),
    [FIGURE_ATTENDANCES] = REPORTS_BEHIND(""),
    [FIGURE_MINUTES] = REPORTS_BEHIND(""),
    [FIGURE_LATE_REPORTS] = REPORTS_BEHIND("&mark=late"),
    [FIGURE_RETURNED_REPORTS] = REPORTS_BEHIND("&mark=returned"),
    [FIGURE_WARNINGS] = REPORTS_BEHIND("&mark=warned"),
    [FIGURE_VOLUNTEERS] = {"/api/v1/hours/entries", false, ""},
    [FIGURE_MISSING_REPORTS] = {"/api/v1/missing", true, "&limit=10000"},
    [FIGURE_LATE_MONTH] = {"/api/v1/completeness", true, "&month_late=true"},
    [FIGURE_PLAN_ACTIVITIES_PERCENT] = PLANS_BEHIND,
    [FIGURE_PLAN_ATTENDANCES_PERCENT] = PLANS_BEHIND,
    [FIGURE_PLAN_MINUTES_PERCENT] = PLANS_BEHIND,
    [FIGURE_PROBLEMS_RAISED] = PROBLEMS_BEHIND("counted"),
    [FIGURE_PROBLEMS_RESOLVED] = PROBLEMS_BEHIND("closed"),
    [FIGURE_PROBLEMS_OVERDUE] = PROBLEMS_BEHIND("overdue"),
    [FIGURE_PROBLEMS_REWORK] = PROBLEMS_BEHIND("rework"),
    [FIGURE_RECURRENCES] = PROBLEMS_BEHIND("came-back"),
    [FIGURE_STORIES_SUBMITTED] = {"/api/v1/stories", false, ""},
    [FIGURE_STORIES_PUBLISHED] = {"/api/v1/stories", false, "&state=published"},
};

struct text behind_figure(const struct values *values, const struct squad *squad, enum figure figure) {
    const struct address *address = &addresses[figure];
    const struct assessed *assessed = values->assessed;
    const struct tally *tally = values->aggregator->tally;
    struct text unit = units_path(&tally->units, squad->unit);
    char from[DATE_TEXT_SIZE];
    char to[DATE_TEXT_SIZE];
    char *out = address->path ? arena_alloc(values->aggregator->question_arena, ADDRESS_SIZE) : NULL;
    if (!out) {
        return text_of("");
    }
    if (address->months) {
        month_format(assessed->period.first, from);
        month_format(assessed->period.first + assessed->period.months - 1, to);
    } else {
        day_format(assessed->days.from, from);
        day_format(assessed->days.to, to);
    }
    snprintf(out, ADDRESS_SIZE, "%s?unit=%.*s&from=%s&to=%s&at=%" PRIu64 "%s", address->path, (int)unit.length,
             unit.data, from, to, assessed_seq(tally, assessed), address->which);
    return text_of(out);
}
