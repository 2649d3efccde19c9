/* History: earlier events by id, whether they wait for their commit or are stored.
 *
 * What was asked for lately is remembered in a small table (type, unit, state: nothing personal), so that the reports of
 * one activity read it once. Loop thread only; reads of the journal are short.
 */
#pragma once

#include "services/intake/admit.h"
#include "services/intake/pending.h"

#define HISTORY_KNOWN 4096 /* a power of two */

struct history {
    struct journal_reader *reader;  /* borrowed */
    const struct pending *pending;  /* borrowed */
    const struct id_table *waiting; /* borrowed: ids that are pending -> seq */
    struct arena *arena;            /* the event looked at last */
    struct known_slot *known;
    struct error error; /* why the last call returned < 0 */
};

/* 0 or -ERR_NO_MEMORY. */
int history_open(struct history *history, struct journal_reader *reader, const struct pending *pending,
                 const struct id_table *waiting);
void history_close(struct history *history);

/* Stored or pending: 1 and `*seq`, 0, or < 0. */
int history_find(struct history *history, const struct id *id, uint64_t *seq);

/* One event; with side also its salt (empty: there is no side, or it was erased). The views live until the next
 * call. 1, 0 or < 0. */
int history_event(struct history *history, uint64_t seq, bool with_side, struct event *event, struct text *salt);

/* The last event that is stored: 1, 0 in an empty journal, or < 0. */
int history_last(struct history *history, struct position *head, struct event *event);

/* The look-ups for admission; `data` is the history. */
struct admit_lookups history_lookups(struct history *history);

/* An event was added: it will be asked for soon. */
void history_note(struct history *history, const struct event *event);

/* What waited was given up: nothing that is remembered is sure. */
void history_forget(struct history *history);
