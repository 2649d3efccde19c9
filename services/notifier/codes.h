/* Codes: the number by which an SMS about a matter can be answered ("回复 4821 确认"). A matter is a notice that is to be
 * confirmed, or what a rule fired for, whatever of it was told how often. Folded, so that they can be made again.
 *
 * A code has four digits. No two of a person that are kept are the same; they are kept for 30 days behind their end, so that a
 * late answer is told what it is about. Who has too many gets none: the SMS says none then. Writing takes place within the
 * caller's transaction. Reads no clock. Each row carries a checksum. Errors as of database.h.
 */
#pragma once

#include "services/notifier/outbox.h"

#define CODES_STATEMENTS 11
#define CODES_ALERT_MS INT64_C(2592000000) /* 30 days: so long the code of an alert holds */

enum code_state {
    CODE_OPEN,
    CODE_ANSWERED, /* by this person: confirmed, or answered in words */
    CODE_RECALLED,
    CODE_OVER,     /* what the rule fired for is over */
    CODE_ELSEWHERE /* somebody else, or another way, answered for this person too */
};

struct code {
    int64_t number;   /* 1000 to 9999, but nothing that reads as a year */
    int64_t until;    /* ms since 1970 UTC */
    int64_t state;    /* enum code_state */
    struct id matter; /* of the notice, or of the first alert */
    struct id notice; /* the notice, or the alert that this person was told last */
    struct id ref;    /* of its message (outbox.h) */
    char person[EVENT_BY_MAX + 1];
    char unit[EVENT_UNIT_MAX + 1]; /* as whose contact */
};

struct codes {
    struct database *database;
    sqlite3_stmt *statements[CODES_STATEMENTS];
};

/* Makes its table where there is none. */
int codes_open(struct codes *codes, struct database *database, struct error *error);
void codes_close(struct codes *codes);

/* For an SMS of the outbox about a matter: the code that the person has for it, or a new one; it is open again. A message that
 * has one already changes nothing. 0 or < 0. */
int codes_give(struct codes *codes, const struct outbox_row *row, const struct id *matter, int64_t until,
               struct error *error);

/* The person's code for a matter, and the one with a number: 1, or 0 when there is none. */
int codes_get(struct codes *codes, const char *person, const struct id *matter, struct code *code, struct error *error);
int codes_find(struct codes *codes, const char *person, int64_t number, struct code *code, struct error *error);

/* The person's codes that are in a state and hold at `now`, those that end first, at most `max`: how many, or < 0. */
int codes_each(struct codes *codes, const char *person, enum code_state state, int64_t now, struct code *found, int max,
               struct error *error);

/* Whether anybody has a code for the matter: 1 or 0. */
int codes_any(struct codes *codes, const struct id *matter, struct error *error);

/* In the fold: this person answered the matter; somebody did for all others, or for those of a unit (empty: all), whose codes
 * are open; it has come to its end for everybody. */
int codes_answer(struct codes *codes, const struct id *matter, struct text person, struct error *error);
int codes_answer_elsewhere(struct codes *codes, const struct id *matter, struct text unit, struct error *error);
int codes_end(struct codes *codes, const struct id *matter, enum code_state state, struct error *error);

int codes_forget_person(struct codes *codes, struct text person, struct error *error);
