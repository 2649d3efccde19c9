/* The parts of rolls: made from the rows of days, kept while rows are added. */
#include <stdlib.h>

#include "common/error.h"
#include "services/aggregator/column.h"
#include "services/aggregator/people/people.h"

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

/* The part, made when it is not there; NULL without memory. */
static struct part *part_of(struct roll *roll, uint32_t selector) {
    uint32_t place = place_of(roll, selector);
    if (place < roll->count && roll->parts[place].selector == selector) {
        return &roll->parts[place];
    }
    if (column_reserve(&roll->parts, &roll->capacity, (uint64_t)roll->count + 1, sizeof *roll->parts) < 0) {
        return NULL;
    }
    memmove(&roll->parts[place + 1], &roll->parts[place], (roll->count - place) * sizeof *roll->parts);
    roll->parts[place] = (struct part){.selector = selector};
    roll->count++;
    return &roll->parts[place];
}

static int add_person(struct roll *roll, uint32_t selector, uint32_t volunteer) {
    struct part *part = part_of(roll, selector);
    if (part && !part->people) {
        part->people = roaring_bitmap_create();
    }
    if (!part || !part->people) {
        return -(int)ERR_NO_MEMORY;
    }
    roaring_bitmap_add(part->people, volunteer);
    return 0;
}

/* Into the sets of a month or a year that have one dimension. */
static int add_to_dimensions(struct roll *roll, const struct mix *mix, uint32_t volunteer) {
    int result = add_person(roll, SELECTOR(SELECT_GRADE, mix->grade), volunteer);
    if (!grade_adds_up(mix->grade)) {
        return result;
    }
    for (uint32_t programme = 0; programme < PROGRAMME_COUNT && result == 0; programme++) {
        if (mix->programmes >> programme & 1) {
            result = add_person(roll, SELECTOR(SELECT_PROGRAMME, programme), volunteer);
        }
    }
    return result < 0 ? result : add_person(roll, SELECTOR(SELECT_KIND, mix->kind), volunteer);
}

static int add_entry(const struct people *people, struct roll *roll, const struct roll_entry *entry) {
    const struct mix *mix = people_mix(people, entry->mix);
    struct part *part = part_of(roll, SELECTOR(SELECT_MIX, entry->mix));
    if (!part) {
        return -(int)ERR_NO_MEMORY;
    }
    if (part->presences == UINT32_MAX) {
        return -(int)ERR_TOO_BIG;
    }
    part->presences += entry->own;
    part->minutes += entry->minutes;
    int result = 0;
    if (grade_adds_up(mix->grade)) {
        result = add_person(roll, SELECTOR(SELECT_ALL, 0), entry->volunteer);
    }
    if (result == 0 && roll->level != ROLL_DAY) {
        result = add_person(roll, SELECTOR(SELECT_MIX, entry->mix), entry->volunteer);
    }
    return result < 0 || roll->level == ROLL_DAY ? result : add_to_dimensions(roll, mix, entry->volunteer);
}

/* ---- rows come and go ---- */

/* Those of the entry's day, month and year. */
static void rolls_of(struct rolls *rolls, const struct roll_entry *entry, struct roll *out[3]) {
    struct roll *day = &rolls->items[rolls_find(rolls, entry->unit, ROLL_DAY, entry->day)];
    out[0] = day;
    out[1] = &rolls->items[day->month];
    out[2] = &rolls->items[day->year];
}

int rolls_add(struct people *people, const struct roll_entry *entry) {
    struct roll *rolls[3];
    int result = 0;
    rolls_of(&people->rolls, entry, rolls);
    for (int i = 0; i < 3 && result == 0; i++) {
        result = rolls[i]->made ? add_entry(people, rolls[i], entry) : 0;
    }
    return result;
}

void roll_unmake(struct roll *roll) {
    for (uint32_t i = 0; i < roll->count; i++) {
        if (roll->parts[i].people) {
            roaring_bitmap_free(roll->parts[i].people);
        }
    }
    roll->count = 0;
    roll->made = false;
}

void rolls_take(struct people *people, const struct roll_entry *entry) {
    struct roll *rolls[3];
    rolls_of(&people->rolls, entry, rolls);
    for (int i = 0; i < 3; i++) {
        roll_unmake(rolls[i]);
    }
}

/* ---- the rows of a day ---- */

static int visit_credit(const struct hours *hours, const struct credit *credit, roll_visit visit, void *data) {
    struct roll_entry entry = {hours->unit, hours->day, credit->volunteer, credit->mix, credit->minutes, credit->own};
    return credit->minutes > 0 ? visit(data, &entry) : 0;
}

/* A credit as it first came in, or what stands in its place. */
static int visit_hours(const struct people *people, uint32_t number, uint64_t at, roll_visit visit, void *data) {
    const struct hours *hours = people_hours(people, number);
    int result = 0;
    for (uint32_t i = 0; i < hours->count && result == 0; i++) {
        const struct credit *credit = people_credit(people, hours->first + i);
        if (!version_stands(&credit->version, at)) {
            uint32_t later = credit_standing(people, number, credit->volunteer, at);
            credit = later == ROW_NONE ? NULL : people_credit(people, later);
        }
        result = credit ? visit_credit(hours, credit, visit, data) : 0;
    }
    return result;
}

static int visit_attendance(const struct attendance *row, uint64_t at, roll_visit visit, void *data) {
    struct roll_entry entry = {row->unit, day_of_minute(row->minute), row->volunteer, row->mix, 0, true};
    return row->own && version_stands(&row->version, at) ? visit(data, &entry) : 0;
}

int rolls_each_entry(const struct people *people, uint32_t number, uint64_t at, roll_visit visit, void *data) {
    const struct roll *roll = &people->rolls.items[number];
    int result = 0;
    for (uint32_t next = roll->hours; next != ROW_NONE && result == 0;
         next = people_hours(people, next)->before_in_day) {
        result = visit_hours(people, next, at, visit, data);
    }
    for (uint32_t next = roll->attendance; next != ROW_NONE && result == 0;
         next = people_attendance(people, next)->before_in_day) {
        result = visit_attendance(people_attendance(people, next), at, visit, data);
    }
    return result;
}

/* ---- making ---- */

struct making {
    const struct people *people;
    struct roll *roll;
};

static int make_entry(void *data, const struct roll_entry *entry) {
    const struct making *making = data;
    return add_entry(making->people, making->roll, entry);
}

static int make_from_days(struct people *people, uint32_t number) {
    struct roll *roll = &people->rolls.items[number];
    struct making making = {people, roll};
    int result = 0;
    if (roll->level == ROLL_DAY) {
        return rolls_each_entry(people, number, AT_HEAD, make_entry, &making);
    }
    struct range days = period_days(roll->period, BY_MONTH);
    for (int32_t day = days.from; day <= days.to && result == 0; day++) {
        uint32_t part = rolls_find(&people->rolls, roll->unit, ROLL_DAY, day);
        result = part == ROLL_NONE ? 0 : rolls_each_entry(people, part, AT_HEAD, make_entry, &making);
    }
    return result;
}

static int unite(struct roll *into, const struct roll *from) {
    for (uint32_t i = 0; i < from->count; i++) {
        struct part *part = part_of(into, from->parts[i].selector);
        if (!part || part->presences > UINT32_MAX - from->parts[i].presences) {
            return part ? -(int)ERR_TOO_BIG : -(int)ERR_NO_MEMORY;
        }
        part->presences += from->parts[i].presences;
        part->minutes += from->parts[i].minutes;
        if (part->people) {
            roaring_bitmap_or_inplace(part->people, from->parts[i].people);
        } else if ((part->people = roaring_bitmap_copy(from->parts[i].people)) == NULL) {
            return -(int)ERR_NO_MEMORY;
        }
    }
    return 0;
}

static int make_year(struct people *people, uint32_t number) {
    struct roll *roll = &people->rolls.items[number];
    int32_t first = period_of(period_days(roll->period, BY_YEAR).from, BY_MONTH);
    int result = 0;
    for (int32_t month = first; month < first + 12 && result == 0; month++) {
        uint32_t part = rolls_find(&people->rolls, roll->unit, ROLL_MONTH, month);
        if (part != ROLL_NONE) {
            result = rolls_make(people, part);
            result = result < 0 ? result : unite(roll, &people->rolls.items[part]);
        }
    }
    return result;
}

int rolls_make(struct people *people, uint32_t number) {
    struct roll *roll = &people->rolls.items[number];
    if (roll->made) {
        return 0;
    }
    int result = roll->level == ROLL_YEAR ? make_year(people, number) : make_from_days(people, number);
    if (result == 0) {
        roll->made = true;
    } else {
        roll_unmake(roll);
    }
    return result;
}
