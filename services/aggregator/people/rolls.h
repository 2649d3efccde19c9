/* Rolls: what a unit's days, months and years add up to, and which volunteers are in them.
 *
 * A roll has parts by selector: sums by mix, and sets of volunteers (CRoaring bitmaps of their numbers). A day has the set of all
 * its volunteers; months and years also have sets by programme, by grade, by kind and by mix, so that a question with one of
 * these dimensions unites few sets and one with several unites those of the mixes.
 *
 * The rows of a day are always linked from its roll. The parts of a roll are made when a question first needs them, kept up
 * to date while rows are added, and made anew after one was taken away: folding stays cheap, a question costs what it covers.
 */
#pragma once

#include <roaring/roaring.h>

#include "services/aggregator/ledger.h"
#include "services/aggregator/period.h"
#include "services/aggregator/table.h"

#define ROLL_NONE UINT32_MAX

struct tally;
struct people;

/* A selector: its sort in the upper bits, the number below. */
enum selector_sort { SELECT_ALL, SELECT_PROGRAMME, SELECT_GRADE, SELECT_KIND, SELECT_MIX };
#define SELECTOR_SHIFT 29
#define SELECTOR(sort, number) ((uint32_t)(sort) << SELECTOR_SHIFT | ((number) & ((UINT32_C(1) << SELECTOR_SHIFT) - 1)))
#define SELECTOR_SORT(selector) ((enum selector_sort)((selector) >> SELECTOR_SHIFT))
#define SELECTOR_NUMBER(selector) ((selector) & ((UINT32_C(1) << SELECTOR_SHIFT) - 1))
#define KIND_NOT_SAID SELECTOR_NUMBER(UINT32_MAX) /* SELECTOR_NUMBER of NAME_NONE */

struct part {
    uint32_t selector;
    uint32_t presences; /* of mixes; so are the minutes */
    int64_t minutes;
    roaring_bitmap_t *people; /* NULL of a day's mixes */
};

enum roll_level { ROLL_DAY, ROLL_MONTH, ROLL_YEAR };

struct roll {
    uint32_t unit;
    int32_t period; /* day, month or year: period_of */
    enum roll_level level;
    bool made;
    uint32_t hours;      /* of a day: the last hours, attendance of the unit on it, or ROW_NONE */
    uint32_t attendance; /* each links the one before */
    uint32_t month;      /* of a day: the rolls of its month and year */
    uint32_t year;
    struct part *parts; /* by selector */
    uint32_t count;
    uint32_t capacity;
};

struct rolls {
    struct roll *items;
    uint32_t count;
    uint32_t capacity;
    struct table table;  /* by unit, level and period */
    struct range *spans; /* by unit: its first and last day; from > to while it has none */
    uint32_t span_count;
    uint32_t span_capacity;
};

void rolls_free(struct rolls *rolls);
void roll_unmake(struct roll *roll); /* its parts are gone */

/* The roll of the unit's day, made with those of its month and year when it is new; ROLL_NONE without memory. */
uint32_t rolls_day(struct rolls *rolls, uint32_t unit, int32_t day);
uint32_t rolls_find(const struct rolls *rolls, uint32_t unit, enum roll_level level, int32_t period);

/* A row begins or ends to count. 0, -ERR_NO_MEMORY or -ERR_TOO_BIG. */
struct roll_entry {
    uint32_t unit;
    int32_t day;
    uint32_t volunteer;
    uint32_t mix;
    uint32_t minutes;
    bool own;
};
int rolls_add(struct people *people, const struct roll_entry *entry);
void rolls_take(struct people *people, const struct roll_entry *entry);

/* The parts of the roll, made if they are not. 0 or -code as rolls_add. */
int rolls_make(struct people *people, uint32_t roll);

/* The standing entries of a unit's day at `at`, one after the other. Other than 0 ends the walk, which returns it. */
typedef int (*roll_visit)(void *data, const struct roll_entry *entry);
int rolls_each_entry(const struct people *people, uint32_t roll, uint64_t at, roll_visit visit, void *data);

/* Visits rolls that together hold each row of the unit's days in `range` once, none of them over two periods of
 * `granularity`. `period` is that of the granularity. */
typedef int (*roll_walk)(void *data, uint32_t roll, int32_t period);
int rolls_walk(const struct rolls *rolls, uint32_t unit, struct range range, enum granularity granularity,
               roll_walk visit, void *data);
