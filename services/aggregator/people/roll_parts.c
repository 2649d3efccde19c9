/* The parts of rolls: kept while rows come and go. */
#include <stdlib.h>

#include "common/error.h"
#include "services/aggregator/column.h"
#include "services/aggregator/people/roll_parts.h"
#include "services/aggregator/tally.h"

/* Where the selector stands or would stand. */
static uint32_t place_of(const struct roll *roll, uint32_t selector) {
    uint32_t low = 0;
    uint32_t high = roll->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (roll->parts[middle].selector < selector) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static bool is_at(const struct roll *roll, uint32_t place, uint32_t selector) {
    return place < roll->count && roll->parts[place].selector == selector;
}

uint32_t part_first(const struct roll *roll, enum selector_sort sort) {
    uint32_t first = 0;
    while (first < roll->count && SELECTOR_SORT(roll->parts[first].selector) < sort) {
        first++; /* of all sorts but the last there are few */
    }
    return first;
}

struct part *part_find(const struct roll *roll, uint32_t selector) {
    uint32_t place = place_of(roll, selector);
    return is_at(roll, place, selector) ? &roll->parts[place] : NULL;
}

struct part *part_of(struct roll *roll, uint32_t selector) {
    uint32_t place = place_of(roll, selector);
    if (is_at(roll, place, selector)) {
        return &roll->parts[place];
    }
    struct part part = {.selector = selector};
    if (roll_keeps(roll, SELECTOR_SORT(selector))) {
        part.people = roaring_bitmap_create();
    }
    bool failed = roll_keeps(roll, SELECTOR_SORT(selector)) && !part.people;
    if (failed || column_reserve(&roll->parts, &roll->capacity, (uint64_t)roll->count + 1, sizeof part) < 0) {
        return NULL;
    }
    memmove(&roll->parts[place + 1], &roll->parts[place], (roll->count - place) * sizeof part);
    roll->parts[place] = part;
    roll->count++;
    return &roll->parts[place];
}

uint32_t selectors_of(const struct people *people, uint32_t number, uint32_t out[SELECTORS_MAX]) {
    const struct mix *mix = people_mix(people, number);
    uint32_t count = 0;
    out[count++] = SELECTOR(SELECT_MIX, number);
    out[count++] = SELECTOR(SELECT_GRADE, mix->grade);
    if (grade_adds_up(mix->grade)) {
        out[count++] = SELECTOR(SELECT_ALL, 0);
        out[count++] = SELECTOR(SELECT_KIND, mix->kind);
        for (uint32_t programme = 0; programme < PROGRAMME_COUNT; programme++) {
            if (mix->programmes >> programme & 1) {
                out[count++] = SELECTOR(SELECT_PROGRAMME, programme);
                out[count++] = SELECTOR(SELECT_PAIR, PAIR(mix->kind, programme));
            }
        }
    }
    return count;
}

static int add_sum(struct roll *roll, uint32_t selector, const struct roll_entry *entry) {
    struct part *part = part_of(roll, selector);
    if (!part) {
        return -(int)ERR_NO_MEMORY;
    }
    if (part->presences == UINT32_MAX) {
        return -(int)ERR_TOO_BIG;
    }
    part->presences += entry->own;
    part->minutes += entry->minutes;
    return 0;
}

int part_sum(const struct people *people, struct roll *roll, const struct roll_entry *entry) {
    int result = add_sum(roll, SELECTOR(SELECT_MIX, entry->mix), entry);
    uint32_t grade = people_mix(people, entry->mix)->grade;
    return result < 0 ? result : add_sum(roll, SELECTOR(SELECT_GRADE, grade), entry);
}

/* ---- rows come ---- */

static int add_entry(const struct people *people, struct roll *roll, const struct roll_entry *entry) {
    uint32_t selectors[SELECTORS_MAX];
    uint32_t count = selectors_of(people, entry->mix, selectors);
    int result = part_sum(people, roll, entry);
    for (uint32_t i = 0; i < count && result == 0; i++) {
        if (roll_keeps(roll, SELECTOR_SORT(selectors[i]))) {
            struct part *part = part_of(roll, selectors[i]);
            result = part ? 0 : -(int)ERR_NO_MEMORY;
            if (part) {
                roaring_bitmap_add(part->people, entry->volunteer);
            }
        }
    }
    return result;
}

/* The unit's own rolls that the entry is in. */
static void own_rolls(const struct rolls *rolls, const struct roll_entry *entry, uint32_t out[ROLL_LEVELS]) {
    uint32_t day = rolls_find(rolls, entry->unit, false, ROLL_DAY, entry->day);
    out[ROLL_DAY] = day;
    memcpy(out + 1, rolls->items[day].longer, sizeof rolls->items[day].longer);
}

int rolls_add(struct people *people, const struct roll_entry *entry) {
    uint32_t levels[ROLL_LEVELS];
    int result = 0;
    own_rolls(&people->rolls, entry, levels);
    for (int level = 0; level < ROLL_LEVELS; level++) {
        for (uint32_t next = levels[level]; next != ROLL_NONE && result == 0; next = people->rolls.items[next].up) {
            struct roll *roll = &people->rolls.items[next];
            result = roll->made ? add_entry(people, roll, entry) : 0;
        }
    }
    return result;
}

/* ---- rows go ---- */

struct taking {
    const struct tally *tally;
    const struct roll *roll;
    struct range days;
    const uint32_t *selectors; /* of the row that goes */
    uint32_t count;
    uint32_t held; /* a bit for each that another row of the volunteer holds too */
};

static bool holds(const struct taking *taking, const struct roll_entry *entry) {
    const struct roll *roll = taking->roll;
    bool inside = roll->tree ? units_within(&taking->tally->units, entry->unit, roll->unit) : entry->unit == roll->unit;
    return inside && entry->day >= taking->days.from && entry->day <= taking->days.to;
}

static int note_held(void *data, const struct roll_entry *entry) {
    struct taking *taking = data;
    uint32_t selectors[SELECTORS_MAX];
    uint32_t count = holds(taking, entry) ? selectors_of(taking->tally->people, entry->mix, selectors) : 0;
    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t j = 0; j < taking->count; j++) {
            taking->held |= selectors[i] == taking->selectors[j] ? 1U << j : 0;
        }
    }
    return 0;
}

static void take_entry(const struct tally *tally, struct roll *roll, const struct roll_entry *entry) {
    uint32_t selectors[SELECTORS_MAX];
    struct taking taking = {.tally = tally,
                            .roll = roll,
                            .days = period_days(roll->period, roll_granularity(roll->level)),
                            .selectors = selectors,
                            .count = selectors_of(tally->people, entry->mix, selectors)};
    for (uint32_t i = 0; i < 2; i++) { /* the mix and the grade have sums */
        struct part *sums = part_find(roll, selectors[i]);
        sums->presences -= entry->own;
        sums->minutes -= entry->minutes;
    }
    rolls_each_of_volunteer(tally->people, entry->volunteer, note_held, &taking);
    for (uint32_t i = 0; i < taking.count; i++) {
        struct part *part = part_find(roll, selectors[i]);
        if (part && part->people && !(taking.held >> i & 1)) {
            roaring_bitmap_remove(part->people, entry->volunteer);
        }
    }
}

void rolls_take(struct tally *tally, const struct roll_entry *entry) {
    struct rolls *rolls = &tally->people->rolls;
    uint32_t levels[ROLL_LEVELS];
    own_rolls(rolls, entry, levels);
    for (int level = 0; level < ROLL_LEVELS; level++) {
        for (uint32_t next = levels[level]; next != ROLL_NONE; next = rolls->items[next].up) {
            if (rolls->items[next].made) {
                take_entry(tally, &rolls->items[next], entry);
            }
        }
    }
}
