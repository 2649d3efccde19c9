/* The calendar: cells by unit, programme and day, and over them the sums of months, years and all days.
 *
 * Days are the state; sums of longer periods are made from them when a question needs them after a change, so a
 * question costs the periods it covers and not the reports in them. Slot 0 of a unit holds every report once; slot
 * 1 + n holds those of programme n (a report of two programmes stands in both). Reports without a day stand apart.
 */
#pragma once

#include "proto/programme.h"
#include "services/aggregator/cells.h"
#include "services/aggregator/period.h"

#define SLOTS (1 + PROGRAMME_COUNT)
#define NODE_NONE 0 /* nodes and cells are linked by number plus one */

struct month_node {
    struct range span;
    uint32_t cell;
    uint32_t days[31]; /* cells plus one */
    bool changed;
};

struct year_node {
    struct range span;
    uint32_t cell;
    uint32_t months[12]; /* nodes plus one */
    uint32_t next;       /* the next year of the series plus one */
    bool changed;
};

struct series {
    uint32_t cell;    /* all days, plus one */
    uint32_t undated; /* plus one */
    uint32_t years;   /* the first year's node plus one */
    bool changed;
};

/* Where a day stands. Reports come from few days, again and again. */
#define DAYS_KNOWN 512

struct day_parts {
    int32_t day;
    uint8_t month; /* 0: none */
    uint8_t day_of_month;
};

struct calendar {
    struct cells cells;
    struct day_parts days[DAYS_KNOWN]; /* by the day's number, those that were touched last */
    struct series *series;             /* by unit * SLOTS + slot */
    uint32_t series_count;
    uint32_t series_capacity;
    struct year_node *years;
    uint32_t year_count;
    uint32_t year_capacity;
    struct month_node *months;
    uint32_t month_count;
    uint32_t month_capacity;
};

void calendar_free(struct calendar *calendar);

/* The cell of a day (or DAY_NONE), made when it is not there, marked as changed with what lies over it. CELL_NONE when
 * there is no memory. */
uint32_t calendar_touch(struct calendar *calendar, uint32_t unit, uint32_t slot, int32_t day);

/* Called with a cell of calendar->cells; `period` is PERIOD_NONE for the reports without a day, whatever the
 * granularity. Other than 0 ends the walk, which returns it. */
typedef int (*calendar_visit)(void *data, int32_t period, uint32_t cell);

/* Visits cells that together hold each report of the range once, none of them over two periods. Makes sums that
 * changed anew, so it may fail as cells_merge. */
int calendar_walk(struct calendar *calendar, uint32_t unit, uint32_t slot, struct range range,
                  enum granularity granularity, calendar_visit visit, void *data);
