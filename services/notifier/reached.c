/* Sums of who was reached, in SQLite. */
#include "services/notifier/reached.h"

#include <assert.h>
#include <stdio.h>

#include "services/notifier/readings.h"

/* A path and all under it: '0' is the character behind '/'. */
#define WITHIN(unit) "(?3 = '' OR " unit " = ?3 OR (" unit " > ?3 || '/' AND " unit " < ?3 || '0'))"

#define MESSAGES "outbox AS m WHERE m.notice_seq = ?1 AND m.broken = 0 AND " WITHIN("m.unit")
#define READINGS "readings AS r WHERE r.notice = CAST(?2 AS BLOB)"
/* SQLite would look through all readings of the notice for it. */
#define READINGS_OF_PERSON \
    "readings AS r INDEXED BY readings_person WHERE r.notice = CAST(?2 AS BLOB) AND r.person = ?4"
#define STRANGER \
    "NOT EXISTS (SELECT 1 FROM outbox AS o WHERE o.notice_seq = ?1 AND o.person = r.person AND o.broken = 0)"
#define SEEN "(r.read_at > 0 OR r.confirmed_at > 0 OR r.answered_at > 0)"

/* Whether readings of this kind hold for the message `m`. */
#define HOLDS(kind) \
    "(m.person IN (SELECT r.person FROM " READINGS \
    " AND " WITHIN("r.unit") " AND " kind ")" \
                             " OR m.unit IN (SELECT r.unit FROM " READINGS \
                             " AND " WITHIN("r.unit") " AND " kind " AND " STRANGER "))"

#define PEOPLE "(SELECT count(DISTINCT m.person) FROM " MESSAGES

/* The first times, and how many rows do not fit. */
#define FIRST(field) "ifnull(min(nullif(r." field ", 0)), 0)"
#define TIMES \
    "SELECT " FIRST("read_at") ", " FIRST("confirmed_at") ", " FIRST("answered_at") ", ifnull(sum(r.checksum IS NOT" \
                                                                                    " row_checksum(" READINGS_COLUMNS \
                                                                                    ")), 0)"

enum { SUMS, UNSEEN, FIRSTS, RECALLED, OF_PERSON, OF_UNIT, RECIPIENT, ANSWERED_BY, STATEMENT_COUNT };

static_assert(STATEMENT_COUNT == REACHED_STATEMENTS, "room for each");

static const char *const sql[STATEMENT_COUNT] = {
    [SUMS] = "SELECT " PEOPLE "), " PEOPLE " AND " HOLDS(SEEN) "), " PEOPLE " AND " HOLDS(
        "r.confirmed_at > 0") "),"
                              " (SELECT count(*) FROM " MESSAGES " AND (m.state IN ('dead', 'undelivered', 'expired')"
                              " OR (m.state = 'held' AND m.next_at = 0)))",
    [UNSEEN] = "SELECT DISTINCT m.unit FROM " MESSAGES " AND NOT " HOLDS(SEEN) " ORDER BY m.unit LIMIT ?4",
    [FIRSTS] = TIMES " FROM " READINGS " AND " WITHIN("r.unit"),
    [RECALLED] = "SELECT ifnull(min(r.recalled_at), 0) FROM " READINGS " AND r.recalled_at > 0",
    [OF_PERSON] = TIMES " FROM " READINGS_OF_PERSON " AND " WITHIN("r.unit"),
    [OF_UNIT] = TIMES " FROM " READINGS " AND r.unit = ?4 AND " WITHIN("r.unit") " AND " STRANGER,
    [RECIPIENT] = "SELECT 1 FROM outbox WHERE notice_seq = ?1 AND person = ?4 AND broken = 0 LIMIT 1",
    [ANSWERED_BY] = "SELECT r.checksum IS row_checksum(" READINGS_COLUMNS "), r.unit, r.person, r.source,"
                    " max(r.confirmed_at, r.answered_at) AS at FROM " READINGS
                    " AND at > 0 AND (?4 = '' OR (r.unit = ?4 AND " STRANGER ")) ORDER BY at DESC LIMIT 1",
};

int reached_open(struct reached *reached, struct database *database, struct error *error) {
    *reached = (struct reached){.database = database};
    return statements_open(database, sql, STATEMENT_COUNT, reached->statements, error);
}

void reached_close(struct reached *reached) {
    statements_close(reached->statements, STATEMENT_COUNT);
}

static sqlite3_stmt *begin(struct reached *reached, int index, const struct reached_by *by) {
    sqlite3_stmt *statement = reached->statements[index];
    sqlite3_bind_int64(statement, 1, by->seq);
    bind_id(statement, 2, by->id);
    bind_text(statement, 3, by->within);
    return statement;
}

static int end(sqlite3_stmt *statement, int result) {
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    return result < 0 ? result : 0;
}

int reached_sums(struct reached *reached, const struct reached_by *by, struct reached_sums *sums, struct error *error) {
    sqlite3_stmt *statement = begin(reached, SUMS, by);
    int result = database_step(reached->database, statement, error);
    *sums = (struct reached_sums){0};
    if (result == 1) {
        *sums = (struct reached_sums){sqlite3_column_int64(statement, 0), sqlite3_column_int64(statement, 1),
                                      sqlite3_column_int64(statement, 2), sqlite3_column_int64(statement, 3)};
    }
    return end(statement, result);
}

int reached_unseen(struct reached *reached, const struct reached_by *by, int max,
                   int (*take)(void *data, struct text unit), void *data, struct error *error) {
    sqlite3_stmt *statement = begin(reached, UNSEEN, by);
    int taken = 0;
    int result = 1;
    sqlite3_bind_int(statement, 4, max);
    while (taken == 0 && (result = database_step(reached->database, statement, error)) == 1) {
        taken = take(data, column_text(statement, 0));
    }
    return end(statement, taken < 0 ? taken : result);
}

/* ---- times ---- */

static int read_times(struct reached *reached, sqlite3_stmt *statement, struct reached_times *times,
                      struct error *error) {
    int result = database_step(reached->database, statement, error);
    *times = (struct reached_times){0};
    if (result == 1 && sqlite3_column_int64(statement, 3) > 0) {
        result = error_set(error, ERR_CORRUPT,
                           (struct error_words){.field = "a reading's row", .value = "it does not fit its checksum"});
    } else if (result == 1) {
        *times = (struct reached_times){sqlite3_column_int64(statement, 0), sqlite3_column_int64(statement, 1),
                                        sqlite3_column_int64(statement, 2)};
    }
    return end(statement, result);
}

int reached_recalled(struct reached *reached, const struct reached_by *by, int64_t *recalled_at, struct error *error) {
    sqlite3_stmt *statement = reached->statements[RECALLED];
    bind_id(statement, 2, by->id);
    int result = database_step(reached->database, statement, error);
    *recalled_at = result == 1 ? sqlite3_column_int64(statement, 0) : 0;
    return end(statement, result);
}

int reached_first(struct reached *reached, const struct reached_by *by, struct reached_times *times,
                  int64_t *recalled_at, struct error *error) {
    int result = reached_recalled(reached, by, recalled_at, error);
    return result < 0 ? result : read_times(reached, begin(reached, FIRSTS, by), times, error);
}

static int times_of(struct reached *reached, int index, const struct reached_by *by, struct text of,
                    struct reached_times *times, struct error *error) {
    sqlite3_stmt *statement = begin(reached, index, by);
    bind_text(statement, 4, of);
    return read_times(reached, statement, times, error);
}

int reached_person(struct reached *reached, const struct reached_by *by, struct text person,
                   struct reached_times *times, struct error *error) {
    return times_of(reached, OF_PERSON, by, person, times, error);
}

int reached_is_recipient(struct reached *reached, const struct reached_by *by, struct text person,
                         struct error *error) {
    sqlite3_stmt *statement = begin(reached, RECIPIENT, by);
    bind_text(statement, 4, person);
    int result = database_step(reached->database, statement, error);
    int ended = end(statement, result);
    return ended < 0 ? ended : result == 1;
}

int reached_answered_by(struct reached *reached, const struct reached_by *by, struct text unit,
                        struct reached_answerer *who, struct error *error) {
    sqlite3_stmt *statement = begin(reached, ANSWERED_BY, by);
    bind_text(statement, 4, unit);
    int result = database_step(reached->database, statement, error);
    int found = result == 1;
    if (result == 1 && sqlite3_column_int(statement, 0) != 1) {
        result = error_set(error, ERR_CORRUPT,
                           (struct error_words){.field = "a reading's row", .value = "it does not fit its checksum"});
    } else if (result == 1) {
        who->at = sqlite3_column_int64(statement, 4);
        snprintf(who->unit, sizeof who->unit, "%s", column_text(statement, 1).data);
        snprintf(who->person, sizeof who->person, "%s", column_text(statement, 2).data);
        snprintf(who->source, sizeof who->source, "%s", column_text(statement, 3).data);
    }
    int ended = end(statement, result);
    return ended < 0 ? ended : found;
}

int reached_unit(struct reached *reached, const struct reached_by *by, struct text unit, struct reached_times *times,
                 struct error *error) {
    return times_of(reached, OF_UNIT, by, unit, times, error);
}
