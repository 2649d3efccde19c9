/* Warming views: a walk over months, units and filters, a step at a time. */
#include "services/aggregator/tally.h"

enum pass { PASS_ALL, PASS_FILTERS, PASS_DAYS, PASSES };

struct step {
    struct tally *tally;
    const struct view_warming *warming;
};

static int make(const struct step *step, struct view_key key, enum granularity size, int32_t number) {
    const struct view_node *node;
    uint32_t view = views_number(step->tally, key);
    return view == TABLE_NONE ? -1 : views_sum(step->tally, view, (struct view_part){size, number}, &node);
}

/* The month; with the first of a longer period, which comes last, that too. */
static int make_month(const struct step *step, struct view_key key) {
    int32_t month = step->warming->month;
    bool last = month == period_of(step->tally->calendar.known.from, BY_MONTH);
    int32_t day = period_days(month, BY_MONTH).from;
    int result = make(step, key, BY_MONTH, month);
    if (result == 0 && (last || month % 3 == 0)) {
        result = make(step, key, BY_QUARTER, period_of(day, BY_QUARTER));
    }
    if (result == 0 && (last || month % 12 == 0)) {
        result = make(step, key, BY_YEAR, period_of(day, BY_YEAR));
    }
    return result < 0 || !last ? result : make(step, key, BY_ALL, PERIOD_ALL);
}

static int make_days(const struct step *step, struct view_key key) {
    int32_t first = step->warming->month * MONTH_HALVES;
    int result = make(step, key, BY_HALF, first);
    return result < 0 ? result : make(step, key, BY_HALF, first + 1);
}

/* Programmes, then towns with those that name none, then both. */
static uint32_t filter_count(const struct calendar *calendar) {
    uint32_t towns = calendar->town_count + 1;
    return PROGRAMME_COUNT + towns + PROGRAMME_COUNT * towns;
}

static uint32_t town_at(const struct calendar *calendar, uint32_t number) {
    return number < calendar->town_count ? calendar->towns[number] : TABLE_NONE;
}

static struct view_key filtered(const struct calendar *calendar, struct view_key key, uint32_t filter) {
    uint32_t towns = calendar->town_count + 1;
    if (filter < PROGRAMME_COUNT) {
        key.programmes = (uint8_t)(1U << filter);
        return key;
    }
    filter -= PROGRAMME_COUNT;
    key.town = town_at(calendar, filter % towns);
    if (filter >= towns) {
        key.programmes = (uint8_t)(1U << (filter / towns - 1));
    }
    return key;
}

static int take_step(const struct step *step) {
    const struct view_warming *warming = step->warming;
    struct view_key key = {.unit = warming->unit, .town = TOWN_ANY, .programmes = PROGRAMMES_ANY, .below = true};
    switch (warming->pass) {
    case PASS_ALL:
        return make_month(step, key);
    case PASS_FILTERS:
        return make_month(step, filtered(&step->tally->calendar, key, warming->filter));
    default:
        return make_days(step, key);
    }
}

/* The next unit that the pass wants, downwards: what lies under a unit has higher numbers. */
static bool next_unit(struct view_warming *warming, const struct units *units) {
    bool found = false;
    while (warming->unit > 0 && !found) {
        warming->unit--;
        found = warming->pass == PASS_ALL || units->items[warming->unit].child != UNIT_NONE;
    }
    return found;
}

static bool advance(struct view_warming *warming, const struct calendar *calendar, const struct units *units) {
    if (warming->begun && warming->pass == PASS_FILTERS && ++warming->filter < filter_count(calendar)) {
        return true;
    }
    warming->filter = 0;
    if (!warming->begun) {
        warming->begun = true;
        warming->unit = units_count(units);
        warming->month = period_of(calendar->known.to, BY_MONTH);
    }
    while (!next_unit(warming, units)) {
        warming->unit = units_count(units);
        if (--warming->month >= period_of(calendar->known.from, BY_MONTH)) {
            continue;
        }
        if (++warming->pass >= PASSES) {
            return false;
        }
        warming->month = period_of(calendar->known.to, BY_MONTH);
    }
    return true;
}

bool views_warm(struct view_warming *warming, struct tally *tally, uint32_t nodes_most) {
    const struct calendar *calendar = &tally->calendar;
    bool full = tally->views.node_count >= nodes_most;
    if (range_is_empty(calendar->known) || full || !advance(warming, calendar, &tally->units)) {
        return false;
    }
    struct step step = {tally, warming};
    return take_step(&step) == 0;
}
