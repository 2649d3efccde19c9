/* Completeness and timeliness: the reports that squads owe for planned activities, and what became of each. */
#pragma once

#include "common/arena.h"
#include "proto/fold_settings.h"
#include "services/aggregator/agenda/late.h"
#include "services/aggregator/agenda/owings.h"
#include "services/aggregator/squads.h"

struct completeness {
    uint64_t at;   /* AT_HEAD: as it stands */
    uint32_t unit; /* only this and what lies under it; UNIT_NONE: all */
    struct range months;
    bool late_only; /* only months that were late */
    bool sums_only; /* who is missing is not asked for */
    uint32_t limit;
    int32_t ahead; /* missing: also what is due within so many days; below zero: only what is overdue */
    int32_t today; /* or DAY_UNKNOWN */

    const struct squads *squads; /* as they stood */
    const struct owings *owings; /* of all that is asked for, and maybe of more */
    struct owings own;           /* where they are not those of now */
    int32_t kept_until;          /* see then.h; INT32_MIN: no month is kept */
};

/* -ERR_BAD_QUERY, -ERR_UNKNOWN_UNIT and what `at` gives. */
int completeness_read(const struct tally *tally, const struct wire_completeness_query *query,
                      struct completeness *completeness, struct error *error);
void completeness_free(struct completeness *completeness);

/* Collects what is owed; `squads` lends its memory until the answers are made. 0 or -ERR_NO_MEMORY. */
int completeness_collect(struct completeness *completeness, struct squads *squads, struct tally *tally);

/* Whether what the unit owes stands in rows of squads, as it does where all units are asked for: not so of a team. */
bool completeness_is_of_squads(const struct completeness *completeness, const struct squads *squads);

/* Asks for what was owed of a month when its due day, which is over, ended. 0 or what reading a moment gives. */
int completeness_ask_end_of(struct completeness *then, const struct tally *tally, const struct late_month *which,
                            uint32_t unit);

/* Likewise, and collects it; completeness_free then, whatever it gives. */
int completeness_at_end_of(struct completeness *then, struct squads *squads, struct tally *tally,
                           const struct late_month *which, uint32_t unit);

/* rows.c: the answers, in the arena. `late` lends its memory. 0, -ERR_NO_MEMORY or what reading a moment gives. */
int completeness_answer(const struct completeness *completeness, struct squads *late, struct tally *tally,
                        struct arena *arena, struct wire_completeness_answer *answer);
int missing_answer(const struct completeness *completeness, const struct tally *tally, struct arena *arena,
                   struct wire_missing_answer *answer);

/* The number that held for the unit at the time that is asked for. */
int32_t completeness_setting(const struct completeness *completeness, const struct tally *tally, uint32_t unit,
                             enum fold_setting setting);
