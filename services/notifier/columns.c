/* Columns, kind by kind. */
#include "services/notifier/columns.h"

#include <assert.h>
#include <endian.h>
#include <stdio.h>

#include <sodium.h>

#include "proto/shape.h"

static int64_t integer_of(const struct column *column, const void *member) {
    switch (column->kind) {
    case COLUMN_INT64:
        return *(const int64_t *)member;
    case COLUMN_INT32:
        return *(const int32_t *)member;
    default:
        return *(const bool *)member;
    }
}

/* The bytes of a member that is no integer. */
static struct text bytes_of(const struct column *column, const void *member) {
    switch (column->kind) {
    case COLUMN_STRING:
        return text_of(member);
    case COLUMN_TEXT:
    case COLUMN_BYTES:
        return *(const struct text *)member;
    case COLUMN_STATE:
        return text_of(word_wire(KIND_DELIVERY, (int)*(const enum delivery *)member));
    case COLUMN_CHANNEL:
        return text_of(word_wire(KIND_CHANNEL, (int)*(const enum channel *)member));
    default:
        return (struct text){member, (uint32_t)column->size};
    }
}

static bool is_integer(const struct column *column) {
    return column->kind == COLUMN_INT64 || column->kind == COLUMN_INT32 || column->kind == COLUMN_BOOL;
}

static const void *member_of(const struct column *column, const void *row) {
    return (const char *)row + column->offset;
}

/* ---- writing ---- */

void columns_bind(struct columns columns, sqlite3_stmt *statement, int first, const void *row) {
    for (int i = 0; i < columns.count; i++) {
        const struct column *column = &columns.items[i];
        const void *member = member_of(column, row);
        if (is_integer(column)) {
            sqlite3_bind_int64(statement, first + i, integer_of(column, member));
        } else if (column->kind == COLUMN_ID || column->kind == COLUMN_BYTES) {
            struct text bytes = bytes_of(column, member);
            bind_bytes(statement, first + i, bytes.data ? bytes.data : "", bytes.length);
        } else {
            bind_text(statement, first + i, bytes_of(column, member));
        }
    }
}

/* ---- reading ---- */

static bool read_integer(const struct column *column, int64_t value, void *member) {
    switch (column->kind) {
    case COLUMN_INT64:
        *(int64_t *)member = value;
        return true;
    case COLUMN_INT32:
        *(int32_t *)member = (int32_t)value;
        return value >= INT32_MIN && value <= INT32_MAX;
    default:
        *(bool *)member = value != 0;
        return value == 0 || value == 1;
    }
}

static bool read_word(enum field_kind kind, struct text word, unsigned *member) {
    int found = word_find(kind, word);
    *member = found < 0 ? 0 : (unsigned)found;
    return found >= 0;
}

static bool read_bytes(const struct column *column, sqlite3_stmt *statement, int index, void *member) {
    switch (column->kind) {
    case COLUMN_ID:
        return column_bytes(statement, index, member, column->size);
    case COLUMN_STRING:
        return column_string(statement, index, member, column->size);
    case COLUMN_STATE:
        return read_word(KIND_DELIVERY, column_text(statement, index), member);
    case COLUMN_CHANNEL:
        return read_word(KIND_CHANNEL, column_text(statement, index), member);
    case COLUMN_BYTES:
        *(struct text *)member =
            (struct text){sqlite3_column_blob(statement, index), (uint32_t)sqlite3_column_bytes(statement, index)};
        return true;
    default:
        *(struct text *)member = column_text(statement, index);
        return true;
    }
}

bool columns_read(struct columns columns, sqlite3_stmt *statement, int first, void *row) {
    static_assert(sizeof(enum delivery) == sizeof(unsigned) && sizeof(enum channel) == sizeof(unsigned), "words");
    bool fits = true;
    for (int i = 0; i < columns.count; i++) {
        const struct column *column = &columns.items[i];
        void *member = (char *)row + column->offset;
        fits = (is_integer(column) ? read_integer(column, sqlite3_column_int64(statement, first + i), member)
                                   : read_bytes(column, statement, first + i, member)) &&
               fits;
    }
    return fits;
}

/* ---- the checksum ---- */

/* Each value behind its length: what moves from one column into the next is noticed too. */
static void checksum_add(crypto_generichash_state *state, const void *bytes, uint32_t length) {
    uint32_t header = htobe32(length);
    crypto_generichash_update(state, (const uint8_t *)&header, sizeof header);
    if (length > 0) {
        crypto_generichash_update(state, bytes, length);
    }
}

static void checksum_add_integer(crypto_generichash_state *state, int64_t value) {
    uint64_t bytes = htobe64((uint64_t)value);
    checksum_add(state, &bytes, sizeof bytes);
}

void columns_checksum(struct columns columns, int64_t number, const void *row, uint8_t out[CHECKSUM_BYTES]) {
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, CHECKSUM_BYTES);
    checksum_add_integer(&state, number);
    for (int i = 0; i < columns.count; i++) {
        const struct column *column = &columns.items[i];
        if (is_integer(column)) {
            checksum_add_integer(&state, integer_of(column, member_of(column, row)));
        } else {
            struct text bytes = bytes_of(column, member_of(column, row));
            checksum_add(&state, bytes.data, bytes.length);
        }
    }
    crypto_generichash_final(&state, out, CHECKSUM_BYTES);
}

bool columns_read_checked(struct columns columns, sqlite3_stmt *statement, int first, int checksum, int64_t number,
                          void *row) {
    uint8_t found[CHECKSUM_BYTES];
    uint8_t expected[CHECKSUM_BYTES];
    if (!columns_read(columns, statement, first, row) || !column_bytes(statement, checksum, found, sizeof found)) {
        return false;
    }
    columns_checksum(columns, number, row, expected);
    return memcmp(found, expected, sizeof found) == 0;
}

/* ---- in SQL ---- */

static void row_checksum(sqlite3_context *context, int count, sqlite3_value **values) {
    crypto_generichash_state state;
    uint8_t sum[CHECKSUM_BYTES];
    crypto_generichash_init(&state, NULL, 0, CHECKSUM_BYTES);
    for (int i = 0; i < count; i++) {
        if (sqlite3_value_type(values[i]) == SQLITE_INTEGER) {
            checksum_add_integer(&state, sqlite3_value_int64(values[i]));
        } else {
            const void *bytes = sqlite3_value_blob(values[i]);
            checksum_add(&state, bytes, (uint32_t)sqlite3_value_bytes(values[i]));
        }
    }
    crypto_generichash_final(&state, sum, CHECKSUM_BYTES);
    sqlite3_result_blob(context, sum, CHECKSUM_BYTES, SQLITE_TRANSIENT);
}

int columns_register(struct database *database, struct error *error) {
    int result = sqlite3_create_function_v2(database->handle, "row_checksum", -1, SQLITE_UTF8 | SQLITE_DETERMINISTIC,
                                            NULL, row_checksum, NULL, NULL, NULL);
    return result == SQLITE_OK ? 0 : database_error(database, result, error);
}

int columns_has(struct database *database, const char *table, const char *column, struct error *error) {
    sqlite3_stmt *statement = NULL;
    int result = database_prepare(database, "SELECT 1 FROM pragma_table_info(?1) WHERE name = ?2", &statement, error);
    if (result == 0) {
        bind_string(statement, 1, table);
        bind_string(statement, 2, column);
        result = database_step(database, statement, error);
    }
    sqlite3_finalize(statement);
    return result;
}

int columns_add_checksum(struct database *database, const char *table, const char *columns, struct error *error) {
    char sql[400];
    int there = columns_has(database, table, "checksum", error);
    if (there != 0) {
        return there < 0 ? there : 0;
    }
    snprintf(sql, sizeof sql,
             "BEGIN IMMEDIATE; ALTER TABLE %s ADD COLUMN checksum BLOB NOT NULL DEFAULT '';"
             " UPDATE %s SET checksum = row_checksum(%s); COMMIT",
             table, table, columns);
    int result = database_execute(database, sql, error);
    if (result < 0) {
        database_rollback(database);
    }
    return result;
}
