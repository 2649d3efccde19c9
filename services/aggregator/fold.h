/* The fold: one event into the tally. Pure: no clock, no file, no settings.
 *
 * report.submitted      counts for its unit, its programmes and its day, and as a share of its activity
 * report.amended        takes the report's old contribution out and puts the new one in
 * report.withdrawn      takes it out for good
 * report.accepted, .returned  what the office said of it as it is; an amendment is not looked at yet
 * activity.merged       makes two activities one
 * unit.set, client.set  names, places in lists; keys
 * All other types, also those that this build does not know, change no figure and are passed over; so is an amendment or a
 * withdrawal of what is no report, or was withdrawn (intake admits none).
 *
 * Numbers of people are attendances when counted in 名 人 位 人次 or without a unit; other units (户 组 ...) are the measure
 * 参与 with that unit.
 */
#pragma once

#include "common/arena.h"
#include "common/journal/block.h"
#include "services/aggregator/tally.h"

/* 0; -ERR_CORRUPT when the event breaks what the journal guarantees (an id twice, a value over its limit), -ERR_TOO_BIG
 * when a sum leaves its range, -ERR_NO_MEMORY. After an error the tally is of no use. */
int fold_event(struct tally *tally, const struct event *event, struct error *error);

/* All events of a block, then its position: a tally stands at the end of a block. `arena` is reset every few events.
 * Errors as fold_event, and damage that the block's bytes show. */
int fold_block(struct tally *tally, const struct journal_block *block, const struct position *after,
               struct arena *arena, struct error *error);
