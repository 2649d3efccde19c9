/* The book of problems: its rows, and what is made from them. */
#include "services/aggregator/problems/problems.h"

#include <stdlib.h>

#include "services/aggregator/column.h"
#include "services/aggregator/tally.h"

enum { LEDGER_IDS, LEDGER_ROWS, LEDGERS };

static int open_problems(struct tally *tally) {
    tally->problems = calloc(1, sizeof *tally->problems);
    if (!tally->problems) {
        return -(int)ERR_NO_MEMORY;
    }
    ids_start(&tally->problems->ids);
    ledger_start(&tally->problems->rows, sizeof(struct problem));
    return 0;
}

static void close_problems(struct tally *tally) {
    if (tally->problems) {
        ids_free(&tally->problems->ids);
        ledger_free(&tally->problems->rows);
        table_free(&tally->problems->spots);
        free(tally->problems->current);
    }
    free(tally->problems);
    tally->problems = NULL;
}

static struct ledger *ledger_of(struct tally *tally, uint32_t number) {
    return number == LEDGER_IDS ? &tally->problems->ids.ledger : &tally->problems->rows;
}

/* ---- spots ---- */

struct spot_key {
    uint32_t spot;
    uint32_t kind;
};

static bool spot_is(const void *owner, uint32_t number, const void *key) {
    const struct problem *row = problem_row(owner, number);
    const struct spot_key *wanted = key;
    return row->spot == wanted->spot && row->kind == wanted->kind;
}

static uint32_t find_spot(const struct problems *problems, uint32_t spot, uint32_t kind) {
    const struct spot_key key = {spot, kind};
    return table_find(&problems->spots, table_hash_pair(spot, kind), spot_is, problems, &key);
}

bool problems_spot_known(const struct problems *problems, uint32_t spot, uint32_t kind) {
    return spot != NAME_NONE && find_spot(problems, spot, kind) != TABLE_NONE;
}

static int note_spot(struct problems *problems, uint32_t number) {
    const struct problem *row = problem_row(problems, number);
    if (row->spot == NAME_NONE || find_spot(problems, row->spot, row->kind) != TABLE_NONE) {
        return 0;
    }
    if (table_reserve(&problems->spots) < 0) {
        return -(int)ERR_NO_MEMORY;
    }
    table_add(&problems->spots, table_hash_pair(row->spot, row->kind), number);
    return 0;
}

/* ---- rows ---- */

static int note_current(struct problems *problems, uint32_t number) {
    const struct problem *row = problem_row(problems, number);
    uint32_t before = problems->current_capacity;
    if (column_reserve(&problems->current, &problems->current_capacity, (uint64_t)row->number + 1,
                       sizeof *problems->current) < 0) {
        return -(int)ERR_NO_MEMORY;
    }
    for (uint32_t i = before; i < problems->current_capacity; i++) {
        problems->current[i] = LEDGER_NONE;
    }
    if (row->version.until == 0) {
        problems->current[row->number] = number;
    }
    return note_spot(problems, number);
}

int problems_put(struct problems *problems, const struct problem *row) {
    uint32_t number = ledger_add(&problems->rows, row);
    return number == LEDGER_NONE ? -(int)ERR_NO_MEMORY : note_current(problems, number);
}

static bool is_name(const struct tally *tally, uint32_t name) {
    return name == NAME_NONE || name < tally->names.count;
}

static bool is_unit(const struct tally *tally, uint32_t unit) {
    return unit == UNIT_NONE || unit < units_count(&tally->units);
}

static bool fits(const struct tally *tally, uint32_t number, const void *row) {
    const struct problem *problem = row;
    uint32_t problems = tally->problems->ids.ledger.count;
    return number == LEDGER_IDS ||
           (problem->number < problems && (problem->of == IDS_NONE || problem->of < problems) &&
            problem->before <= tally->problems->rows.count && problem->unit < units_count(&tally->units) &&
            problem->kind < tally->names.count && is_name(tally, problem->town) && is_name(tally, problem->spot) &&
            is_name(tally, problem->office) && is_name(tally, problem->case_number) && is_unit(tally, problem->to) &&
            day_is_valid(problem->day) && problem->state < STATE_COUNT);
}

static int complete(struct tally *tally) {
    struct problems *problems = tally->problems;
    int result = ids_complete(&problems->ids);
    for (uint32_t number = 0; number < problems->rows.count && result == 0; number++) {
        result = note_current(problems, number);
    }
    return result;
}

static const struct book_interest interests[] = {
    {EVENT_PROBLEM_RAISED, SKIM_WHOLE},     {EVENT_PROBLEM_ASSIGNED, SKIM_WHOLE},  {EVENT_PROBLEM_STARTED, SKIM_WHOLE},
    {EVENT_PROBLEM_RESOLVED, SKIM_WHOLE},   {EVENT_PROBLEM_CONFIRMED, SKIM_WHOLE}, {EVENT_PROBLEM_REOPENED, SKIM_WHOLE},
    {EVENT_PROBLEM_DUPLICATED, SKIM_WHOLE}, {EVENT_PROBLEM_REFUSED, SKIM_WHOLE},
};

const struct book book_of_problems = {
    .ledgers = LEDGERS,
    .interests = interests,
    .interest_count = sizeof interests / sizeof *interests,
    .open = open_problems,
    .close = close_problems,
    .ledger = ledger_of,
    .fits = fits,
    .complete = complete,
    .fold = problems_fold,
};
