/* The outbox in SQLite. */
#include "services/notifier/outbox.h"

#include <assert.h>
#include <inttypes.h>

#include <sodium.h>

/* A path and all under it: '0' is the character behind '/'. */
#define WITHIN(unit) "(" unit " = '' OR unit = " unit " OR (unit > " unit " || '/' AND unit < " unit " || '0'))"

#define FIXED "ref, notice, notice_seq, issued_at, urgent, revision, step, person, channel, unit, place, contact"
#define CHANGING "name, address, state, attempts, repeats, since, next_at, removed, words, told"
#define SELECT "SELECT number, broken, checksum, " FIXED ", " CHANGING " FROM outbox "
#define NUMBERS "SELECT number FROM outbox WHERE number > ?1 AND "

enum { COLUMN_NUMBER, COLUMN_BROKEN, COLUMN_CHECKSUM, COLUMN_FIRST };
enum { FIXED_COLUMNS = 12, ALL_COLUMNS = 22, CHANGING_COLUMNS = ALL_COLUMNS - FIXED_COLUMNS };

enum {
    ADD,
    PUT,
    GET,
    FIND,
    SET_ASIDE,
    BLANK,
    DUE,
    NEXT_DUE,
    TOTAL,
    DELAYED,
    FIGURES,
    COUNT,
    EACH,
    LAST,
    LATEST,
    CHOOSE, /* and one for each choice */
    STATEMENT_COUNT = CHOOSE + OUTBOX_CHOICES
};

static_assert(STATEMENT_COUNT == OUTBOX_STATEMENTS, "room for each");

static const char *const sql[STATEMENT_COUNT] = {
    [ADD] = "INSERT INTO outbox (number, due, broken, checksum, " FIXED ", " CHANGING ")"
            " VALUES (?1, ?2, 0, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20,"
            " ?21, ?22, ?23, ?24, ?25) ON CONFLICT (ref) DO NOTHING RETURNING 1",
    [PUT] = "UPDATE outbox SET due = ?2, checksum = ?3, name = ?4, address = ?5, state = ?6, attempts = ?7,"
            " repeats = ?8, since = ?9, next_at = ?10, removed = ?11, words = ?12, told = ?13, issued_at = ?14"
            " WHERE number = ?1",
    [GET] = SELECT "WHERE number = ?1",
    [FIND] = SELECT "WHERE ref = ?1",
    [SET_ASIDE] = "UPDATE outbox SET broken = 1 WHERE number = ?1",
    [BLANK] = "UPDATE outbox SET name = '', address = '', words = '' WHERE number = ?1 AND broken = 1",
    [DUE] = "SELECT number FROM outbox WHERE channel = ?1 AND due <= ?2 AND broken = 0"
            " ORDER BY urgent DESC, notice_seq, place LIMIT ?3",
    [NEXT_DUE] = "SELECT min(due) FROM outbox WHERE channel = ?1 AND due IS NOT NULL AND broken = 0",
    [TOTAL] = "SELECT count(*), min(issued_at) FROM outbox WHERE state = ?1 AND issued_at >= ?2 AND broken = 0",
    [DELAYED] = "SELECT count(*) FROM outbox WHERE state = 'held' AND next_at > 0 AND broken = 0",
    [FIGURES] = "SELECT open.count, open.oldest, (SELECT count(*) FROM outbox WHERE state = 'dead' AND issued_at >= ?2"
                " AND channel = ?1 AND broken = 0), (SELECT count(*) FROM outbox WHERE state = 'accepted' AND issued_at"
                " >= ?2 AND since < ?3 AND channel = ?1 AND broken = 0), (SELECT count(*) FROM outbox WHERE state IN"
                " ('delivered', 'undelivered') AND issued_at >= ?2 AND since < ?3 AND channel = ?1 AND broken = 0)"
                " FROM (SELECT count(*) AS count, ifnull(min(issued_at), 0) AS oldest FROM outbox WHERE state IN"
                " ('pending', 'sending', 'retry', 'unknown') AND channel = ?1 AND broken = 0) AS open",
    [COUNT] = "SELECT channel, state, count(*) FROM outbox WHERE notice_seq = ?1 AND broken = 0 AND " WITHIN("?2") //
    " GROUP BY channel, state",
    [EACH] = SELECT "WHERE notice_seq = ?1 AND broken = 0 AND " WITHIN("?2") " ORDER BY place, channel",
    [LAST] = "SELECT ifnull(max(number), 0) FROM outbox",
    [LATEST] = "SELECT ifnull(max(since), 0) FROM outbox WHERE broken = 0",
    [CHOOSE + OUTBOX_ALL] = NUMBERS "?2 IS NOT NULL ORDER BY number LIMIT ?4",
    [CHOOSE + OUTBOX_OF_NOTICE] = NUMBERS "notice_seq = ?2 AND broken = 0 ORDER BY number LIMIT ?4",
    [CHOOSE + OUTBOX_OF_PERSON] = NUMBERS "person = ?3 ORDER BY number LIMIT ?4",
    [CHOOSE + OUTBOX_OF_EVENT] =
        NUMBERS "(contact = CAST(?3 AS BLOB) OR told = CAST(?3 AS BLOB)) ORDER BY number LIMIT ?4",
    [CHOOSE + OUTBOX_IN_STATE] = NUMBERS "state = ?3 AND broken = 0 ORDER BY number LIMIT ?4",
    [CHOOSE + OUTBOX_DELAYED] = NUMBERS "state = 'held' AND next_at > ?2 AND broken = 0 ORDER BY number LIMIT ?4",
    [CHOOSE + OUTBOX_DELAYED_ALERTS] = NUMBERS "state = 'held' AND next_at > ?2 AND broken = 0 AND notice_seq IN"
                                               " (SELECT seq FROM notices WHERE rule <> '') ORDER BY number LIMIT ?4",
};

#define MEMBER(member, kind) COLUMN(struct outbox_row, member, kind)

/* In the order of FIXED and CHANGING. */
static const struct column all_columns[ALL_COLUMNS] = {
    MEMBER(ref, ID),
    MEMBER(notice, ID),
    MEMBER(notice_seq, INT64),
    MEMBER(issued_at, INT64),
    MEMBER(urgent, BOOL),
    MEMBER(revision, INT32),
    MEMBER(step, INT32),
    MEMBER(person, STRING),
    MEMBER(channel, CHANNEL),
    MEMBER(unit, STRING),
    MEMBER(place, INT64),
    MEMBER(contact, ID),
    MEMBER(name, STRING),
    MEMBER(address, STRING),
    MEMBER(course.state, STATE),
    MEMBER(course.attempts, INT32),
    MEMBER(course.repeats, INT32),
    MEMBER(course.since, INT64),
    MEMBER(course.next_at, INT64),
    MEMBER(course.removed, BOOL),
    MEMBER(words, STRING),
    MEMBER(told, ID),
};
static const struct columns all = {all_columns, ALL_COLUMNS};
static const struct columns changing = {all_columns + FIXED_COLUMNS, CHANGING_COLUMNS};

int outbox_open(struct outbox *outbox, struct database *database, const struct log *log, struct error *error) {
    *outbox = (struct outbox){.database = database, .log = log};
    int result = statements_open(database, sql, STATEMENT_COUNT, outbox->statements, error);
    if (result == 0) {
        sqlite3_stmt *last = outbox->statements[LAST];
        result = database_step(database, last, error);
        outbox->last = result == 1 ? sqlite3_column_int64(last, 0) : 0;
        sqlite3_reset(last);
    }
    if (result < 0) {
        outbox_close(outbox);
    }
    return result < 0 ? result : 0;
}

void outbox_close(struct outbox *outbox) {
    statements_close(outbox->statements, STATEMENT_COUNT);
}

void outbox_set_ref(struct outbox_row *row) {
    struct columns key = {(const struct column[]){MEMBER(notice, ID), MEMBER(step, INT32), MEMBER(person, STRING),
                                                  MEMBER(channel, CHANNEL)},
                          4};
    columns_checksum(key, row->revision, row, row->ref.bytes);
}

/* ---- writing ---- */

static void bind_state(const struct outbox_row *row, sqlite3_stmt *statement, uint8_t checksum[CHECKSUM_BYTES]) {
    int64_t due;
    columns_checksum(all, row->number, row, checksum);
    sqlite3_bind_int64(statement, 1, row->number);
    if (course_waits(&row->course, &due)) {
        sqlite3_bind_int64(statement, 2, due);
    } else {
        sqlite3_bind_null(statement, 2);
    }
    bind_bytes(statement, 3, checksum, CHECKSUM_BYTES);
}

int outbox_add(struct outbox *outbox, struct outbox_row *row, struct error *error) {
    sqlite3_stmt *statement = outbox->statements[ADD];
    uint8_t checksum[CHECKSUM_BYTES];
    outbox_set_ref(row);
    row->number = outbox->last + 1;
    bind_state(row, statement, checksum);
    columns_bind(all, statement, 4, row);
    int result = database_step(outbox->database, statement, error);
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    outbox->last += result == 1;
    return result;
}

int outbox_put(struct outbox *outbox, const struct outbox_row *row, struct error *error) {
    sqlite3_stmt *statement = outbox->statements[PUT];
    uint8_t checksum[CHECKSUM_BYTES];
    bind_state(row, statement, checksum);
    columns_bind(changing, statement, 4, row);
    sqlite3_bind_int64(statement, 4 + CHANGING_COLUMNS, row->issued_at);
    return statement_run(outbox->database, statement, error);
}

int outbox_blank(struct outbox *outbox, int64_t number, struct error *error) {
    sqlite3_bind_int64(outbox->statements[BLANK], 1, number);
    return statement_run(outbox->database, outbox->statements[BLANK], error);
}

/* ---- reading ---- */

static int set_aside(struct outbox *outbox, int64_t number, struct error *error) {
    sqlite3_stmt *statement = outbox->statements[SET_ASIDE];
    log_write(outbox->log, LOG_LEVEL_ERROR, "outbox row does not fit its checksum, set aside", "row=%" PRId64, number);
    sqlite3_bind_int64(statement, 1, number);
    return statement_run(outbox->database, statement, error);
}

static bool read_row(sqlite3_stmt *statement, struct outbox_row *row) {
    *row = (struct outbox_row){.number = sqlite3_column_int64(statement, COLUMN_NUMBER)};
    return sqlite3_column_int(statement, COLUMN_BROKEN) == 0 &&
           columns_read_checked(all, statement, COLUMN_FIRST, COLUMN_CHECKSUM, row->number, row);
}

/* Runs a statement that finds at most one row. */
static int read_one(struct outbox *outbox, sqlite3_stmt *statement, struct outbox_row *row, struct error *error) {
    int result = database_step(outbox->database, statement, error);
    bool was_aside = result == 1 && sqlite3_column_int(statement, COLUMN_BROKEN) != 0;
    bool fits = result == 1 && read_row(statement, row);
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    if (result < 1 || fits) {
        return result;
    }
    return was_aside ? 0 : set_aside(outbox, row->number, error);
}

int outbox_get(struct outbox *outbox, int64_t number, struct outbox_row *row, struct error *error) {
    sqlite3_bind_int64(outbox->statements[GET], 1, number);
    return read_one(outbox, outbox->statements[GET], row, error);
}

int outbox_find(struct outbox *outbox, const struct id *ref, struct outbox_row *row, struct error *error) {
    bind_id(outbox->statements[FIND], 1, ref);
    return read_one(outbox, outbox->statements[FIND], row, error);
}

static int read_numbers(struct outbox *outbox, sqlite3_stmt *statement, int64_t *numbers, struct error *error) {
    int count = 0;
    int result;
    while ((result = database_step(outbox->database, statement, error)) == 1) {
        numbers[count++] = sqlite3_column_int64(statement, 0);
    }
    sqlite3_clear_bindings(statement);
    return result < 0 ? result : count;
}

int outbox_choose(struct outbox *outbox, enum outbox_choice choice, struct outbox_value value, int64_t after,
                  int64_t *numbers, int max, struct error *error) {
    sqlite3_stmt *statement = outbox->statements[CHOOSE + choice];
    sqlite3_bind_int64(statement, 1, after);
    sqlite3_bind_int64(statement, 2, value.number);
    bind_text(statement, 3, value.text);
    sqlite3_bind_int(statement, 4, max);
    return read_numbers(outbox, statement, numbers, error);
}

int outbox_due(struct outbox *outbox, enum channel channel, int64_t now, int64_t *numbers, int max,
               struct error *error) {
    sqlite3_stmt *statement = outbox->statements[DUE];
    bind_string(statement, 1, word_wire(KIND_CHANNEL, (int)channel));
    sqlite3_bind_int64(statement, 2, now);
    sqlite3_bind_int(statement, 3, max);
    return read_numbers(outbox, statement, numbers, error);
}

int outbox_next_due(struct outbox *outbox, enum channel channel, int64_t *due, struct error *error) {
    sqlite3_stmt *statement = outbox->statements[NEXT_DUE];
    bind_string(statement, 1, word_wire(KIND_CHANNEL, (int)channel));
    int result = database_step(outbox->database, statement, error);
    bool found = result == 1 && sqlite3_column_type(statement, 0) == SQLITE_INTEGER;
    *due = found ? sqlite3_column_int64(statement, 0) : 0;
    sqlite3_reset(statement);
    return result < 0 ? result : found;
}

int outbox_latest(struct outbox *outbox, int64_t *latest, struct error *error) {
    sqlite3_stmt *statement = outbox->statements[LATEST];
    int result = database_step(outbox->database, statement, error);
    *latest = result == 1 ? sqlite3_column_int64(statement, 0) : 0;
    sqlite3_reset(statement);
    return result < 0 ? result : 0;
}

int outbox_total(struct outbox *outbox, enum delivery state, int64_t since, int64_t *count, int64_t *oldest,
                 struct error *error) {
    sqlite3_stmt *statement = outbox->statements[TOTAL];
    bind_string(statement, 1, word_wire(KIND_DELIVERY, (int)state));
    sqlite3_bind_int64(statement, 2, since);
    int result = database_step(outbox->database, statement, error);
    *count = result == 1 ? sqlite3_column_int64(statement, 0) : 0;
    *oldest = result == 1 ? sqlite3_column_int64(statement, 1) : 0;
    sqlite3_reset(statement);
    return result < 0 ? result : 0;
}

int outbox_delayed(struct outbox *outbox, int64_t *count, struct error *error) {
    sqlite3_stmt *statement = outbox->statements[DELAYED];
    int result = database_step(outbox->database, statement, error);
    *count = result == 1 ? sqlite3_column_int64(statement, 0) : 0;
    sqlite3_reset(statement);
    return result < 0 ? result : 0;
}

int outbox_figures(struct outbox *outbox, const struct outbox_span *span, struct outbox_figures *figures,
                   struct error *error) {
    sqlite3_stmt *statement = outbox->statements[FIGURES];
    bind_string(statement, 1, word_wire(KIND_CHANNEL, (int)span->channel));
    sqlite3_bind_int64(statement, 2, span->day);
    sqlite3_bind_int64(statement, 3, span->reported_by);
    int result = database_step(outbox->database, statement, error);
    *figures = (struct outbox_figures){0};
    if (result == 1) {
        *figures = (struct outbox_figures){sqlite3_column_int64(statement, 0), sqlite3_column_int64(statement, 1),
                                           sqlite3_column_int64(statement, 2), sqlite3_column_int64(statement, 3),
                                           sqlite3_column_int64(statement, 4)};
    }
    sqlite3_reset(statement);
    return result < 0 ? result : 0;
}

int outbox_count(struct outbox *outbox, int64_t notice_seq, struct text within,
                 int64_t counts[CHANNEL_COUNT][DELIVERY_COUNT], struct error *error) {
    sqlite3_stmt *statement = outbox->statements[COUNT];
    memset(counts, 0, sizeof(int64_t[CHANNEL_COUNT][DELIVERY_COUNT]));
    sqlite3_bind_int64(statement, 1, notice_seq);
    bind_text(statement, 2, within);
    int result;
    while ((result = database_step(outbox->database, statement, error)) == 1) {
        int channel = word_find(KIND_CHANNEL, column_text(statement, 0));
        int state = word_find(KIND_DELIVERY, column_text(statement, 1));
        if (channel >= 0 && state >= 0) {
            counts[channel][state] = sqlite3_column_int64(statement, 2);
        }
    }
    sqlite3_clear_bindings(statement);
    return result;
}

int outbox_each(struct outbox *outbox, int64_t notice_seq, struct text within,
                int (*take)(void *data, const struct outbox_row *row), void *data, struct error *error) {
    sqlite3_stmt *statement = outbox->statements[EACH];
    int64_t unfit = 0;
    int taken = 0;
    int result = 1;
    sqlite3_bind_int64(statement, 1, notice_seq);
    bind_text(statement, 2, within);
    while (taken == 0 && (result = database_step(outbox->database, statement, error)) == 1) {
        struct outbox_row row;
        if (read_row(statement, &row)) {
            taken = take(data, &row);
        } else {
            unfit = row.number;
        }
    }
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    if (result >= 0 && unfit > 0) {
        result = set_aside(outbox, unfit, error);
    }
    return result < 0 ? result : taken;
}

int outbox_check(struct outbox *outbox, int64_t number, struct error *error) {
    sqlite3_stmt *statement = outbox->statements[GET];
    struct outbox_row row;
    sqlite3_bind_int64(statement, 1, number);
    int result = database_step(outbox->database, statement, error);
    bool fits = result == 1 && read_row(statement, &row);
    sqlite3_reset(statement);
    return result < 0 ? result : fits;
}
