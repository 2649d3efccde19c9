/* Pruning, in SQL. */
#include "services/notifier/rules/prune.h"

#define MS_PER_DAY INT64_C(86400000)
#define DAYS_BETWEEN 28
#define OVER_DAYS 366 /* the most that expire-hours can be, and a day */
#define OLD_DAYS 800  /* a year's wait, a year to expire, and what lies between a month and its look */

#define NO_ALERT_SINCE \
    "NOT EXISTS (SELECT 1 FROM alerts, notices WHERE alerts.first = incidents.first AND notices.id = alerts.id" \
    " AND notices.received_at >= ?1)"

/* Each takes the time before which it is old. */
static const struct pruned {
    const char *sql;
    int64_t days;
} pruned[] = {
    {"DELETE FROM incidents WHERE ended = 2 AND " NO_ALERT_SINCE, OVER_DAYS},
    {"DELETE FROM incidents WHERE ended < 2 AND next_at = 0 AND " NO_ALERT_SINCE, OLD_DAYS},
    {"DELETE FROM alerts WHERE NOT EXISTS (SELECT 1 FROM incidents WHERE incidents.first = alerts.first)", 0},
    {"DELETE FROM matters WHERE begun < ?1", OLD_DAYS},
    {"DELETE FROM matters WHERE open = 0 AND begun < ?1", OVER_DAYS},
    {"DELETE FROM looked WHERE at < ?1", OVER_DAYS},
};

static int prune(struct store *store, const char *sql, int64_t before, struct error *error) {
    sqlite3_stmt *statement = NULL;
    int result = database_prepare(&store->database, sql, &statement, error);
    if (result == 0 && sqlite3_bind_parameter_count(statement) > 0) {
        sqlite3_bind_int64(statement, 1, before);
    }
    result = result < 0 ? result : database_step(&store->database, statement, error);
    sqlite3_finalize(statement);
    return result;
}

int prune_fold(struct store *store, const struct event *event, struct error *error) {
    int result = 0;
    if (event->body->clock_day.day % DAYS_BETWEEN != 0) {
        return 0;
    }
    for (size_t i = 0; i < sizeof pruned / sizeof *pruned && result == 0; i++) {
        result = prune(store, pruned[i].sql, event->received_at - pruned[i].days * MS_PER_DAY, error);
    }
    return result;
}
