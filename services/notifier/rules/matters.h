/* Matters: what is open and may want a reminder: problems that are not dealt with, and notices that a unit has not read.
 * Folded from the events of problems and from notices; kept for a while when they are closed (prune.h), for a problem may be
 * opened again.
 *
 * Writing takes place within the caller's transaction. Reads no clock. Errors as of database.h.
 */
#pragma once

#include "proto/event.h"
#include "services/notifier/statement.h"

#define MATTER_PLACE_BYTES 340 /* town and lasting name of a place */

enum matter_kind { MATTER_PROBLEM, MATTER_NOTICE };

struct matter {
    struct id subject;             /* of the problem.raised or notice.issued */
    char unit[EVENT_UNIT_MAX + 1]; /* whom it concerns */
    int64_t begun;                 /* when it was received; of a problem that is open again, when that was */
    char place[MATTER_PLACE_BYTES + 1];
};

#define MATTERS_STATEMENTS 9

struct matters {
    struct database *database;
    sqlite3_stmt *statements[MATTERS_STATEMENTS];
};

/* Makes its table where there is none. */
int matters_open(struct matters *matters, struct database *database, struct error *error);
void matters_close(struct matters *matters);

/* An event of a problem's life: it opens, is handed on, or is closed. Others change nothing. */
int matters_fold_problem(struct matters *matters, const struct event *event, struct error *error);

/* A notice concerns a unit: it waits to be read there. */
int matters_open_notice(struct matters *matters, const struct event *event, struct text unit, struct error *error);
/* The unit read it (notice.read, .confirmed, .answered), or it was recalled (`unit` empty: everywhere). */
int matters_close_notice(struct matters *matters, const struct id *notice, struct text unit, struct error *error);

/* The open ones that began after `from` and up to `to`, the earliest first; `take` returns 0 or ends the walk with < 0. How
 * many, or < 0. */
int matters_each(struct matters *matters, enum matter_kind kind, int64_t from, int64_t to,
                 int (*take)(void *data, const struct matter *matter), void *data, struct error *error);

/* When the first open one began after `from`: 1 and the time, or 0. */
int matters_next(struct matters *matters, enum matter_kind kind, int64_t from, int64_t *begun, struct error *error);
