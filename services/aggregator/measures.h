/* Measures: each name with each unit, by number. The same name in two units is two measures, which are never added up.
 *
 * Problems that reports found are measures of a sort of their own: the kind is the name, and there is no unit. Numbers
 * rise from 0 in the order of first use.
 */
#pragma once

#include "services/aggregator/names.h"

#define MEASURE_NONE TABLE_NONE

enum measure_sort {
    MEASURE_REPORTED, /* what a report counts, with its unit */
    MEASURE_FOUND,    /* how many problems of the kind were found */
    MEASURE_SOLVED,   /* how many of them were solved on the spot */
    MEASURE_SORTS
};

struct measure {
    uint32_t name; /* in names */
    uint32_t unit; /* in names */
    uint32_t sort; /* enum measure_sort */
};

struct measures {
    struct measure *items;
    uint32_t count;
    uint32_t capacity;
    struct table table;
};

void measures_free(struct measures *measures);

/* The number of the measure, which is added when it is new; MEASURE_NONE when there is no memory. */
uint32_t measures_number(struct measures *measures, struct measure measure);
uint32_t measures_find(const struct measures *measures, struct measure measure); /* MEASURE_NONE when it is not there */
