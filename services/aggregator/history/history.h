/* History: what reports said before they were changed, which activities became one and when, what units were called.
 *
 * What holds now stands in the tally's rows; what held before stands here, from which event on and until which. Both
 * together are every version there ever was, so that a question can be answered as it stood at any position.
 */
#pragma once

#include "services/aggregator/book.h"
#include "services/aggregator/reports.h"
#include "services/aggregator/units.h"

/* A version of a report that was replaced or withdrawn. `report.measures` counts in the ledger `measures`. */
struct past_report {
    struct version version;
    struct report report;
    uint32_t number; /* of the report */
    uint32_t reserved;
};

struct past_merge {
    uint64_t since;
    uint32_t into; /* numbers of activities */
    uint32_t from;
};

/* What unit.set said, also what still holds. */
struct past_unit {
    struct version version;
    uint32_t unit;
    uint32_t name;
    uint32_t kind;
    uint32_t continued;
    int32_t order;
    uint32_t closed;
};

struct history {
    struct ledger measures; /* of struct kept_measure */
    struct ledger reports;
    struct ledger merges;
    struct ledger units;
    uint32_t *standing; /* by unit: its row in `units` plus one */
    uint32_t standing_count;
    uint32_t standing_capacity;
    uint32_t *past_first; /* by activity: the newest row in `reports` that named it plus one; 0 none */
    uint32_t past_first_count;
    uint32_t past_first_capacity;
    uint32_t *past_next; /* by row in `reports`: the one before of the same activity plus one */
    uint32_t past_next_capacity;
    uint64_t *shared; /* a bit by activity that more reports than its own ever named, or that was ever merged */
    uint32_t shared_count;
    uint32_t shared_capacity;
};

/* The report's row, as it stands, ends at `seq`: before it is replaced. 0 or -ERR_NO_MEMORY. */
int history_keep(struct tally *tally, uint32_t number, uint64_t seq);

/* The report's row stands. 0 or -ERR_NO_MEMORY. */
int history_note(struct tally *tally, uint32_t number);

/* Earlier versions of the reports on an activity, the newest first: rows in `reports` plus one, 0 at the end. */
static inline uint32_t history_first(const struct history *history, uint32_t activity) {
    return activity < history->past_first_count ? history->past_first[activity] : 0;
}

static inline uint32_t history_next(const struct history *history, uint32_t link) {
    return history->past_next[link - 1];
}

static inline bool history_is_shared(const struct history *history, uint32_t activity) {
    return activity / 64 < history->shared_count && (history->shared[activity / 64] >> activity % 64 & 1) != 0;
}

/* What each unit was called at `at`, into `faces`, one for each unit. */
void history_faces(const struct tally *tally, uint64_t at, struct unit_face *faces);
