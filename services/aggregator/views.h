/* Views: sums of the calendar's cells by unit (alone, or with all under it), programmes, town and period, made when a
 * question needs them and kept until something in them changes.
 *
 * So a question costs the rows that it asks for and what changed since it was last asked, not the reports, days and
 * units behind them. A view of several programmes counts a report of two of them once.
 *
 * An activity all of whose reports in the view lie in one part is in no other part: what adds up parts of a view takes it as a
 * number, and unites sets of the others only (`across`).
 */
#pragma once

#include "services/aggregator/changes.h"
#include "services/aggregator/units.h"

struct tally;

#define PROGRAMMES_ANY UINT8_MAX
#define TOWN_ANY (UINT32_MAX - 1) /* TABLE_NONE: reports that name none */

/* Which reports a view is of. */
struct view_key {
    uint32_t unit;
    uint32_t town;
    uint8_t programmes; /* those that serve any of these; PROGRAMMES_ANY: all, also those that serve none */
    bool below;         /* with all that lies under the unit */
};

/* Which of its days: BY_ALL (with those without a day), a year, quarter, month, part of a month, week or day; PERIOD_NONE by
 * day: those without. */
struct view_part {
    enum granularity size;
    int32_t number;
};

struct view_node {
    uint32_t view;
    struct view_part part;
    uint32_t cell;    /* CELL_NONE: nothing was ever in it */
    bool made;        /* before: then it is made anew from smaller ones */
    bool counted;     /* `within` holds */
    uint32_t within;  /* how many of the cell's shared activities are not in `across` */
    uint64_t checked; /* up to this change everything is in it; 0: it must be made anew */
    roaring_bitmap_t
        *across; /* shared activities of which reports of the view may lie in other parts, too; NULL: none */
};

struct views {
    struct cells cells;
    struct view_key *items;
    uint32_t count;
    uint32_t capacity;
    struct table table;
    struct view_node *nodes;
    uint32_t node_count;
    uint32_t node_capacity;
    struct table node_table;
    struct changes *changes; /* since the first view was made; NULL before, or when there was no memory */
    uint64_t caught_from;    /* views_catch_up: what was checked at this change or later is checked up to `caught` */
    uint64_t caught;
};

void views_free(struct views *views);

/* The calendar changed. Costs nothing while there are no views. */
void views_note(struct views *views, const struct change *change, const struct kept_measure *measures);

/* By the by: the next `most` changes into all sums that hold them, so that those of which nobody asks for long need not be made
 * anew. CATCH_LOST: too much happened since the last time; sums follow from here on again. */
enum catching { CATCH_DONE, CATCH_MORE, CATCH_LOST };
enum catching views_catch_up(struct tally *tally, uint32_t most);

/* Before a question: when very many views were kept, all are forgotten. */
void views_tidy(struct views *views);

/* The number of a view; TABLE_NONE when there is no memory. */
uint32_t views_number(struct tally *tally, struct view_key key);

/* The sum over a part of a view's days: its cell in views->cells, until the next call; NULL when nothing is in it. Errors as
 * cells_merge. */
int views_sum(struct tally *tally, uint32_t view, struct view_part part, const struct view_node **node);

/* Brings the sums of these parts nearer to the processor, as far as they are there: at most VIEWS_FETCHED, which are then added one
 * after the other. */
#define VIEWS_FETCHED 16
void views_fetch(const struct views *views, uint32_t view, const struct view_part *parts, uint32_t count);

/* views_warm.c: sums that were never asked for, made by the by, the newest months first: of each unit all reports; of what has
 * units under it also by programme, by town and by both; then its days, of which any range begins and ends with some. */
struct view_warming {
    bool begun;
    uint8_t pass;
    uint32_t unit;
    uint32_t filter;
    int32_t month;
};

/* Makes one more: at most a month of a unit. False when all are made, `nodes_most` sums are kept, or one cannot be made (a
 * question will say why). */
bool views_warm(struct view_warming *warming, struct tally *tally, uint32_t nodes_most);
