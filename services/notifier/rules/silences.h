/* Silences: times in which rules say nothing, as silence.set left them, the last of each name; kept in notifier.db. Who
 * sends asks before a message of an alert goes out. Reads no clock. Errors as of database.h.
 */
#pragma once

#include "proto/event.h"
#include "services/notifier/statement.h"

#define SILENCES_STATEMENTS 3

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
