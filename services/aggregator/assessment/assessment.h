/* Assessments 考核: schemes in versions, what was scored by hand, results that were published and frozen, appeals.
 *
 *   assessment.c   the book: ledgers, saving, what is made from them
 *   fold.c         one event into it
 *   score.c        points, bands and ranks; pure
 *   select.c       what a question is about: which version, as of when
 *   values.c       the figures of the squads, asked of the other books
 *   answer.c       the ranking; standing.c: one squad's row; behind.c: the address of what stands behind a figure
 *   schemes.c      the schemes themselves
 *
 * Results that were published hold as they stood at the position that they name, with what answers to appeals add since;
 * once frozen nothing changes them any more.
 */
#pragma once

#include "proto/figure.h"
#include "proto/life.h"
#include "proto/period.h"
#include "services/aggregator/book.h"
#include "services/aggregator/ids.h"

#define POINTS_MOST INT64_C(1000000000) /* hundredths: what any sum is held within, as in assessment_row.points */
#define HOLDS_NEVER INT32_MAX           /* a draft */
#define BY_HAND (-1)

/* A version of a scheme. Points are hundredths. */
struct scheme {
    struct version version; /* `until` stays 0 */
    int64_t base;
    int64_t least;
    int64_t most;
    uint32_t scheme; /* among the names, as the next one */
    uint32_t name;
    uint32_t unit;
    uint32_t edition;
    int32_t months;     /* 1, 3 or 12 */
    int32_t holds_from; /* months since 1970-01, or HOLDS_NEVER */
    uint32_t first_item;
    uint32_t item_count;
    uint32_t first_band;
    uint32_t band_count;
};

struct scheme_item {
    int64_t beyond;
    int64_t each;
    int64_t points;
    int64_t cap; /* POINTS_MOST where it has none */
    uint32_t item;
    uint32_t name;
    int32_t figure; /* enum figure; FIGURE_COUNT: of a later build; BY_HAND */
    uint32_t reserved;
};

struct scheme_band {
    int64_t from;
    int64_t to;
    uint32_t name;
    uint32_t reserved;
};

struct score {
    struct version version;
    int64_t points;
    uint32_t scheme; /* among the names, as the next one */
    uint32_t item;
    uint32_t unit;
    uint32_t final; /* 1: 审定; 0: 自评 */
    struct period period;
    uint32_t first_evidence;
    uint32_t evidence_count;
};

/* What was published of a period. */
struct result {
    struct version version;
    uint64_t at;     /* the event up to which figures and scores hold */
    uint32_t number; /* of the assessment.published, in ids */
    uint32_t scheme;
    uint32_t edition;
    uint32_t as_of; /* the same position as text, among the names */
    struct period period;
    uint32_t frozen; /* 1 */
    uint32_t reserved;
};

struct appeal {
    struct version version;
    int64_t points;
    uint32_t number; /* in ids */
    uint32_t scheme;
    uint32_t unit;
    uint32_t item;  /* among the names, or NAME_NONE */
    uint32_t state; /* enum life_state */
    uint32_t upheld;
    struct period period;
};

struct assessment {
    struct ids ids; /* of results and appeals */
    struct ledger schemes;
    struct ledger items; /* those of a scheme together; likewise bands and evidence */
    struct ledger bands;
    struct ledger evidence; /* of struct id */
    struct ledger scores;
    struct ledger results;
    struct ledger appeals;

    /* made from the rows */
    uint32_t *rows_of_ids; /* by number: the row of the result or the appeal that came last */
    uint32_t rows_of_ids_capacity;
    struct table score_table; /* by what is scored: its number, under which is its last row */
    uint32_t *score_rows;
    uint32_t score_count;
    uint32_t score_capacity;
};

static inline bool period_is(const struct period *a, const struct period *b) {
    return a->first == b->first && a->months == b->months;
}

static inline const struct scheme_item *scheme_items(const struct assessment *assessment, const struct scheme *scheme) {
    return ledger_row(&assessment->items, scheme->first_item);
}

static inline const struct scheme_band *scheme_bands(const struct assessment *assessment, const struct scheme *scheme) {
    return ledger_row(&assessment->bands, scheme->first_band);
}

/* fold.c: a book's fold. */
int assessment_fold(struct tally *tally, const struct event *event, struct error *error);

/* The row of the same unit, item, period and stage that stands, or LEDGER_NONE. */
uint32_t assessment_score_row(const struct assessment *assessment, const struct score *score);

/* The score's or the id's last row is `row` from now on. 0 or -ERR_NO_MEMORY. */
int assessment_note_score(struct assessment *assessment, uint32_t row);
int assessment_note_id(struct assessment *assessment, uint32_t number, uint32_t row);
