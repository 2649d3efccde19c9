/* Plans: what each unit means to do in a year, by month and programme, in versions; and the menu of civilisation practice.
 *
 *   plans.c   the book: rows, saving, folding
 *   select.c  what a question is about, and which plans hold at a moment
 *   done.c    planned against reported, with a forecast
 *   list.c    the plans themselves, and the menu
 *
 * The plan that holds for a unit and year is the one that was fixed last. Where a unit and one above it both have one, the
 * upper one stands for both in whatever row holds both.
 */
#pragma once

#include "proto/life.h"
#include "services/aggregator/book.h"
#include "services/aggregator/ids.h"

/* A plan after one of its events. */
struct plan {
    struct version version;
    uint32_t number; /* of the plan, in ids */
    uint32_t unit;
    int32_t year;
    uint32_t state;    /* enum life_state */
    uint32_t edition;  /* the how manieth plan of its unit and year, from 1 */
    uint32_t reserved; /* zero */
};

/* A line of a plan; it never changes. */
struct planned {
    int64_t minutes;
    uint32_t plan;      /* its number in ids */
    int32_t month;      /* months since 1970-01 */
    uint32_t programme; /* row of programmes.def */
    uint32_t activities;
    uint32_t attendances;
    uint32_t theme;    /* among the names, or NAME_NONE */
    uint32_t item;     /* of the menu, or 0 */
    uint32_t reserved; /* zero */
};

struct menu_row {
    struct version version;
    uint32_t item;
    uint32_t name;
    uint32_t off;      /* 1: no longer offered */
    uint32_t reserved; /* zero */
};

struct plans {
    struct ids ids;
    struct ledger rows;  /* of struct plan */
    struct ledger lines; /* of struct planned, those of a plan together, plans in the order of their numbers */
    struct ledger menu;  /* of struct menu_row */
};

/* The row of plan `number` that stands at `at`; NULL when there is none. */
const struct plan *plans_find(const struct plans *plans, uint32_t number, uint64_t at);

/* The plan that holds for the unit and year at `at`; NULL when none was fixed. */
const struct plan *plans_holding(const struct plans *plans, uint32_t unit, int32_t year, uint64_t at);
