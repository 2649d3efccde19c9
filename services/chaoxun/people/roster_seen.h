/* What of a roster was seen already: which numbers, in which squads, in this round and before. */
#pragma once

#include "services/chaoxun/people/volunteer_sheet.h"

struct roster_seen;

struct roster_seen *roster_seen_create(uint32_t rows); /* NULL without memory */
void roster_seen_free(struct roster_seen **seen);

enum roster_again {
    ROSTER_FIRST,   /* the row's squad and number come for the first time */
    ROSTER_SAME,    /* they came before, with the same content */
    ROSTER_DIFFERS, /* with other content, in the row `*before` */
};

/* To be asked once for each row without faults. */
enum roster_again roster_seen_row(struct roster_seen *seen, const struct volunteer_row *row, uint32_t *before);

/* Whether a row of the same person is under way in this round; if not, this one is from now on. */
bool roster_seen_person(struct roster_seen *seen, const struct volunteer_row *row, uint32_t round);

/* A name that is to be enrolled under the row's number; whether it was noted before (--check, where nothing is stored). */
bool roster_seen_new(struct roster_seen *seen, const struct volunteer_row *row);
