/* Whom a notice reached, in sums over its messages and readings; and what readings say of one recipient. Asked by SQL, so that
 * nothing grows with the recipients but the time of the sums.
 *
 * A reading by a recipient is that one's own. One by somebody who is no recipient, as an account of the portal, speaks for the
 * recipients of its unit. Errors as of database.h.
 */
#pragma once

#include "proto/event.h"
#include "services/notifier/statement.h"

struct reached_sums {
    int64_t recipients; /* each once */
    int64_t seen;       /* read, confirmed or answered */
    int64_t confirmed;
    int64_t again; /* messages that reached nobody and do not go by themselves */
};

/* The first times; 0: not so far. */
struct reached_times {
    int64_t read_at;
    int64_t confirmed_at;
    int64_t answered_at;
};

/* A notice, for readers of `within` (empty: all). */
struct reached_by {
    int64_t seq;
    const struct id *id;
    struct text within;
};

#define REACHED_STATEMENTS 8

struct reached {
    struct database *database;
    sqlite3_stmt *statements[REACHED_STATEMENTS];
};

int reached_open(struct reached *reached, struct database *database, struct error *error);
void reached_close(struct reached *reached);

int reached_sums(struct reached *reached, const struct reached_by *by, struct reached_sums *sums, struct error *error);

/* Units of recipients who have not seen it, by path, at most `max`; `take` returns 0 or ends the walk with < 0. */
int reached_unseen(struct reached *reached, const struct reached_by *by, int max,
                   int (*take)(void *data, struct text unit), void *data, struct error *error);

/* When anybody of `within` did, and when it was recalled. */
int reached_first(struct reached *reached, const struct reached_by *by, struct reached_times *times,
                  int64_t *recalled_at, struct error *error);
int reached_recalled(struct reached *reached, const struct reached_by *by, int64_t *recalled_at, struct error *error);

/* When a recipient did; when somebody did who speaks for a unit. */
int reached_person(struct reached *reached, const struct reached_by *by, struct text person,
                   struct reached_times *times, struct error *error);
/* Whether a message of it was made for the person: 1 or 0. */
int reached_is_recipient(struct reached *reached, const struct reached_by *by, struct text person, struct error *error);

/* Who confirmed or answered it last: of all, or of those who speak for a unit (empty: of all). */
struct reached_answerer {
    int64_t at; /* ms since 1970 UTC */
    char unit[EVENT_UNIT_MAX + 1];
    char person[EVENT_BY_MAX + 1];     /* "": no number was given */
    char source[EVENT_SOURCE_MAX + 1]; /* "report": a report that names it */
};

/* 1, or 0 when nobody did. */
int reached_answered_by(struct reached *reached, const struct reached_by *by, struct text unit,
                        struct reached_answerer *who, struct error *error);
int reached_unit(struct reached *reached, const struct reached_by *by, struct text unit, struct reached_times *times,
                 struct error *error);
