/* What hours are measured against: the days and the length of an activity, as its last change, or the last version of a
 * report that is an activity of its own, gives them. Pure, as admit. */
#pragma once

#include "services/intake/admit.h"

#define ACTIVITY_DAYS_MAX 100 /* of `dates`: a row of tables/report.h */

struct activity_facts {
    int32_t days[ACTIVITY_DAYS_MAX]; /* the days, where they are listed */
    uint32_t day_count;
    bool spans; /* else, where known: from `first` to `last` */
    int32_t first;
    int32_t last;
    int64_t length; /* minutes that it lasts on one day; 0: not known */
};

/* 1, or < 0 when a look-up failed. */
int activity_facts_read(const struct admit_context *context, const struct id *activity, struct activity_facts *facts);

/* Whether it took place on that day, as far as is known. */
bool activity_facts_hold(const struct activity_facts *facts, int32_t day);
