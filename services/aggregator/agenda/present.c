/* The owings as they stand. */
#include "services/aggregator/agenda/present.h"

#include <stdlib.h>

#include "services/aggregator/agenda/agenda.h"
#include "services/aggregator/agenda/below.h"
#include "services/aggregator/column.h"
#include "services/aggregator/history/history.h"

struct present {
    struct owings owings;
    struct below below;
    struct derivation derivation;
    struct merged merged;
    uint32_t merges; /* how many are in it */
    uint32_t *above; /* the squads that the owings were made with, by unit */
    uint32_t above_count;
    uint32_t above_capacity;
    uint32_t *waiting; /* activities that are to be derived, each once */
    uint32_t waiting_count;
    uint32_t waiting_capacity;
    uint64_t *marks; /* a bit by activity: it waits */
    uint32_t mark_count;
    uint32_t mark_capacity;
    uint64_t *changed; /* by row of `planned`, of an activity's last version: the last event that mattered to it */
    uint32_t changed_count;
    uint32_t changed_capacity;
};

#define WAITING_FEW 10000 /* some ten milliseconds to derive */

void present_free(struct present **present) {
    struct present *self = *present;
    if (self) {
        owings_free(&self->owings);
        below_free(&self->below);
        derivation_free(&self->derivation);
        merged_free(&self->merged);
        free(self->above);
        free(self->waiting);
        free(self->marks);
        free(self->changed);
    }
    free(self);
    *present = NULL;
}

const struct owings *present_owings(const struct tally *tally) {
    return &tally->agenda->present->owings;
}

const struct owings *present_below(const struct tally *tally) {
    return &tally->agenda->present->below.sums;
}

/* ---- what waits ---- */

static int wait(struct present *present, uint32_t activity) {
    uint32_t word = activity / 64;
    uint64_t bit = UINT64_C(1) << activity % 64;
    if (column_reserve(&present->marks, &present->mark_capacity, (uint64_t)word + 1, sizeof(uint64_t)) < 0 ||
        column_reserve(&present->waiting, &present->waiting_capacity, (uint64_t)present->waiting_count + 1,
                       sizeof(uint32_t)) < 0) {
        return -(int)ERR_NO_MEMORY;
    }
    while (present->mark_count <= word) {
        present->marks[present->mark_count++] = 0;
    }
    if ((present->marks[word] & bit) == 0) {
        present->marks[word] |= bit;
        present->waiting[present->waiting_count++] = activity;
    }
    return 0;
}

/* A report on what was never planned matters only where it was made one with what was. */
int agenda_note(struct tally *tally, uint32_t activity) {
    struct present *present = tally->agenda->present;
    bool matters = present && activity != REPORT_NONE &&
                   (agenda_knows(tally->agenda, activity) || history_is_shared(tally->history, activity));
    return matters ? wait(present, activity) : 0;
}

static int wait_for_all(struct tally *tally) {
    const struct agenda *agenda = tally->agenda;
    int result = 0;
    for (uint32_t activity = 0; activity < agenda->latest_count && result == 0; activity++) {
        result = agenda->latest[activity] != 0 ? wait(agenda->present, activity) : 0;
    }
    return result;
}

/* ---- deriving ---- */

/* True when a unit stands under another squad than before. */
static bool squads_changed(const struct present *present, const struct squads *squads) {
    return memcmp(present->above, squads->above, present->above_count * sizeof *squads->above) != 0;
}

static int take_squads(struct present *present, const struct tally *tally, const struct squads *squads) {
    uint32_t count = units_count(&tally->units);
    int result = column_reserve(&present->above, &present->above_capacity, count, sizeof *present->above);
    for (uint32_t unit = present->above_count; unit < count && result == 0; unit++) {
        present->above[unit] = squads->above[unit];
    }
    present->above_count = result == 0 ? count : present->above_count;
    return result;
}

static int take_merges(struct present *present, struct tally *tally) {
    if (present->merges == tally->history->merges.count) {
        return 0;
    }
    merged_free(&present->merged);
    present->merges = tally->history->merges.count;
    int result = merged_make(&present->merged, tally, AT_HEAD);
    return result < 0 ? result : merged_group(&present->merged);
}

static int begin(struct tally *tally, const struct squads *squads) {
    struct present *present = tally->agenda->present;
    bool made = present != NULL;
    if (made && present->above_count > 0 && squads_changed(present, squads)) {
        owings_free(&present->owings);
        below_free(&present->below);
        present->above_count = 0;
        made = false;
    }
    if (!present) {
        present = tally->agenda->present = calloc(1, sizeof *present);
    }
    if (!present || take_squads(present, tally, squads) < 0 || take_merges(present, tally) < 0 ||
        (!made && wait_for_all(tally) < 0)) {
        present_free(&tally->agenda->present);
        return -(int)ERR_NO_MEMORY;
    }
    return 0;
}

static uint64_t later(uint64_t a, uint64_t b) {
    return a > b ? a : b;
}

/* The last event that mattered to what is owed for an activity that is alone: of its plan and its reports, also those that were
 * replaced or went to another activity. */
static uint64_t last_change(const struct tally *tally, uint32_t activity, const struct version *planned) {
    const struct history *history = tally->history;
    const struct activity *items = tally->activities.items;
    uint64_t last = later(planned->since, planned->until);
    for (uint32_t next = items[activity].first; next != 0; next = items[next - 1].next) {
        last = later(last, report_since(&tally->reports.items[next - 1]));
    }
    for (uint32_t link = history_first(history, activity); link != 0; link = history_next(history, link)) {
        last = later(last, ((const struct past_report *)ledger_row(&history->reports, link - 1))->version.until);
    }
    return last;
}

static int note_change(struct present *present, const struct tally *tally, uint32_t activity) {
    const struct agenda *agenda = tally->agenda;
    if (!agenda_knows(agenda, activity)) {
        return 0;
    }
    uint32_t row = agenda->latest[activity] - 1;
    if (column_reserve(&present->changed, &present->changed_capacity, (uint64_t)row + 1, sizeof(uint64_t)) < 0) {
        return -(int)ERR_NO_MEMORY;
    }
    while (present->changed_count <= row) {
        present->changed[present->changed_count++] = UINT64_MAX;
    }
    present->changed[row] = last_change(tally, activity, ledger_row(&agenda->planned, row));
    return 0;
}

/* All that became one is derived together, whichever of it changed. */
static int derive_again(struct present *present, uint32_t activity) {
    struct derivation *derivation = &present->derivation;
    uint32_t alone;
    uint32_t count;
    const uint32_t *set = derivation_set(derivation, activity, &alone, &count);
    for (uint32_t i = 0; i < count; i++) {
        owings_drop(&present->owings, set[i]);
    }
    int result = derive(derivation, activity);
    for (uint32_t i = 0; i < derivation->count && result == 0; i++) {
        result = owings_add(&present->owings, &derivation->found[i]);
    }
    result = result < 0 ? result : below_derive(&present->below, derivation, activity);
    return result < 0 ? result : note_change(present, derivation->tally, activity);
}

int64_t present_refresh(struct tally *tally, const struct squads *squads, uint32_t most) {
    int result = begin(tally, squads);
    struct present *present = tally->agenda->present;
    if (result < 0) {
        return result;
    }
    present->derivation.tally = tally;
    present->derivation.at = AT_HEAD;
    present->derivation.top = UNIT_NONE;
    present->derivation.squads = squads;
    present->derivation.merged = &present->merged;
    for (uint32_t done = 0; done < most && present->waiting_count > 0 && result == 0; done++) {
        uint32_t activity = present->waiting[--present->waiting_count];
        present->marks[activity / 64] &= ~(UINT64_C(1) << activity % 64);
        result = derive_again(present, activity);
    }
    if (result < 0) {
        present_free(&tally->agenda->present); /* all anew at the next question */
        return result;
    }
    if (present->waiting_count == 0 && present->waiting_capacity > WAITING_FEW) {
        free(present->waiting); /* the room that all of them took at first */
        present->waiting = NULL;
        present->waiting_capacity = 0;
    }
    return present->waiting_count;
}

/* ---- for what was owed earlier ---- */

int present_follow(struct tally *tally) {
    struct squads squads = {0};
    const struct present *present = tally->agenda->present;
    if (!present || present->waiting_count > WAITING_FEW) {
        return 0;
    }
    int64_t left = squads_at(&squads, tally, AT_HEAD);
    left = left < 0 ? left : present_refresh(tally, &squads, PRESENT_ALL);
    squads_free(&squads);
    return left < 0 ? (int)left : 1;
}

bool present_is_like(const struct tally *tally, const struct squads *then) {
    return !squads_changed(tally->agenda->present, then);
}

const struct merged *present_merged(const struct tally *tally) {
    return &tally->agenda->present->merged;
}

bool present_is_merged(const struct tally *tally, uint32_t activity) {
    uint32_t count;
    return merged_members(present_merged(tally), activity, &count) != NULL;
}

bool present_changed(const struct tally *tally, uint32_t activity, uint64_t at) {
    const struct present *present = tally->agenda->present;
    return present->changed[tally->agenda->latest[activity] - 1] > at;
}
