/* Making rolls: days, weeks and months from their rows, years from months, trees from what lies under them. */
#include <stdlib.h>

#include "common/error.h"
#include "services/aggregator/column.h"
#include "services/aggregator/people/roll_parts.h"
#include "services/aggregator/tally.h"

/* ---- from rows, in the order of volunteers: bitmaps take rising numbers at their end ---- */

static int gather_one(void *data, const struct roll_entry *entry) {
    struct rolls *rolls = data;
    int result = column_reserve(&rolls->entries, &rolls->entry_capacity, 2 * ((uint64_t)rolls->entry_count + 1),
                                sizeof *rolls->entries);
    if (result == 0) {
        rolls->entries[rolls->entry_count++] = *entry;
    }
    return result;
}

/* One pass of a radix sort, by the byte at `shift` of the volunteer. */
static void sort_pass(const struct roll_entry *from, struct roll_entry *to, uint32_t count, unsigned shift) {
    uint32_t places[257] = {0};
    for (uint32_t i = 0; i < count; i++) {
        places[(from[i].volunteer >> shift & 0xFF) + 1]++;
    }
    for (unsigned value = 1; value < 256; value++) {
        places[value] += places[value - 1];
    }
    for (uint32_t i = 0; i < count; i++) {
        to[places[from[i].volunteer >> shift & 0xFF]++] = from[i];
    }
}

/* The upper half of the column is the other side of the passes; four of them end where they began. */
static void sort_entries(struct rolls *rolls) {
    struct roll_entry *other = rolls->entries + rolls->entry_count;
    for (unsigned shift = 0; shift < 32; shift += 16) {
        sort_pass(rolls->entries, other, rolls->entry_count, shift);
        sort_pass(other, rolls->entries, rolls->entry_count, shift + 8);
    }
}

/* Sums and empty sets first: from then on the parts stay where they are. */
static int make_sums(struct people *people, struct roll *roll) {
    const struct rolls *rolls = &people->rolls;
    int result = 0;
    for (uint32_t i = 0; i < rolls->entry_count && result == 0; i++) {
        bool known = part_find(roll, SELECTOR(SELECT_MIX, rolls->entries[i].mix)) != NULL;
        uint32_t selectors[SELECTORS_MAX];
        uint32_t count = known ? 0 : selectors_of(people, rolls->entries[i].mix, selectors);
        for (uint32_t j = 0; j < count && result == 0; j++) {
            bool kept = roll_keeps(roll, SELECTOR_SORT(selectors[j]));
            result = !kept || part_of(roll, selectors[j]) ? 0 : -(int)ERR_NO_MEMORY;
        }
        result = result < 0 ? result : part_sum(people, roll, &rolls->entries[i]);
    }
    return result;
}

/* The sets of each mix, found once. */
struct mix_sets {
    roaring_bitmap_t *sets[SELECTORS_MAX];
    uint32_t count;
    bool found;
};

static void find_sets(const struct people *people, const struct roll *roll, uint32_t mix, struct mix_sets *out) {
    uint32_t selectors[SELECTORS_MAX];
    uint32_t count = selectors_of(people, mix, selectors);
    for (uint32_t i = 0; i < count; i++) {
        struct part *part = part_find(roll, selectors[i]);
        if (part && part->people) {
            out->sets[out->count++] = part->people;
        }
    }
    out->found = true;
}

static int make_sets(struct people *people, struct roll *roll) {
    const struct rolls *rolls = &people->rolls;
    struct mix_sets *mixes = calloc((size_t)people_count(people, PEOPLE_MIXES) + 1, sizeof *mixes);
    if (!mixes) {
        return -(int)ERR_NO_MEMORY;
    }
    for (uint32_t i = 0; i < rolls->entry_count; i++) {
        struct mix_sets *mix = &mixes[rolls->entries[i].mix];
        if (!mix->found) {
            find_sets(people, roll, rolls->entries[i].mix, mix);
        }
        for (uint32_t j = 0; j < mix->count; j++) {
            roaring_bitmap_add(mix->sets[j], rolls->entries[i].volunteer);
        }
    }
    free(mixes);
    return 0;
}

static int make_from_rows(struct tally *tally, uint32_t number) {
    struct people *people = tally->people;
    people->rolls.entry_count = 0;
    int result = rolls_each_entry(tally, number, gather_one, &people->rolls);
    if (result == 0) {
        sort_entries(&people->rolls);
        result = make_sums(people, &people->rolls.items[number]);
    }
    return result < 0 ? result : make_sets(people, &people->rolls.items[number]);
}

/* ---- from other rolls ---- */

static int unite(struct tally *tally, struct roll *into, uint32_t number) {
    int result = number == ROLL_NONE ? 0 : rolls_make(tally, number);
    const struct roll *from = number == ROLL_NONE ? NULL : &tally->people->rolls.items[number];
    for (uint32_t i = 0; from && i < from->count && result == 0; i++) {
        struct part *part = part_of(into, from->parts[i].selector);
        if (!part || part->presences > UINT32_MAX - from->parts[i].presences) {
            return part ? -(int)ERR_TOO_BIG : -(int)ERR_NO_MEMORY;
        }
        part->presences += from->parts[i].presences;
        part->minutes += from->parts[i].minutes;
        if (part->people && from->parts[i].people) {
            roaring_bitmap_or_inplace(part->people, from->parts[i].people);
        }
    }
    return result;
}

/* Months have no sets of pairs: they are those of the mixes. */
static int unite_pairs(const struct people *people, struct roll *roll, uint32_t number) {
    const struct part *of_mix = part_find(roll, SELECTOR(SELECT_MIX, number));
    const roaring_bitmap_t *volunteers = of_mix ? of_mix->people : NULL; /* parts move */
    uint32_t selectors[SELECTORS_MAX];
    uint32_t count = volunteers ? selectors_of(people, number, selectors) : 0;
    for (uint32_t i = 0; i < count; i++) {
        if (SELECTOR_SORT(selectors[i]) == SELECT_PAIR) {
            struct part *pair = part_of(roll, selectors[i]);
            if (!pair) {
                return -(int)ERR_NO_MEMORY;
            }
            roaring_bitmap_or_inplace(pair->people, volunteers);
        }
    }
    return 0;
}

static int make_pairs(const struct people *people, struct roll *roll) {
    int result = 0;
    for (uint32_t number = 0; number < people_count(people, PEOPLE_MIXES) && result == 0; number++) {
        result = unite_pairs(people, roll, number);
    }
    return result;
}

static int make_from_months(struct tally *tally, struct roll *roll) {
    struct range days = period_days(roll->period, roll_granularity(roll->level));
    int32_t last = period_of(days.to, BY_MONTH);
    int result = 0;
    for (int32_t month = period_of(days.from, BY_MONTH); month <= last && result == 0; month++) {
        result = unite(tally, roll, rolls_find(&tally->people->rolls, roll->unit, roll->tree, ROLL_MONTH, month));
    }
    if (result == 0 && roll_keeps(roll, SELECT_PAIR)) {
        result = make_pairs(tally->people, roll);
    }
    return result;
}

/* A tree's days have the same sets as its weeks. */
static int make_week(struct tally *tally, struct roll *roll) {
    struct range days = period_days(roll->period, BY_WEEK);
    int result = 0;
    for (int32_t day = days.from; day <= days.to && result == 0; day++) {
        result = unite(tally, roll, rolls_find(&tally->people->rolls, roll->unit, true, ROLL_DAY, day));
    }
    return result;
}

static int make_tree(struct tally *tally, struct roll *roll) {
    const struct rolls *rolls = &tally->people->rolls;
    int result = unite(tally, roll, rolls_find(rolls, roll->unit, false, roll->level, roll->period));
    for (uint32_t unit = roll->unit + 1; unit < rolls->span_count && result == 0; unit++) {
        if (tally->units.items[unit].parent == roll->unit) {
            bool tree = rolls_has_tree(rolls, unit);
            result = unite(tally, roll, rolls_find(rolls, unit, tree, roll->level, roll->period));
        }
    }
    return result;
}

static int make(struct tally *tally, uint32_t number) {
    struct roll *roll = &tally->people->rolls.items[number];
    switch (roll->level) {
    case ROLL_YEAR:
    case ROLL_QUARTER:
        return make_from_months(tally, roll);
    case ROLL_MONTH:
        return roll->tree ? make_tree(tally, roll) : make_from_rows(tally, number);
    case ROLL_WEEK:
        return roll->tree ? make_week(tally, roll) : make_from_rows(tally, number);
    default:
        return make_from_rows(tally, number);
    }
}

static void unmake(struct roll *roll) {
    for (uint32_t i = 0; i < roll->count; i++) {
        if (roll->parts[i].people) {
            roaring_bitmap_free(roll->parts[i].people);
        }
    }
    roll->count = 0;
}

int rolls_make(struct tally *tally, uint32_t number) {
    struct roll *roll = &tally->people->rolls.items[number];
    if (roll->made) {
        return 0;
    }
    int result = make(tally, number);
    roll->made = result == 0;
    for (uint32_t i = 0; i < roll->count && roll->made; i++) {
        if (roll->parts[i].people) {
            roaring_bitmap_shrink_to_fit(roll->parts[i].people);
        }
    }
    if (result < 0) {
        unmake(roll);
    }
    return result;
}

/* ---- by the by ---- */

/* A tree that is its unit's own rolls is never asked for. */
static bool is_wanted(const struct rolls *rolls, const struct roll *roll) {
    return !roll->made && (!roll->tree || rolls_has_tree(rolls, roll->unit));
}

bool rolls_warm(struct tally *tally, uint32_t rows) {
    struct rolls *rolls = &tally->people->rolls;
    uint64_t read = 0;
    while (rolls->warmed < rolls->count && read < rows) {
        uint32_t number = rolls->warmed++;
        rolls->entry_count = 0;
        if (is_wanted(rolls, &rolls->items[number]) && rolls_make(tally, number) < 0) {
            return false; /* a question will say what is wrong */
        }
        read += rolls->entry_count + 1;
    }
    return rolls->warmed < rolls->count;
}
