/* Tellings in SQLite. */
#include "services/notifier/tellings.h"

#include <assert.h>
#include <inttypes.h>

#include "proto/codec.h"

#define COLUMNS "row, channel, attempt, sending, id, event"
#define SELECT "SELECT number, checksum, " COLUMNS " FROM tellings "

enum { COLUMN_NUMBER, COLUMN_CHECKSUM, COLUMN_FIRST };
enum { PUT, EACH, OF_ROW, REMOVE, HAS_SENDING, COUNT, LAST, REMOVE_EVENT, HAS, STATEMENT_COUNT };

static_assert(STATEMENT_COUNT == TELLINGS_STATEMENTS, "room for each");

static const char *const sql[STATEMENT_COUNT] = {
    [PUT] = "INSERT OR REPLACE INTO tellings (number, checksum, " COLUMNS ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    [EACH] = SELECT "WHERE number > ?1 ORDER BY number",
    [OF_ROW] = SELECT "WHERE row = ?2 AND number > ?1 ORDER BY number LIMIT 1",
    [REMOVE] = "DELETE FROM tellings WHERE number = ?1",
    [HAS_SENDING] = "SELECT 1 FROM tellings WHERE row = ?1 AND attempt = ?2 AND sending = 1",
    [COUNT] = "SELECT count(*) FROM tellings",
    [LAST] = "SELECT ifnull(max(number), 0) FROM tellings",
    [REMOVE_EVENT] = "DELETE FROM tellings WHERE row = 0 AND id = ?1",
    [HAS] = "SELECT 1 FROM tellings WHERE row = 0 AND id = ?1",
};

#define MEMBER(member, kind) COLUMN(struct telling, member, kind)

/* In the order of COLUMNS. */
static const struct column column_items[] = {
    MEMBER(row, INT64),    MEMBER(channel, CHANNEL), MEMBER(attempt, INT32),
    MEMBER(sending, BOOL), MEMBER(id, ID),           MEMBER(event, BYTES),
};
static const struct columns columns = {column_items, sizeof column_items / sizeof *column_items};

static int read_number(struct tellings *tellings, int index, int64_t *number, struct error *error) {
    sqlite3_stmt *statement = tellings->statements[index];
    int result = database_step(tellings->database, statement, error);
    *number = result == 1 ? sqlite3_column_int64(statement, 0) : 0;
    sqlite3_reset(statement);
    return result < 0 ? result : 0;
}

int tellings_open(struct tellings *tellings, struct database *database, const struct log *log, struct error *error) {
    *tellings = (struct tellings){.database = database, .log = log};
    int result = statements_open(database, sql, STATEMENT_COUNT, tellings->statements, error);
    if (result == 0) {
        result = read_number(tellings, LAST, &tellings->last, error);
    }
    if (result < 0) {
        tellings_close(tellings);
    }
    return result;
}

void tellings_close(struct tellings *tellings) {
    statements_close(tellings->statements, STATEMENT_COUNT);
}

/* ---- writing ---- */

static int write_row(struct tellings *tellings, const struct telling *telling, struct error *error) {
    sqlite3_stmt *statement = tellings->statements[PUT];
    uint8_t checksum[CHECKSUM_BYTES];
    columns_checksum(columns, telling->number, telling, checksum);
    sqlite3_bind_int64(statement, 1, telling->number);
    bind_bytes(statement, 2, checksum, sizeof checksum);
    columns_bind(columns, statement, 3, telling);
    return statement_run(tellings->database, statement, error);
}

int tellings_add(struct tellings *tellings, struct telling *telling, struct error *error) {
    telling->number = ++tellings->last;
    return write_row(tellings, telling, error);
}

int tellings_add_event(struct tellings *tellings, const struct event *event, struct error *error) {
    struct buffer bytes = {0};
    int result = codec_encode_event(event, PART_CLIENT, &bytes);
    if (result < 0) {
        result = error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    } else {
        struct telling telling = {.id = event->id, .event = {(const char *)bytes.data, (uint32_t)bytes.length}};
        result = tellings_add(tellings, &telling, error);
    }
    buffer_free(&bytes);
    return result;
}

int tellings_remove(struct tellings *tellings, int64_t number, struct error *error) {
    sqlite3_bind_int64(tellings->statements[REMOVE], 1, number);
    return statement_run(tellings->database, tellings->statements[REMOVE], error);
}

int tellings_remove_event(struct tellings *tellings, const struct id *event, struct error *error) {
    bind_id(tellings->statements[REMOVE_EVENT], 1, event);
    return statement_run(tellings->database, tellings->statements[REMOVE_EVENT], error);
}

static int strip(struct tellings *tellings, struct telling *telling, struct arena *arena, struct error *error) {
    struct event event;
    struct faults faults = {0};
    struct buffer bytes = {0};
    int result = codec_decode_event(telling->event, arena, &event, &faults);
    if (result == 0 && event.type == EVENT_DELIVERY_UPDATED) {
        struct wire_delivery *delivery = &event.body->delivery;
        delivery->words = (struct text){0};
        delivery->present &= ~(UINT64_C(1) << FIELD_delivery_words);
        event.has_side = false;
        result = codec_encode_event(&event, PART_CLIENT, &bytes);
    }
    if (result == 0) {
        telling->event = (struct text){(const char *)bytes.data, (uint32_t)bytes.length};
        result = write_row(tellings, telling, error);
    } else {
        result = error_set(error, (enum error_code) - result,
                           (struct error_words){.field = "a telling", .value = "its event cannot be read"});
    }
    buffer_free(&bytes);
    return result;
}

/* ---- reading ---- */

static bool read_row(struct tellings *tellings, sqlite3_stmt *statement, struct telling *telling) {
    *telling = (struct telling){.number = sqlite3_column_int64(statement, COLUMN_NUMBER)};
    bool fits = columns_read_checked(columns, statement, COLUMN_FIRST, COLUMN_CHECKSUM, telling->number, telling);
    if (!fits) {
        log_write(tellings->log, LOG_LEVEL_ERROR, "telling does not fit its checksum", "number=%" PRId64,
                  telling->number);
    }
    return fits;
}

int tellings_each(struct tellings *tellings, int64_t after, int (*take)(void *data, const struct telling *telling),
                  void *data, struct error *error) {
    sqlite3_stmt *statement = tellings->statements[EACH];
    int taken = 0;
    int result = 1;
    sqlite3_bind_int64(statement, 1, after);
    while (taken == 0 && (result = database_step(tellings->database, statement, error)) == 1) {
        struct telling telling;
        if (read_row(tellings, statement, &telling)) {
            taken = take(data, &telling);
        }
    }
    sqlite3_reset(statement);
    return result < 0 || taken < 0 ? (result < 0 ? result : taken) : 0;
}

int tellings_strip(struct tellings *tellings, int64_t row, struct error *error) {
    sqlite3_stmt *statement = tellings->statements[OF_ROW];
    struct arena *arena = arena_create(SIZE_MAX);
    struct telling telling = {0};
    int result = arena ? 1 : error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    while (result == 1) {
        sqlite3_bind_int64(statement, 1, telling.number);
        sqlite3_bind_int64(statement, 2, row);
        result = database_step(tellings->database, statement, error);
        if (result == 1 && read_row(tellings, statement, &telling)) {
            telling.event.data = arena_copy(arena, telling.event.data, telling.event.length);
            sqlite3_reset(statement);
            int stripped = telling.event.data ? strip(tellings, &telling, arena, error)
                                              : error_set(error, ERR_NO_MEMORY, (struct error_words){0});
            result = stripped < 0 ? stripped : 1;
        }
        sqlite3_reset(statement);
    }
    arena_destroy(&arena);
    return result;
}

int tellings_has_sending(struct tellings *tellings, int64_t row, int32_t attempt, struct error *error) {
    sqlite3_stmt *statement = tellings->statements[HAS_SENDING];
    sqlite3_bind_int64(statement, 1, row);
    sqlite3_bind_int64(statement, 2, attempt);
    int result = database_step(tellings->database, statement, error);
    sqlite3_reset(statement);
    return result;
}

int tellings_has(struct tellings *tellings, const struct id *event, struct error *error) {
    sqlite3_stmt *statement = tellings->statements[HAS];
    bind_id(statement, 1, event);
    int result = database_step(tellings->database, statement, error);
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    return result;
}

int tellings_count(struct tellings *tellings, int64_t *count, struct error *error) {
    return read_number(tellings, COUNT, count, error);
}

int tellings_check(struct tellings *tellings, int64_t *number, struct error *error) {
    sqlite3_stmt *statement = tellings->statements[EACH];
    struct telling telling = {0};
    sqlite3_bind_int64(statement, 1, *number);
    int result = database_step(tellings->database, statement, error);
    bool fits = result == 1 && read_row(tellings, statement, &telling);
    sqlite3_reset(statement);
    *number = telling.number;
    if (result < 0) {
        return result;
    }
    return result == 0 ? -ERR_NOT_FOUND : fits;
}
