/* Codes in SQLite. */
#include "services/notifier/codes.h"

#include <assert.h>
#include <endian.h>
#include <stdio.h>
#include <string.h>

#include "services/notifier/columns.h"

#define NUMBER_FIRST 1000
#define NUMBERS 9000
#define YEAR_FIRST 1900 /* "2026 ..." may be a report that begins with a year */
#define YEAR_LAST 2099
#define TRIES_MAX 2000
#define KEPT_MS INT64_C(2592000000) /* 30 days behind their end */

#define COLUMNS "person, matter, number, notice, ref, unit, until, state"
#define SUM "row_checksum(" COLUMNS ")"
#define SELECT "SELECT checksum IS " SUM ", " COLUMNS " FROM codes WHERE "
#define SET \
    "UPDATE codes SET state = ?3, checksum = row_checksum(person, matter, number, notice, ref, unit, until, ?3) " \
    "WHERE "

static const char table[] =
    "CREATE TABLE IF NOT EXISTS codes (person TEXT, matter BLOB, number INTEGER NOT NULL, notice BLOB NOT NULL,"
    " ref BLOB NOT NULL, unit TEXT NOT NULL, until INTEGER NOT NULL, state INTEGER NOT NULL, checksum BLOB NOT NULL,"
    " PRIMARY KEY (person, matter)) WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS codes_number ON codes (person, number);"
    "CREATE INDEX IF NOT EXISTS codes_matter ON codes (matter);"
    "CREATE INDEX IF NOT EXISTS codes_until ON codes (until);";

enum { PUT, GET, FIND, TAKEN, EACH_IN, ANSWER, ELSEWHERE, END, FORGET_PERSON, FORGET_BEFORE, ANY, STATEMENT_COUNT };

static_assert(STATEMENT_COUNT == CODES_STATEMENTS, "room for each");

static const char *const sql[STATEMENT_COUNT] = {
    [PUT] = "INSERT OR REPLACE INTO codes (" COLUMNS ", checksum) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8,"
            " row_checksum(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8))",
    [GET] = SELECT "person = ?1 AND matter = ?2",
    [FIND] = SELECT "person = ?1 AND number = ?2",
    [TAKEN] = "SELECT 1 FROM codes WHERE person = ?1 AND number = ?2",
    [EACH_IN] = SELECT "person = ?1 AND state = ?4 AND until >= ?2 ORDER BY until, number LIMIT ?3",
    [ANSWER] = SET "person = ?2 AND matter = ?1 AND state = 0",
    [ELSEWHERE] = SET "matter = ?1 AND state = 0 AND (?2 = '' OR unit = ?2)",
    [END] = SET "matter = ?1 AND state IN (0, 1, 4)",
    [FORGET_PERSON] = "DELETE FROM codes WHERE person = ?1",
    [ANY] = "SELECT 1 FROM codes WHERE matter = ?1 LIMIT 1",
    [FORGET_BEFORE] = "DELETE FROM codes WHERE until < ?1",
};

#define MEMBER(member, kind) COLUMN(struct code, member, kind)

/* In the order of COLUMNS. */
static const struct column column_items[] = {
    MEMBER(person, STRING), MEMBER(matter, ID),   MEMBER(number, INT64), MEMBER(notice, ID),
    MEMBER(ref, ID),        MEMBER(unit, STRING), MEMBER(until, INT64),  MEMBER(state, INT64),
};
static const struct columns columns = {column_items, sizeof column_items / sizeof *column_items};

int codes_open(struct codes *codes, struct database *database, struct error *error) {
    *codes = (struct codes){.database = database};
    int result = database_execute(database, table, error);
    return result < 0 ? result : statements_open(database, sql, STATEMENT_COUNT, codes->statements, error);
}

void codes_close(struct codes *codes) {
    statements_close(codes->statements, STATEMENT_COUNT);
}

/* ---- reading ---- */

static int read_row(sqlite3_stmt *statement, struct code *code, struct error *error) {
    if (sqlite3_column_int(statement, 0) == 1 && columns_read(columns, statement, 1, code)) {
        return 1;
    }
    return error_set(error, ERR_CORRUPT,
                     (struct error_words){.field = "a code's row", .value = "it does not fit its checksum"});
}

/* The one row of a statement whose parameters are bound. */
static int read_one(struct codes *codes, sqlite3_stmt *statement, struct code *code, struct error *error) {
    int result = database_step(codes->database, statement, error);
    result = result == 1 ? read_row(statement, code, error) : result;
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    return result;
}

int codes_get(struct codes *codes, const char *person, const struct id *matter, struct code *code,
              struct error *error) {
    sqlite3_stmt *statement = codes->statements[GET];
    bind_string(statement, 1, person);
    bind_id(statement, 2, matter);
    return read_one(codes, statement, code, error);
}

int codes_find(struct codes *codes, const char *person, int64_t number, struct code *code, struct error *error) {
    sqlite3_stmt *statement = codes->statements[FIND];
    bind_string(statement, 1, person);
    sqlite3_bind_int64(statement, 2, number);
    return read_one(codes, statement, code, error);
}

int codes_each(struct codes *codes, const char *person, enum code_state state, int64_t now, struct code *found, int max,
               struct error *error) {
    sqlite3_stmt *statement = codes->statements[EACH_IN];
    int count = 0;
    int result = 1;
    bind_string(statement, 1, person);
    sqlite3_bind_int64(statement, 2, now);
    sqlite3_bind_int(statement, 3, max);
    sqlite3_bind_int(statement, 4, (int)state);
    while (count < max && result == 1 && (result = database_step(codes->database, statement, error)) == 1) {
        result = read_row(statement, &found[count], error);
        count += result == 1;
    }
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    return result < 0 ? result : count;
}

int codes_any(struct codes *codes, const struct id *matter, struct error *error) {
    sqlite3_stmt *statement = codes->statements[ANY];
    bind_id(statement, 1, matter);
    int result = database_step(codes->database, statement, error);
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    return result;
}

/* ---- giving ---- */

static int is_taken(struct codes *codes, const struct code *code, struct error *error) {
    sqlite3_stmt *statement = codes->statements[TAKEN];
    bind_string(statement, 1, code->person);
    sqlite3_bind_int64(statement, 2, code->number);
    int result = database_step(codes->database, statement, error);
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    return result;
}

/* From the matter and the person, so that whoever folds the journal gives the same; the next free one. 1, 0 none is free. */
static int choose_number(struct codes *codes, struct code *code, struct error *error) {
    uint8_t material[ID_BYTES + EVENT_BY_MAX];
    uint32_t hash = 0;
    size_t length = strlen(code->person);
    memcpy(material, code->matter.bytes, ID_BYTES);
    memcpy(material + ID_BYTES, code->person, length);
    struct id derived = id_derive(0, material, ID_BYTES + length);
    memcpy(&hash, derived.bytes + ID_BYTES - sizeof hash, sizeof hash);
    for (uint32_t i = 0; i < TRIES_MAX; i++) {
        code->number = NUMBER_FIRST + (le32toh(hash) % NUMBERS + i) % NUMBERS;
        bool year = code->number >= YEAR_FIRST && code->number <= YEAR_LAST;
        int taken = year ? 1 : is_taken(codes, code, error);
        if (taken < 1) {
            return taken < 0 ? taken : 1;
        }
    }
    return 0;
}

static int forget_before(struct codes *codes, int64_t before, struct error *error) {
    sqlite3_bind_int64(codes->statements[FORGET_BEFORE], 1, before);
    return statement_run(codes->database, codes->statements[FORGET_BEFORE], error);
}

int codes_give(struct codes *codes, const struct outbox_row *row, const struct id *matter, int64_t until,
               struct error *error) {
    struct code code = {0};
    int found = codes_get(codes, row->person, matter, &code, error);
    if (found < 0 || (found == 1 && id_equal(&code.notice, &row->notice))) {
        return found < 0 ? found : 0;
    }
    code.matter = *matter;
    code.notice = row->notice;
    code.ref = row->ref;
    code.until = until;
    code.state = CODE_OPEN;
    snprintf(code.person, sizeof code.person, "%s", row->person);
    snprintf(code.unit, sizeof code.unit, "%s", row->unit);
    if (found == 0) {
        int result = forget_before(codes, row->issued_at - KEPT_MS, error);
        found = result < 0 ? result : choose_number(codes, &code, error);
    }
    if (found < 1) {
        return found;
    }
    columns_bind(columns, codes->statements[PUT], 1, &code);
    return statement_run(codes->database, codes->statements[PUT], error);
}

/* ---- ends ---- */

static int set_state(struct codes *codes, int index, const struct id *matter, enum code_state state,
                     struct error *error) {
    bind_id(codes->statements[index], 1, matter);
    sqlite3_bind_int64(codes->statements[index], 3, state);
    return statement_run(codes->database, codes->statements[index], error);
}

int codes_answer(struct codes *codes, const struct id *matter, struct text person, struct error *error) {
    bind_text(codes->statements[ANSWER], 2, person);
    return set_state(codes, ANSWER, matter, CODE_ANSWERED, error);
}

int codes_answer_elsewhere(struct codes *codes, const struct id *matter, struct text unit, struct error *error) {
    bind_text(codes->statements[ELSEWHERE], 2, unit);
    return set_state(codes, ELSEWHERE, matter, CODE_ELSEWHERE, error);
}

int codes_end(struct codes *codes, const struct id *matter, enum code_state state, struct error *error) {
    return set_state(codes, END, matter, state, error);
}

int codes_forget_person(struct codes *codes, struct text person, struct error *error) {
    bind_text(codes->statements[FORGET_PERSON], 1, person);
    return statement_run(codes->database, codes->statements[FORGET_PERSON], error);
}
