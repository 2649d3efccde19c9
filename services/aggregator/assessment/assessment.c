/* The book of assessments: its rows, and what is made from them. */
#include "services/aggregator/assessment/assessment.h"

#include <stdlib.h>

#include "services/aggregator/column.h"
#include "services/aggregator/tally.h"

enum {
    LEDGER_IDS,
    LEDGER_SCHEMES,
    LEDGER_ITEMS,
    LEDGER_BANDS,
    LEDGER_EVIDENCE,
    LEDGER_SCORES,
    LEDGER_RESULTS,
    LEDGER_APPEALS,
    LEDGERS
};

static int open_assessment(struct tally *tally) {
    struct assessment *assessment = calloc(1, sizeof *assessment);
    tally->assessment = assessment;
    if (!assessment) {
        return -(int)ERR_NO_MEMORY;
    }
    ids_start(&assessment->ids);
    ledger_start(&assessment->schemes, sizeof(struct scheme));
    ledger_start(&assessment->items, sizeof(struct scheme_item));
    ledger_start(&assessment->bands, sizeof(struct scheme_band));
    ledger_start(&assessment->evidence, sizeof(struct id));
    ledger_start(&assessment->scores, sizeof(struct score));
    ledger_start(&assessment->results, sizeof(struct result));
    ledger_start(&assessment->appeals, sizeof(struct appeal));
    return 0;
}

static struct ledger *ledger_of(struct tally *tally, uint32_t number) {
    struct assessment *assessment = tally->assessment;
    struct ledger *const ledgers[LEDGERS] = {&assessment->ids.ledger, &assessment->schemes,  &assessment->items,
                                             &assessment->bands,      &assessment->evidence, &assessment->scores,
                                             &assessment->results,    &assessment->appeals};
    return ledgers[number];
}

static void close_assessment(struct tally *tally) {
    struct assessment *assessment = tally->assessment;
    if (assessment) {
        ids_free(&assessment->ids);
        for (uint32_t number = LEDGER_SCHEMES; number < LEDGERS; number++) {
            ledger_free(ledger_of(tally, number));
        }
        table_free(&assessment->score_table);
        free(assessment->score_rows);
        free(assessment->rows_of_ids);
    }
    free(assessment);
    tally->assessment = NULL;
}

/* ---- the last rows ---- */

static bool score_is(const void *owner, uint32_t number, const void *key) {
    const struct assessment *assessment = owner;
    const struct score *row = ledger_row(&assessment->scores, assessment->score_rows[number]);
    const struct score *wanted = key;
    return row->scheme == wanted->scheme && row->item == wanted->item && row->unit == wanted->unit &&
           row->final == wanted->final && period_is(&row->period, &wanted->period);
}

static uint32_t hash_of(const struct score *score) {
    return table_hash_pair(score->unit * 31 + score->item,
                           (uint32_t)(score->period.first * 64 + score->period.months) * 2 + score->final);
}

static uint32_t find_score(const struct assessment *assessment, const struct score *score) {
    return table_find(&assessment->score_table, hash_of(score), score_is, assessment, score);
}

uint32_t assessment_score_row(const struct assessment *assessment, const struct score *score) {
    uint32_t number = find_score(assessment, score);
    return number == TABLE_NONE ? LEDGER_NONE : assessment->score_rows[number];
}

int assessment_note_score(struct assessment *assessment, uint32_t row) {
    const struct score *score = ledger_row(&assessment->scores, row);
    uint32_t number = find_score(assessment, score);
    if (number != TABLE_NONE) {
        assessment->score_rows[number] = row;
        return 0;
    }
    if (table_reserve(&assessment->score_table) < 0 ||
        column_reserve(&assessment->score_rows, &assessment->score_capacity, (uint64_t)assessment->score_count + 1,
                       sizeof *assessment->score_rows) < 0) {
        return -(int)ERR_NO_MEMORY;
    }
    assessment->score_rows[assessment->score_count] = row;
    table_add(&assessment->score_table, hash_of(score), assessment->score_count);
    assessment->score_count++;
    return 0;
}

int assessment_note_id(struct assessment *assessment, uint32_t number, uint32_t row) {
    int result = column_reserve(&assessment->rows_of_ids, &assessment->rows_of_ids_capacity, (uint64_t)number + 1,
                                sizeof *assessment->rows_of_ids);
    if (result == 0) {
        assessment->rows_of_ids[number] = row;
    }
    return result;
}

/* ---- reading back ---- */

static bool is_name(const struct tally *tally, uint32_t name) {
    return name < tally->names.count;
}

static bool is_unit(const struct tally *tally, uint32_t unit) {
    return unit < units_count(&tally->units);
}

static bool scheme_fits(const struct tally *tally, const struct scheme *scheme) {
    bool months = scheme->months == 1 || scheme->months == 3 || scheme->months == 12;
    return months && is_name(tally, scheme->scheme) && is_name(tally, scheme->name) && is_unit(tally, scheme->unit);
}

static bool score_fits(const struct tally *tally, const struct score *score) {
    return is_name(tally, score->scheme) && is_name(tally, score->item) && is_unit(tally, score->unit) &&
           (uint64_t)score->first_evidence + score->evidence_count <= tally->assessment->evidence.count;
}

static bool result_fits(const struct tally *tally, const struct result *result) {
    return is_name(tally, result->scheme) && is_name(tally, result->as_of) &&
           result->number < tally->assessment->ids.ledger.count;
}

static bool appeal_fits(const struct tally *tally, const struct appeal *appeal) {
    return is_name(tally, appeal->scheme) && (appeal->item == NAME_NONE || is_name(tally, appeal->item)) &&
           is_unit(tally, appeal->unit) && appeal->state < STATE_COUNT &&
           appeal->number < tally->assessment->ids.ledger.count;
}

static bool fits(const struct tally *tally, uint32_t number, const void *row) {
    const struct scheme_item *item = row;
    const struct scheme_band *band = row;
    switch (number) {
    case LEDGER_SCHEMES:
        return scheme_fits(tally, row);
    case LEDGER_ITEMS:
        return is_name(tally, item->item) && is_name(tally, item->name) && item->each > 0 && item->figure >= BY_HAND &&
               item->figure <= (int32_t)FIGURE_COUNT;
    case LEDGER_BANDS:
        return is_name(tally, band->name);
    case LEDGER_SCORES:
        return score_fits(tally, row);
    case LEDGER_RESULTS:
        return result_fits(tally, row);
    case LEDGER_APPEALS:
        return appeal_fits(tally, row);
    default:
        return true;
    }
}

/* Items and bands come after the schemes that name them. */
static int check_schemes(const struct assessment *assessment) {
    for (uint32_t i = 0; i < assessment->schemes.count; i++) {
        const struct scheme *scheme = ledger_row(&assessment->schemes, i);
        if ((uint64_t)scheme->first_item + scheme->item_count > assessment->items.count ||
            (uint64_t)scheme->first_band + scheme->band_count > assessment->bands.count) {
            return -(int)ERR_CORRUPT;
        }
    }
    return 0;
}

static int complete(struct tally *tally) {
    struct assessment *assessment = tally->assessment;
    int result = ids_complete(&assessment->ids);
    result = result == 0 ? check_schemes(assessment) : result;
    for (uint32_t row = 0; row < assessment->scores.count && result == 0; row++) {
        result = assessment_note_score(assessment, row);
    }
    for (uint32_t row = 0; row < assessment->results.count && result == 0; row++) {
        const struct result *published = ledger_row(&assessment->results, row);
        result = assessment_note_id(assessment, published->number, row);
    }
    for (uint32_t row = 0; row < assessment->appeals.count && result == 0; row++) {
        const struct appeal *appeal = ledger_row(&assessment->appeals, row);
        result = assessment_note_id(assessment, appeal->number, row);
    }
    return result;
}

static const struct book_interest interests[] = {
    {EVENT_SCHEME_SET, SKIM_WHOLE},           {EVENT_SCORE_SET, SKIM_WHOLE},
    {EVENT_ASSESSMENT_PUBLISHED, SKIM_WHOLE}, {EVENT_ASSESSMENT_APPEALED, SKIM_WHOLE},
    {EVENT_ASSESSMENT_ANSWERED, SKIM_WHOLE},  {EVENT_ASSESSMENT_FROZEN, SKIM_WHOLE},
};

const struct book book_of_assessment = {
    .ledgers = LEDGERS,
    .interests = interests,
    .interest_count = sizeof interests / sizeof *interests,
    .open = open_assessment,
    .close = close_assessment,
    .ledger = ledger_of,
    .fits = fits,
    .complete = complete,
    .fold = assessment_fold,
};
