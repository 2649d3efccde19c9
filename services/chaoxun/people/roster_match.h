/* Which volunteer a row of a roster means, and what it changes. Pure; entries are the archiver's, asked for with left=true. */
#pragma once

#include "common/arena.h"
#include "services/chaoxun/people/volunteer_sheet.h"

enum roster_match {
    ROSTER_NEW,       /* nobody */
    ROSTER_KNOWN,     /* one who serves or served with a squad of the row */
    ROSTER_ELSEWHERE, /* one of the same number and name, of other squads only: who joins that of the row too */
    ROSTER_SEVERAL    /* more than one: only the id can tell */
};

/* `found`: those with the row's number, or the one with its id. */
enum roster_match roster_match(const struct volunteer_row *row, const struct list *found,
                               const struct wire_volunteer_entry **who);

/* Whether the volunteer serves with the unit, or with one under it. */
bool roster_serves(const struct wire_volunteer_entry *who, struct text unit);

/* Whether the volunteer left it before and serves there no more; `*day` gets the day. */
bool roster_has_left(const struct wire_volunteer_entry *who, struct text unit, int32_t *day);

/* The body of a volunteer.updated with what the row says otherwise than the record; where the volunteer `joins`, with the
 * squads of the row beside those of now. Empty cells change nothing, and no squad is taken away: only a day of leaving
 * does that. 1, 0 when nothing differs, -ERR_NO_MEMORY. */
int roster_changes(const struct volunteer_row *row, const struct wire_volunteer_entry *who, bool joins,
                   struct arena *arena, struct wire_volunteer *body);
