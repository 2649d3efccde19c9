/* Statements. */
#include "services/notifier/statement.h"

int statements_open(struct database *database, const char *const *sql, int count, sqlite3_stmt **statements,
                    struct error *error) {
    for (int i = 0; i < count; i++) {
        int result = database_prepare(database, sql[i], &statements[i], error);
        if (result < 0) {
            statements_close(statements, i);
            return result;
        }
    }
    return 0;
}

void statements_close(sqlite3_stmt **statements, int count) {
    for (int i = 0; i < count; i++) {
        sqlite3_finalize(statements[i]);
        statements[i] = NULL;
    }
}

void bind_text(sqlite3_stmt *statement, int index, struct text text) {
    sqlite3_bind_text(statement, index, text.length > 0 ? text.data : "", (int)text.length, SQLITE_STATIC);
}

void bind_string(sqlite3_stmt *statement, int index, const char *string) {
    sqlite3_bind_text(statement, index, string, -1, SQLITE_STATIC);
}

void bind_bytes(sqlite3_stmt *statement, int index, const void *bytes, size_t length) {
    sqlite3_bind_blob64(statement, index, bytes, length, SQLITE_STATIC);
}

void bind_id(sqlite3_stmt *statement, int index, const struct id *id) {
    bind_bytes(statement, index, id->bytes, ID_BYTES);
}

int statement_run(struct database *database, sqlite3_stmt *statement, struct error *error) {
    int result = database_step(database, statement, error);
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    return result < 0 ? result : 0;
}

struct text column_text(sqlite3_stmt *statement, int column) {
    const char *text = (const char *)sqlite3_column_text(statement, column);
    return text ? (struct text){text, (uint32_t)sqlite3_column_bytes(statement, column)} : text_of("");
}

bool column_bytes(sqlite3_stmt *statement, int column, void *out, size_t length) {
    const void *bytes = sqlite3_column_blob(statement, column);
    if ((size_t)sqlite3_column_bytes(statement, column) != length) {
        return false;
    }
    memcpy(out, bytes, length);
    return true;
}

bool column_string(sqlite3_stmt *statement, int column, char *out, size_t size) {
    struct text text = column_text(statement, column);
    if (text.length >= size || memchr(text.data, '\0', text.length)) {
        return false;
    }
    memcpy(out, text.data, text.length);
    out[text.length] = '\0';
    return true;
}
