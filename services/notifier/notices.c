/* Notices in SQLite. */
#include "services/notifier/notices.h"

#include <assert.h>
#include <inttypes.h>

#define COLUMNS "id, unit, units, urgent, confirm_by, received_at, by, source, removed, title, text, rule, channels"
#define SELECT "SELECT seq, checksum, " COLUMNS " FROM notices "

enum { COLUMN_SEQ, COLUMN_CHECKSUM, COLUMN_FIRST };
enum { PUT, GET, FIND, AFTER, UNITS_BEFORE, UNITS_AFTER, PUT_TEXT, GET_TEXT, FORGET_TEXTS, STATEMENT_COUNT };

static_assert(STATEMENT_COUNT == NOTICES_STATEMENTS, "room for each");

static const char *const sql[STATEMENT_COUNT] = {
    [PUT] = "INSERT OR REPLACE INTO notices (seq, checksum, " COLUMNS ")"
            " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
    [GET] = SELECT "WHERE seq = ?1",
    [FIND] = SELECT "WHERE id = ?1",
    [AFTER] = SELECT "WHERE seq > ?1 ORDER BY seq LIMIT 1",
    [UNITS_BEFORE] = "SELECT seq, units FROM notices WHERE seq < ?1 ORDER BY seq DESC",
    [UNITS_AFTER] = "SELECT seq, units FROM notices WHERE seq > ?1 ORDER BY seq",
    [PUT_TEXT] = "INSERT OR REPLACE INTO notice_texts (seq, channel, title, text, checksum)"
                 " VALUES (?1, ?2, ?3, ?4, row_checksum(?1, ?2, ?3, ?4))",
    [GET_TEXT] = "SELECT title, text, checksum IS row_checksum(seq, channel, title, text) FROM notice_texts"
                 " WHERE seq = ?1 AND channel = ?2",
    [FORGET_TEXTS] = "DELETE FROM notice_texts WHERE seq = ?1",
};

#define MEMBER(member, kind) COLUMN(struct notice_row, member, kind)

/* In the order of COLUMNS. */
static const struct column column_items[] = {
    MEMBER(id, ID),         MEMBER(unit, TEXT),        MEMBER(units, TEXT),
    MEMBER(urgent, BOOL),   MEMBER(confirm_by, INT64), MEMBER(received_at, INT64),
    MEMBER(by, TEXT),       MEMBER(source, TEXT),      MEMBER(removed, BOOL),
    MEMBER(title, TEXT),    MEMBER(text, TEXT),        MEMBER(rule, TEXT),
    MEMBER(channels, TEXT),
};
static const struct columns columns = {column_items, sizeof column_items / sizeof *column_items};

int notices_open(struct notices *notices, struct database *database, const struct log *log, struct error *error) {
    *notices = (struct notices){.database = database, .log = log};
    notices->arena = arena_create(SIZE_MAX);
    if (!notices->arena) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    int result = statements_open(database, sql, STATEMENT_COUNT, notices->statements, error);
    if (result < 0) {
        arena_destroy(&notices->arena);
    }
    return result;
}

void notices_close(struct notices *notices) {
    statements_close(notices->statements, STATEMENT_COUNT);
    arena_destroy(&notices->arena);
}

int notices_put(struct notices *notices, const struct notice_row *row, struct error *error) {
    sqlite3_stmt *statement = notices->statements[PUT];
    uint8_t checksum[CHECKSUM_BYTES];
    columns_checksum(columns, row->seq, row, checksum);
    sqlite3_bind_int64(statement, 1, row->seq);
    bind_bytes(statement, 2, checksum, sizeof checksum);
    columns_bind(columns, statement, 3, row);
    return statement_run(notices->database, statement, error);
}

/* ---- reading ---- */

#define TEXTS 8

static bool keep_texts(struct notices *notices, struct notice_row *row) {
    struct text *texts[TEXTS] = {&row->unit,  &row->units, &row->by,   &row->source,
                                 &row->title, &row->text,  &row->rule, &row->channels};
    bool kept = true;
    arena_reset(notices->arena);
    for (int i = 0; i < TEXTS; i++) {
        texts[i]->data = arena_copy(notices->arena, texts[i]->data, texts[i]->length);
        kept = kept && texts[i]->data;
    }
    return kept;
}

/* Runs a statement that finds at most one row: 1 it fits, 0 none, or one that does not fit (then `row->seq` is set). */
static int read_one(struct notices *notices, sqlite3_stmt *statement, struct notice_row *row, struct error *error) {
    *row = (struct notice_row){0};
    int result = database_step(notices->database, statement, error);
    if (result == 1) {
        row->seq = sqlite3_column_int64(statement, COLUMN_SEQ);
        if (!columns_read_checked(columns, statement, COLUMN_FIRST, COLUMN_CHECKSUM, row->seq, row)) {
            log_write(notices->log, LOG_LEVEL_ERROR, "notice does not fit its checksum", "seq=%" PRId64, row->seq);
            result = 0;
        } else if (!keep_texts(notices, row)) {
            result = error_set(error, ERR_NO_MEMORY, (struct error_words){0});
        }
    }
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    return result;
}

int notices_get(struct notices *notices, int64_t seq, struct notice_row *row, struct error *error) {
    sqlite3_bind_int64(notices->statements[GET], 1, seq);
    return read_one(notices, notices->statements[GET], row, error);
}

int notices_find(struct notices *notices, const struct id *id, struct notice_row *row, struct error *error) {
    bind_id(notices->statements[FIND], 1, id);
    return read_one(notices, notices->statements[FIND], row, error);
}

int notices_check(struct notices *notices, int64_t *seq, struct error *error) {
    struct notice_row row;
    sqlite3_bind_int64(notices->statements[AFTER], 1, *seq);
    int result = read_one(notices, notices->statements[AFTER], &row, error);
    *seq = row.seq;
    return result == 0 && row.seq == 0 ? -ERR_NOT_FOUND : result;
}

/* ---- texts of a channel's own ---- */

int notices_put_text(struct notices *notices, int64_t seq, int channel, struct text title, struct text text,
                     struct error *error) {
    sqlite3_stmt *statement = notices->statements[PUT_TEXT];
    sqlite3_bind_int64(statement, 1, seq);
    bind_string(statement, 2, word_wire(KIND_CHANNEL, channel));
    bind_text(statement, 3, title);
    bind_text(statement, 4, text);
    return statement_run(notices->database, statement, error);
}

int notices_get_text(struct notices *notices, int channel, struct notice_row *row, struct error *error) {
    sqlite3_stmt *statement = notices->statements[GET_TEXT];
    sqlite3_bind_int64(statement, 1, row->seq);
    bind_string(statement, 2, word_wire(KIND_CHANNEL, channel));
    int result = database_step(notices->database, statement, error);
    if (result == 1 && sqlite3_column_int(statement, 2) != 1) {
        result = error_set(error, ERR_CORRUPT,
                           (struct error_words){.field = "a notice's text", .value = "it does not fit its checksum"});
    } else if (result == 1) {
        struct text title = column_text(statement, 0);
        struct text text = column_text(statement, 1);
        row->title = (struct text){arena_copy(notices->arena, title.data, title.length), title.length};
        row->text = (struct text){arena_copy(notices->arena, text.data, text.length), text.length};
        bool kept = row->title.data && row->text.data;
        result = kept ? 1 : error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    return result;
}

int notices_forget_texts(struct notices *notices, int64_t seq, struct error *error) {
    sqlite3_bind_int64(notices->statements[FORGET_TEXTS], 1, seq);
    return statement_run(notices->database, notices->statements[FORGET_TEXTS], error);
}

/* ---- whom a notice reaches ---- */

bool notice_next_unit(struct text *units, struct text *unit) {
    if (units->length == 0) {
        return false;
    }
    const char *space = memchr(units->data, ' ', units->length);
    uint32_t length = space ? (uint32_t)(space - units->data) : units->length;
    *unit = (struct text){units->data, length};
    uint32_t skipped = length + (space ? 1 : 0);
    *units = (struct text){units->data + skipped, units->length - skipped};
    return true;
}

bool notice_reaches(struct text units, struct text within) {
    struct text unit;
    while (notice_next_unit(&units, &unit)) {
        if (path_is_within(unit, within) || path_is_within(within, unit)) {
            return true;
        }
    }
    return false;
}

/* The seq of the notice, 0 when there is none. */
static int find_before(struct notices *notices, int64_t before, struct text within, int64_t *seq, struct error *error) {
    sqlite3_stmt *statement = notices->statements[UNITS_BEFORE];
    int result;
    *seq = 0;
    sqlite3_bind_int64(statement, 1, before);
    while ((result = database_step(notices->database, statement, error)) == 1) {
        if (notice_reaches(column_text(statement, 1), within)) {
            *seq = sqlite3_column_int64(statement, 0);
            break;
        }
    }
    sqlite3_reset(statement);
    return result < 0 ? result : 0;
}

int notices_before(struct notices *notices, int64_t before, struct text within, struct notice_row *row,
                   struct error *error) {
    int64_t seq = before;
    int result = 0;
    do {
        result = find_before(notices, seq, within, &seq, error);
        if (result == 0 && seq > 0) {
            result = notices_get(notices, seq, row, error);
        }
    } while (result == 0 && seq > 0);
    return result;
}

int notices_next(struct notices *notices, struct text within, int64_t *seq, struct text *units, struct error *error) {
    sqlite3_stmt *statement = notices->statements[UNITS_AFTER];
    int result;
    bool found = false;
    sqlite3_bind_int64(statement, 1, *seq);
    while (!found && (result = database_step(notices->database, statement, error)) == 1) {
        struct text named = column_text(statement, 1);
        found = notice_reaches(named, within);
        if (found) {
            arena_reset(notices->arena);
            *seq = sqlite3_column_int64(statement, 0);
            *units = (struct text){arena_copy(notices->arena, named.data, named.length), named.length};
            result = units->data ? 1 : error_set(error, ERR_NO_MEMORY, (struct error_words){0});
        }
    }
    sqlite3_reset(statement);
    return result;
}
