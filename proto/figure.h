/* The figures of tables/figures.def by number. Pure. */
#pragma once

#include "proto/types.h"

enum figure {
#define FIGURE(NAME, wire, unit, chinese, prose) FIGURE_##NAME,
#include "proto/tables/figures.def"
#undef FIGURE
    FIGURE_COUNT
};

int figure_find(struct text wire);           /* enum figure or -1 */
const char *figure_wire(enum figure figure); /* "late-reports" */
const char *figure_unit(enum figure figure);
const char *figure_chinese(enum figure figure); /* "迟报数" */
const char *figure_prose(enum figure figure);
