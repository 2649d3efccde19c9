/* Changes: what was last done to the calendar's cells, so that a sum over many of them can follow without being made anew.
 *
 * A ring of the newest changes, by the numbers of calendar->changed. It is filled only while somebody keeps sums. A change
 * that takes an activity out of a sum cannot be followed: whether another report of it stays there is not known here.
 */
#pragma once

#include "services/aggregator/calendar.h"

#define CHANGES_KEPT 256

struct change {
    uint64_t number;
    struct report report; /* as it was added or taken; its measures stand in the ring beside it */
    uint32_t joins;       /* activity plus one, of which several reports are known now */
    int8_t sums;          /* 1: its numbers were added, -1: taken */
    int8_t alone;         /* 1: it is the only report of its activity, -1: no longer */
    bool leaves;          /* an activity of several reports */
};

struct changes {
    struct change items[CHANGES_KEPT];
    struct kept_measure measures[CHANGES_KEPT][UINT8_MAX];
};

/* Change `change->number` happened; its measures are copied. */
void changes_note(struct changes *changes, const struct change *change, const struct kept_measure *measures);

/* The change; NULL when it is not kept any more. */
const struct change *changes_find(const struct changes *changes, uint64_t number);

/* Does to a cell what was done. Errors as cells_add. */
int changes_apply(const struct changes *changes, const struct change *change, struct cells *cells, uint32_t cell);
