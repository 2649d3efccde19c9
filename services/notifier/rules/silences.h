/* Silences: times in which rules say nothing, as silence.set left them, the last of each name; kept in notifier.db. Who
 * sends asks before a message of an alert goes out. Reads no clock. Errors as of database.h.
 */
#pragma once

#include "proto/event.h"
#include "services/notifier/statement.h"

#define SILENCES_STATEMENTS 5

struct silences {
    struct database *database;
    sqlite3_stmt *statements[SILENCES_STATEMENTS];
};

/* What a silence is asked about. */
struct silenced {
    struct text rule; /* of the alert */
    struct text unit; /* that it is about */
    bool urgent;
    int64_t now;
};

/* Makes its table where there is none. */
int silences_open(struct silences *silences, struct database *database, struct error *error);
void silences_close(struct silences *silences);

/* A silence.set: the silence as it is from now on. */
int silences_set(struct silences *silences, const struct event *event, struct error *error);
int silences_forget_event(struct silences *silences, const struct id *event, struct error *error); /* its reason */

/* Whether a silence holds: 1, until when the longest lasts and its name; or 0. */
int silences_find(struct silences *silences, const struct silenced *of, int64_t *until, char name[65],
                  struct error *error);

/* One of them; its texts are borrowed. */
struct silence_row {
    struct text silence;
    struct text unit;
    struct text units; /* paths, separated by spaces; empty: all under the unit */
    struct text rule;  /* empty: all */
    int64_t from;
    int64_t until;
    bool urgent;
    struct text owner;
    struct text reason; /* empty: it was removed */
};

int silences_count(struct silences *silences, int64_t *count, struct error *error);
/* Walks them, those that end first at first; `take` returns 0 or ends the walk with < 0. */
int silences_each(struct silences *silences, int (*take)(void *data, const struct silence_row *row), void *data,
                  struct error *error);
