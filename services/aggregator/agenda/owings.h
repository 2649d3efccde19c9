/* Owings: reports that squads owe for planned activities, and what became of each: sums by squad and month, by day what is
 * outstanding. Whether that is overdue depends on the day and the deadline of whoever asks.
 */
#pragma once

#include "services/aggregator/tally.h"

#define MONTH_DAYS 31

#define OWED_MONTH_BITS 30

/* One report that one squad owes. Links are numbers plus one; 0 is none. */
struct owed {
    uint32_t activity; /* the number that stands for it */
    uint32_t planned;  /* the activity.planned that it is owed for, by number */
    uint32_t unit;     /* the squad */
    int32_t last_day;
    uint32_t month : OWED_MONTH_BITS; /* its sums */
    bool in_time : 1;                 /* a report came that was not late */
    bool late : 1;                    /* a report came that was */

    uint32_t sister; /* of the same activity */
    uint32_t next;   /* while it is outstanding: of the same squad and day */
    uint32_t previous;
};

/* What one squad owes of one month, by the activities' last days. */
struct owed_month {
    uint32_t unit;
    int32_t month;
    uint32_t expected;
    uint32_t in_time;
    uint32_t late;
    uint32_t outstanding[MONTH_DAYS]; /* by day of the month */
    uint32_t first[MONTH_DAYS];       /* of these */
};

struct owings {
    struct owed *items;
    uint32_t count;
    uint32_t capacity;
    uint32_t unused; /* the first that was dropped, linked by `sister` */
    struct owed_month *months;
    uint32_t month_count;
    uint32_t month_capacity;
    struct table month_table;
    uint32_t *first; /* by activity: of what is owed for it, plus one */
    uint32_t first_count;
    uint32_t first_capacity;
    uint32_t *visited; /* activities */
    uint32_t visited_count;
    uint32_t visited_capacity;
    struct table visited_table;
};

void owings_free(struct owings *owings);

/* Adds a copy; links are of no matter. 0 or -ERR_NO_MEMORY. */
int owings_add(struct owings *owings, const struct owed *owed);

/* Drops all that is owed for the activity. */
void owings_drop(struct owings *owings, uint32_t activity);

/* Adds to the sums; what is not outstanding has no row. For owings of which nothing is dropped. 0 or -ERR_NO_MEMORY. */
int owings_count(struct owings *owings, const struct owed *owed);

/* Adds the sums of a month of other owings, without rows, when it is not there; takes from them one that they hold. 0 or
 * -ERR_NO_MEMORY. */
int owings_keep(struct owings *owings, const struct owed_month *month);
void owings_discount(struct owings *owings, const struct owed *owed);

/* The opposite: adds to the sums alone. 0 or -ERR_NO_MEMORY. */
int owings_sum(struct owings *owings, const struct owed *owed);

/* What is owed for the activity: a number plus one, linked by `sister`; 0 is none. */
uint32_t owings_first(const struct owings *owings, uint32_t activity);

/* Notes an activity: 1 the first time, 0 again, -ERR_NO_MEMORY. */
int owings_visit(struct owings *owings, uint32_t activity);

/* How many are outstanding, on all days. */
int64_t owings_outstanding(const struct owed_month *month);

/* NULL when the squad never owed anything of the month. */
const struct owed_month *owings_month(const struct owings *owings, uint32_t unit, int32_t month);
