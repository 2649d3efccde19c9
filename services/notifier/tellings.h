/* Tellings: events that the journal is still to be told, first in first out: delivery.updated, alert.raised, alert.cleared,
 * and what is handed in for people: notice.confirmed and .answered by a link or by SMS, report.submitted by SMS.
 *
 * One is written in the transaction of the change that it tells, and removed when intake has given its receipt. Each row
 * carries a checksum; one that does not fit is told in the log and passed over. Errors as of database.h.
 */
#pragma once

#include "common/log.h"
#include "proto/event.h"
#include "services/notifier/columns.h"

struct telling {
    int64_t number; /* rises; made by tellings_add */
    int64_t row;    /* of the outbox; 0: it tells of an alert, an answer or a report */
    enum channel channel;
    int32_t attempt;   /* of the change */
    bool sending;      /* the row became sending: it is handed over when this is told */
    struct id id;      /* of the event */
    struct text event; /* PART_CLIENT; of one that was read: borrowed from the walk */
};

#define TELLINGS_STATEMENTS 9

struct tellings {
    struct database *database;
    const struct log *log;
    sqlite3_stmt *statements[TELLINGS_STATEMENTS];
    int64_t last; /* number */
};

int tellings_open(struct tellings *tellings, struct database *database, const struct log *log, struct error *error);
void tellings_close(struct tellings *tellings);

int tellings_add(struct tellings *tellings, struct telling *telling, struct error *error);

/* An event of no message: of an alert, of a confirmation. */
int tellings_add_event(struct tellings *tellings, const struct event *event, struct error *error);

/* Walks those above `after`, rising; `take` returns 0 to go on, 1 to end the walk, or < 0. */
int tellings_each(struct tellings *tellings, int64_t after, int (*take)(void *data, const struct telling *telling),
                  void *data, struct error *error);

int tellings_remove(struct tellings *tellings, int64_t number, struct error *error);

/* The same of alerts, by the event's id. */
int tellings_remove_event(struct tellings *tellings, const struct id *event, struct error *error);
int tellings_has(struct tellings *tellings, const struct id *event, struct error *error); /* 1 or 0 */

/* Whether one waits that says that the row became sending with this attempt: 1 or 0. */
int tellings_has_sending(struct tellings *tellings, int64_t row, int32_t attempt, struct error *error);

/* Takes the sides out of the events of a row: who they speak of was erased. */
int tellings_strip(struct tellings *tellings, int64_t row, struct error *error);

/* How many wait. */
int tellings_count(struct tellings *tellings, int64_t *count, struct error *error);

/* The first one above `*number`, which moves on to it: 1 it fits, 0 it does not, -ERR_NOT_FOUND when there is none. */
int tellings_check(struct tellings *tellings, int64_t *number, struct error *error);
