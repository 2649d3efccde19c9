/* What the outbox holds, in SQL. */
#include "services/notifier/held.h"

#include "proto/shape.h"
#include "services/notifier/statement.h"

/* A path and all under it: '0' is the character behind '/'. */
#define HELD "state = 'held' AND broken = 0 AND (?1 = '' OR unit = ?1 OR (unit > ?1 || '/' AND unit < ?1 || '0'))"

int held_list(struct database *database, struct held_place after, struct text within, struct held_place *places,
              int max, struct error *error) {
    static const char sql[] = "SELECT next_at, number FROM outbox WHERE " HELD
                              " AND (next_at, number) > (?2, ?3) ORDER BY next_at, number LIMIT ?4";
    sqlite3_stmt *statement = NULL;
    int count = 0;
    int result = database_prepare(database, sql, &statement, error);
    if (result < 0) {
        return result;
    }
    bind_text(statement, 1, within);
    sqlite3_bind_int64(statement, 2, after.next_at);
    sqlite3_bind_int64(statement, 3, after.number);
    sqlite3_bind_int(statement, 4, max);
    while ((result = database_step(database, statement, error)) == 1) {
        places[count++] = (struct held_place){sqlite3_column_int64(statement, 0), sqlite3_column_int64(statement, 1)};
    }
    sqlite3_finalize(statement);
    return result < 0 ? result : count;
}

int held_sums(struct database *database, struct text within, struct held_sum sums[CHANNEL_COUNT], struct error *error) {
    static const char sql[] =
        "SELECT channel, sum(next_at > 0), sum(next_at = 0) FROM outbox WHERE " HELD " GROUP BY channel";
    sqlite3_stmt *statement = NULL;
    int result = database_prepare(database, sql, &statement, error);
    if (result < 0) {
        return result;
    }
    for (int channel = 0; channel < CHANNEL_COUNT; channel++) {
        sums[channel] = (struct held_sum){0};
    }
    bind_text(statement, 1, within);
    while ((result = database_step(database, statement, error)) == 1) {
        int channel = word_find(KIND_CHANNEL, column_text(statement, 0));
        if (channel >= 0) {
            sums[channel] = (struct held_sum){sqlite3_column_int64(statement, 1), sqlite3_column_int64(statement, 2)};
        }
    }
    sqlite3_finalize(statement);
    return result;
}
