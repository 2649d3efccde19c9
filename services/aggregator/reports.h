/* Reports: what each one contributes to the figures now, by number, in compact rows.
 *
 * Every id that is a report or names an activity has a number; numbers rise from 0 in the order of first mention, so
 * that the same stream gives the same numbers. A row that is only an activity is not REPORT_KNOWN. Nothing personal is
 * kept, and nothing that figures do not need.
 */
#pragma once

#include "services/aggregator/period.h"
#include "services/aggregator/table.h"

#define REPORT_NONE TABLE_NONE

/* A measure of one report: 12 bytes. */
struct kept_measure {
    uint32_t measure; /* in measures */
    uint32_t low;     /* the quantity's lower half */
    uint32_t high;    /* its upper half, and above bit 30 the kind of approximation */
};

enum report_state {
    REPORT_KNOWN = 1,     /* it was submitted */
    REPORT_LIVE = 2,      /* it counts: submitted and not withdrawn */
    REPORT_DEMO = 4,      /* demonstration data */
    REPORT_LATE = 8,      /* it came when it was overdue (迟报); a correction does not change that */
    REPORT_ACCEPTED = 16, /* 审核通过, and not amended since */
    REPORT_RETURNED = 32  /* 退回修改, and not amended since */
};

struct report {
    uint32_t unit;        /* in units */
    int32_t day;          /* or DAY_NONE */
    uint32_t activity;    /* number of the activity that it names; its own when it names none */
    uint32_t town;        /* among the names; TABLE_NONE when it names none */
    uint32_t attendances; /* people only */
    uint32_t minutes;
    uint32_t measures;           /* its first in the pool */
    uint32_t since_low;          /* from which event on it is so: lower half */
    uint16_t since_high;         /* and what lies above */
    uint8_t measure_count;       /* of them */
    uint8_t attendances_counted; /* 0 not given, else enum approx plus one */
    uint8_t minutes_counted;     /* likewise */
    uint8_t programmes;          /* a bit per row of programmes.def */
    uint8_t state;               /* enum report_state, together */
    uint8_t warnings;            /* a bit per enum warning_code: what contradicts itself in it */
};

#define REPORT_SINCE_MAX ((UINT64_C(1) << 48) - 1)

/* Where a report stands among those of its cell: numbers plus one; 0 none. */
struct report_link {
    uint32_t next;
    uint32_t previous;
};

struct reports {
    struct id *ids;
    uint32_t ids_capacity;
    struct report *items;
    uint32_t capacity;
    struct report_link *links;
    uint32_t links_capacity;
    uint32_t count;
    uint32_t live; /* how many count */
    struct table table;

    struct kept_measure *pool;
    uint32_t pool_used;
    uint32_t pool_capacity;
    uint32_t free_runs[UINT8_MAX + 1]; /* by length: the first run that was given back, plus one; linked by `low` */
};

void reports_start(struct reports *reports);
void reports_free(struct reports *reports);

/* The number of `id`, which is added when it is new; REPORT_NONE when there is no memory. */
uint32_t reports_number(struct reports *reports, const struct id *id);
uint32_t reports_find(const struct reports *reports, const struct id *id); /* REPORT_NONE when it is not there */

/* Adds ids that are read back, in the order of their numbers, without looking whether they are there: first room for
 * all, then each, then reports_index, until which no id is found. 0 or -ERR_NO_MEMORY; reports_index also -ERR_CORRUPT,
 * when an id occurs twice; it touches nothing but ids and their table, so that another thread may run it. */
int reports_reserve(struct reports *reports, uint32_t count);
uint32_t reports_append(struct reports *reports, const struct id *id);
int reports_index(struct reports *reports);

/* `id` will be asked for soon. */
void reports_prefetch(const struct reports *reports, const struct id *id);

/* Replaces a report's contribution. `measures` are copied (their count is in `report`). 0 or -ERR_NO_MEMORY; then the
 * row is as it was. */
int reports_set(struct reports *reports, uint32_t number, const struct report *report,
                const struct kept_measure *measures);

static inline const struct kept_measure *reports_measures(const struct reports *reports, const struct report *report) {
    return reports->pool ? reports->pool + report->measures : NULL; /* no report ever had any */
}

static inline uint64_t report_since(const struct report *report) {
    return (uint64_t)report->since_high << 32 | report->since_low;
}

static inline bool report_is_live(const struct report *report) {
    return (report->state & REPORT_LIVE) != 0;
}

struct kept_measure kept_measure(uint32_t measure, int64_t quantity, enum approx approx);

static inline int64_t kept_quantity(const struct kept_measure *kept) {
    return (int64_t)((uint64_t)(kept->high & 0x3FFFFFFF) << 32 | kept->low);
}

static inline enum approx kept_approx(const struct kept_measure *kept) {
    return (enum approx)(kept->high >> 30);
}
