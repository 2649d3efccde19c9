/* The calendar: what each unit reported, by day.
 *
 * A day of a unit is a few cells: one for each set of programmes and town that occurs in its reports, so that a report
 * stands in exactly one cell, and any choice of units, programmes, towns and days is a sum of whole cells. Sums of longer
 * periods and of what lies under a unit are made from them when a question needs them (views.h). Reports without a day
 * stand apart.
 *
 * `changed` counts the changes of all cells: where a node's is above what somebody noted, something in it is another.
 */
#pragma once

#include "proto/programme.h"
#include "services/aggregator/cells.h"
#include "services/aggregator/period.h"

#define NODE_NONE 0 /* nodes and atoms are linked by number plus one */
#define ATOM_NONE UINT32_MAX
#define PROGRAMMES_ALL ((1U << PROGRAMME_COUNT) - 1)

/* The reports of a unit and day with the same programmes and town. */
struct atom {
    uint32_t cell;
    uint32_t town;       /* among the names; TABLE_NONE: none is named */
    uint32_t next;       /* of the same day, plus one */
    uint32_t newest;     /* report plus one; the others follow its link */
    uint32_t programmes; /* a bit each; 0: none that this build knows */
};

struct day_atoms {
    uint64_t changed;
    uint32_t first; /* atom plus one */
};

struct month_node {
    uint64_t changed;
    struct range span;
    struct day_atoms days[31];
};

struct year_node {
    uint64_t changed;
    struct range span;
    int32_t year;
    uint32_t months[12]; /* nodes plus one */
    uint32_t next;       /* the next year of the unit plus one */
};

struct unit_days {
    uint64_t changed;
    struct day_atoms undated;
    uint32_t years; /* the first year's node plus one */
};

/* Where a day stands. Reports come from few days, again and again. */
#define DAYS_KNOWN 512

struct day_parts {
    int32_t day;
    uint8_t month; /* 0: none */
    uint8_t day_of_month;
};

/* A town that a report of the unit ever named; TABLE_NONE: one of them named none. */
struct unit_town {
    uint32_t unit;
    uint32_t town;
};

/* When the reports of a day came, of all units together. */
struct day_mark {
    uint64_t latest; /* the last event by which one of them came */
    uint64_t most;   /* by this event at least half of all that ever came were there */
    uint32_t entered;
};

struct calendar {
    struct cells cells;
    struct atom *atoms;
    uint32_t atom_count;
    uint32_t atom_capacity;
    uint32_t *towns; /* every town that ever had a report, among the names */
    uint32_t town_count;
    uint32_t town_capacity;
    struct table town_table;
    struct unit_town *unit_towns;
    uint32_t unit_town_count;
    uint32_t unit_town_capacity;
    struct table unit_town_table;
    struct day_mark *marks; /* by day from DAY_LEAST on, behind those without a day; NULL before the first report */
    struct day_parts days[DAYS_KNOWN]; /* by the day's number, those that were touched last */
    struct unit_days *units;
    uint32_t unit_count;
    uint32_t unit_capacity;
    struct year_node *years;
    uint32_t year_count;
    uint32_t year_capacity;
    struct month_node *months;
    uint32_t month_count;
    uint32_t month_capacity;
    uint64_t changed;
    struct range known; /* all days that ever had a report; empty (from > to) before the first */
};

void calendar_start(struct calendar *calendar);
void calendar_free(struct calendar *calendar);

/* The atom where a report stands, made when it is not there, marked as changed with what lies over it. ATOM_NONE when
 * there is no memory. */
uint32_t calendar_touch(struct calendar *calendar, const struct report *report);

/* A report comes into its atom's list or leaves it. */
void calendar_enter(struct calendar *calendar, uint32_t atom, struct report_link *links, uint32_t number);
void calendar_leave(struct calendar *calendar, uint32_t atom, struct report_link *links, uint32_t number);

/* A report came into the calendar by the event `since`. */
void calendar_mark(struct calendar *calendar, int32_t day, uint64_t since);

/* Whether most of the day's reports (DAY_NONE: of those without a day) had come by an event: then few lie between its sums
 * as they stood and as they stand. A hint: how it is answered changes no figure. */
bool calendar_mostly_came(const struct calendar *calendar, int32_t day, uint64_t at);

/* Whether a report of the unit itself ever named the town (TABLE_NONE: none). */
bool calendar_has_town(const struct calendar *calendar, uint32_t unit, uint32_t town);

/* Nodes; NULL where nothing is. They move when a report comes. */
const struct unit_days *calendar_unit(const struct calendar *calendar, uint32_t unit);
const struct year_node *calendar_year(const struct calendar *calendar, uint32_t unit, int32_t year);
const struct month_node *calendar_month(const struct calendar *calendar, uint32_t unit, int32_t month);
const struct day_atoms *calendar_day(const struct calendar *calendar, uint32_t unit, int32_t day); /* or DAY_NONE */
