/* The owings as they stand, kept from one question to the next: only activities of which something was folded since are
 * derived again. Made by the first question, or ahead of it by the warmer; all anew where a unit's kind changed.
 */
#pragma once

#include "services/aggregator/agenda/owings.h"
#include "services/aggregator/merged.h"
#include "services/aggregator/squads.h"

#define PRESENT_ALL UINT32_MAX

/* Derives at most `most` activities, PRESENT_ALL for every one that it has to; `squads` are those of now. How many are left, or
 * -ERR_NO_MEMORY. */
int64_t present_refresh(struct tally *tally, const struct squads *squads, uint32_t most);

/* After present_refresh: what is owed now by all squads. */
const struct owings *present_owings(const struct tally *tally);

/* Likewise: sums, without rows, of units under a squad, each for itself. */
const struct owings *present_below(const struct tally *tally);

/* Brings what is owed up to now, where it is made already. 1; 0: it is not made, or much is to be derived; -ERR_NO_MEMORY. */
int present_follow(struct tally *tally);

/* After that, when it was 1. Whether units stood under the same squads then as they do now; the activities that became one; whether
 * this is one of them; whether anything that matters to what is owed for an activity that is none of them changed after `at`. */
bool present_is_like(const struct tally *tally, const struct squads *then);
const struct merged *present_merged(const struct tally *tally);
bool present_is_merged(const struct tally *tally, uint32_t activity);
bool present_changed(const struct tally *tally, uint32_t activity, uint64_t at);
