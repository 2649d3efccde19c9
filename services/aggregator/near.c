/* Days that are near. */
#include "services/aggregator/near.h"

#include <stdlib.h>

void near_free(struct near *near) {
    free(near->is_near);
    *near = (struct near){0};
}

bool near_next(const struct near *near, int32_t day, struct range *run) {
    int32_t from = day > near->days.from ? day : near->days.from;
    while (from <= near->days.to && !near->is_near[from - near->days.from]) {
        from++;
    }
    int32_t next = from;
    while (next <= near->days.to && near->is_near[next - near->days.from]) {
        next++;
    }
    *run = (struct range){from, next - 1};
    return from < next;
}

/* Whole months are kept as sums, single days rarely: those at the edges are added up, unless the rows are that short. */
static void keep_months(struct near *near, enum granularity size) {
    struct range run = {0};
    for (int32_t day = near->days.from; near_next(near, day, &run); day = run.to + 1) {
        for (int32_t at = run.from; at <= run.to;) {
            struct span span = span_at(at, run, size);
            bool kept = span.size <= BY_MONTH || size >= BY_WEEK;
            for (; at < span.next; at++) {
                near->is_near[at - near->days.from] = kept;
            }
        }
    }
}

int near_make(struct near *near, const struct tally *tally, const struct question *question) {
    const struct calendar *calendar = &tally->calendar;
    struct range days = range_within(question->range, calendar->known);
    *near = (struct near){.days = question->undated || range_is_empty(days) ? (struct range){0, -1} : days};
    near->is_near = calloc((size_t)((int64_t)near->days.to - near->days.from + 2), 1);
    if (!near->is_near) {
        return -(int)ERR_NO_MEMORY;
    }
    for (int32_t day = near->days.from; day <= near->days.to; day++) {
        near->is_near[day - near->days.from] = calendar_mostly_came(calendar, day, question->at);
    }
    keep_months(near, question->granularity);
    struct range run;
    near->undated = range_is_open(question->range) && calendar_mostly_came(calendar, DAY_NONE, question->at);
    near->any = near->undated || near_next(near, near->days.from, &run);
    return 0;
}
