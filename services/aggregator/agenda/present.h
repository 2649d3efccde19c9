/* The owings as they stand, kept from one question to the next: only activities of which something was folded since are
 * derived again. Made by the first question, or ahead of it by the warmer; all anew where a unit's kind changed.
 */
#pragma once

#include "services/aggregator/agenda/owings.h"
#include "services/aggregator/squads.h"

#define PRESENT_ALL UINT32_MAX

/* Derives at most `most` activities, PRESENT_ALL for every one that it has to; `squads` are those of now. How many are left, or
 * -ERR_NO_MEMORY. */
int64_t present_refresh(struct tally *tally, const struct squads *squads, uint32_t most);

/* After present_refresh: what is owed now by all squads. */
const struct owings *present_owings(const struct tally *tally);
