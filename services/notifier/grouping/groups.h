/* Groups: which messages of the outbox wait for others, which were added to the message of another, and when a group went out
 * last. Kept in notifier.db, folded from alerts and deliveries, so that it can be made again.
 *
 * A row stands here as long as it waits, and for good once another carries it; who goes by itself leaves. Writing takes place
 * within the caller's transaction. Reads no clock. Errors as of database.h.
 */
#pragma once

#include "services/notifier/grouping/grouping.h"
#include "services/notifier/statement.h"

struct group_row {
    int64_t row; /* number in the outbox */
    char person[EVENT_BY_MAX + 1];
    enum channel channel;
    int64_t came; /* when the alert was received */
    struct grouping grouping;
    struct id carrier; /* the alert whose message to the same person carries it; zero: it waits */
};

#define GROUPS_STATEMENTS 8

struct groups {
    struct database *database;
    sqlite3_stmt *statements[GROUPS_STATEMENTS];
};

/* Makes its tables where there are none. */
int groups_open(struct groups *groups, struct database *database, struct error *error);
void groups_close(struct groups *groups);

/* Writes a new row or one that changed. */
int groups_put(struct groups *groups, const struct group_row *row, struct error *error);

/* 1 found, 0 not there. */
int groups_get(struct groups *groups, int64_t number, struct group_row *row, struct error *error);

/* It goes by itself, or not at all. */
int groups_remove(struct groups *groups, int64_t number, struct error *error);

/* The numbers of those that wait in the same group and are due by then (INT64_MAX: all), in their order, without `row` itself;
 * at most `max`. How many, or < 0. */
int groups_waiting(struct groups *groups, const struct group_row *row, int64_t due_by, int64_t *numbers, int max,
                   struct error *error);

/* The numbers of those that the message of an alert to a person carries, in their order; at most `max`. How many, or < 0. */
int groups_carried(struct groups *groups, const struct id *carrier, const char *person, int64_t *numbers, int max,
                   struct error *error);

/* When the group went out last, 0: never; and that it did. */
int groups_flushed(struct groups *groups, const struct group_row *row, int64_t *at, struct error *error);
int groups_flush(struct groups *groups, const struct group_row *row, int64_t at, struct error *error);
