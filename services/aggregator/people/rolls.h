/* Rolls: what days, weeks, months, quarters and years add up to, and which volunteers are in them.
 *
 * A unit has rolls of its own, and for each a tree's: with all that lies under it. A roll has parts by selector: sums by mix, and
 * sets of volunteers (CRoaring bitmaps of their numbers): all of them; by programme, by grade and by kind where a roll is more
 * than one unit's day; by mix in months and years, by kind and programme in years (roll_keeps). So a question unites few sets, and reads rows only where no
 * roll keeps what it asks for.
 *
 * The rows of a day are always linked from its roll. The parts are made when a question first needs them, or by the by
 * (rolls_warm), and kept up to date from then on: folding stays cheap, a question costs what it covers.
 */
#pragma once

#include <roaring/roaring.h>

#include "proto/programme.h"
#include "services/aggregator/ledger.h"
#include "services/aggregator/period.h"
#include "services/aggregator/table.h"

#define ROLL_NONE UINT32_MAX

struct tally;
struct people;

/* A selector: its sort in the upper bits, the number below. */
enum selector_sort { SELECT_ALL, SELECT_PROGRAMME, SELECT_GRADE, SELECT_KIND, SELECT_PAIR, SELECT_MIX };
#define SELECTOR_SHIFT 29
#define SELECTOR(sort, number) ((uint32_t)(sort) << SELECTOR_SHIFT | ((number) & ((UINT32_C(1) << SELECTOR_SHIFT) - 1)))
#define SELECTOR_SORT(selector) ((enum selector_sort)((selector) >> SELECTOR_SHIFT))
#define SELECTOR_NUMBER(selector) ((selector) & ((UINT32_C(1) << SELECTOR_SHIFT) - 1))
#define KIND_NOT_SAID SELECTOR_NUMBER(UINT32_MAX) /* SELECTOR_NUMBER of NAME_NONE */

/* A kind of volunteer and a programme. With more names than that pairs are of no use, and mixes are united instead. */
#define PAIR_SHIFT 3
#define PAIR_KINDS (KIND_NOT_SAID >> PAIR_SHIFT)
#define PAIR(kind, programme) ((kind) << PAIR_SHIFT | (programme))
#define PAIR_PROGRAMME(number) ((number) & ((1U << PAIR_SHIFT) - 1))
static_assert(PROGRAMME_COUNT <= 1U << PAIR_SHIFT, "a pair has room for each programme");

static inline uint32_t pair_kind(uint32_t number) {
    return number >> PAIR_SHIFT == PAIR_KINDS ? KIND_NOT_SAID : number >> PAIR_SHIFT;
}

struct part {
    uint32_t selector;
    uint32_t presences; /* of mixes and grades; so are the minutes */
    int64_t minutes;
    roaring_bitmap_t *people; /* NULL where the roll keeps no sets of the sort */
};

enum roll_level { ROLL_DAY, ROLL_WEEK, ROLL_MONTH, ROLL_QUARTER, ROLL_YEAR, ROLL_LEVELS };

/* The granularity of a level's periods. */
enum granularity roll_granularity(enum roll_level level);

struct roll {
    uint32_t unit;
    int32_t period; /* by the granularity of the level: period_of */
    enum roll_level level;
    bool tree; /* with all that lies under the unit */
    bool made;
    uint32_t up; /* whose tree holds its rows too: of its unit, of a tree of the unit above; ROLL_NONE at the top */
    uint32_t longer[ROLL_LEVELS - 1]; /* of the unit's own day: the rolls of the levels above it */
    uint32_t hours;                   /* of the unit's own day: the last hours, attendance on it, or ROW_NONE */
    uint32_t attendance;              /* each links the one before */
    uint32_t count;
    uint32_t capacity;
    struct part *parts; /* by selector */
};

/* A row that counts. */
struct roll_entry {
    uint32_t unit;
    int32_t day;
    uint32_t volunteer;
    uint32_t mix;
    uint32_t minutes;
    bool own;
};

/* The first and the last day of a unit, of its own rows and with those under it; from > to while there is none. */
struct roll_span {
    struct range own;
    struct range tree;
    bool below; /* there is something under it: else its own rolls are its tree's */
};

struct rolls {
    struct roll *items;
    uint32_t count;
    uint32_t capacity;
    struct table table; /* by unit, tree, level and period */
    struct roll_span *spans;
    uint32_t span_count;
    uint32_t span_capacity;
    struct roll_entry *entries; /* those that a roll is made from; kept */
    uint32_t entry_count;
    uint32_t entry_capacity;
    uint32_t warmed; /* rolls before it were made once */
};

void rolls_free(struct rolls *rolls);

/* The roll of the unit's own day, made with those that hold it when it is new; ROLL_NONE without memory. */
uint32_t rolls_day(struct tally *tally, uint32_t unit, int32_t day);
uint32_t rolls_find(const struct rolls *rolls, uint32_t unit, bool tree, enum roll_level level, int32_t period);

/* Whether what lies under the unit makes its tree's rolls others than its own. */
static inline bool rolls_has_tree(const struct rolls *rolls, uint32_t unit) {
    return unit < rolls->span_count && rolls->spans[unit].below;
}

/* Whether the roll has sets of the sort. */
static inline bool roll_keeps(const struct roll *roll, enum selector_sort sort) {
    switch (sort) {
    case SELECT_ALL:
        return true;
    case SELECT_PAIR:
        return roll->level == ROLL_YEAR;
    case SELECT_MIX:
        return roll->level >= ROLL_MONTH;
    default:
        return roll->level > ROLL_DAY || roll->tree;
    }
}

/* A row begins to count; it counts no longer (its version has ended). 0, -ERR_NO_MEMORY or -ERR_TOO_BIG. */
int rolls_add(struct people *people, const struct roll_entry *entry);
void rolls_take(struct tally *tally, const struct roll_entry *entry);

/* The parts of the roll, made if they are not. 0 or -code as rolls_add. */
int rolls_make(struct tally *tally, uint32_t number);

/* Makes some of those that were never made, about `rows` rows of days; true while there are more. */
bool rolls_warm(struct tally *tally, uint32_t rows);

/* The entries of a roll as they stand at the present, one after the other; those of a volunteer. Other than 0 ends the walk,
 * which returns it. */
typedef int (*roll_visit)(void *data, const struct roll_entry *entry);
int rolls_each_entry(const struct tally *tally, uint32_t number, roll_visit visit, void *data);
int rolls_each_of_volunteer(const struct people *people, uint32_t volunteer, roll_visit visit, void *data);

/* Visits rolls that together hold each row of the unit's (or its tree's) days in `range` once, none of them over two periods
 * of `granularity`, and long ones with sets of the sort where there are such. `period` is that of the granularity. */
typedef int (*roll_walk)(void *data, uint32_t roll, int32_t period);
int rolls_walk(const struct rolls *rolls, uint32_t unit, bool tree, struct range range, enum granularity granularity,
               enum selector_sort sort, roll_walk visit, void *data);
