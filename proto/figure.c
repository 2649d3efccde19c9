/* Figures: the rows of figures.def as data. */
#include "proto/figure.h"

#include <assert.h>

static const struct {
    const char *wire;
    const char *unit;
    const char *chinese;
    const char *prose;
} rows[FIGURE_COUNT] = {
#define FIGURE(NAME, wire, unit, chinese, prose) [FIGURE_##NAME] = {wire, unit, chinese, prose},
#include "proto/tables/figures.def"
#undef FIGURE
};

int figure_find(struct text wire) {
    for (int figure = 0; figure < FIGURE_COUNT; figure++) {
        if (text_equal(wire, text_of(rows[figure].wire))) {
            return figure;
        }
    }
    return -1;
}

const char *figure_wire(enum figure figure) {
    assert(figure < FIGURE_COUNT);
    return rows[figure].wire;
}

const char *figure_unit(enum figure figure) {
    assert(figure < FIGURE_COUNT);
    return rows[figure].unit;
}

const char *figure_chinese(enum figure figure) {
    assert(figure < FIGURE_COUNT);
    return rows[figure].chinese;
}

const char *figure_prose(enum figure figure) {
    assert(figure < FIGURE_COUNT);
    return rows[figure].prose;
}
