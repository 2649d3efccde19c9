/* Measures: each name with each unit, by number. The same name in two units is two measures, which are never added up.
 *
 * Numbers rise from 0 in the order of first use.
 */
#pragma once

#include "services/aggregator/names.h"

#define MEASURE_NONE TABLE_NONE

struct measure {
    uint32_t name; /* in names */
    uint32_t unit; /* in names */
};

struct measures {
    struct measure *items;
    uint32_t count;
    uint32_t capacity;
    struct table table;
};

void measures_free(struct measures *measures);

/* The number of the measure, which is added when it is new; MEASURE_NONE when there is no memory. */
uint32_t measures_number(struct measures *measures, uint32_t name, uint32_t unit);
