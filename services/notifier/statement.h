/* Prepared statements: values bound by their kind, columns read with their limits. */
#pragma once

#include "common/database.h"
#include "proto/types.h"

/* Prepares `count` statements; on failure none is left. */
int statements_open(struct database *database, const char *const *sql, int count, sqlite3_stmt **statements,
                    struct error *error);
void statements_close(sqlite3_stmt **statements, int count);

/* The value is borrowed until the statement is reset. */
void bind_text(sqlite3_stmt *statement, int index, struct text text);
void bind_string(sqlite3_stmt *statement, int index, const char *string);
void bind_bytes(sqlite3_stmt *statement, int index, const void *bytes, size_t length);
void bind_id(sqlite3_stmt *statement, int index, const struct id *id);

/* Runs a statement that gives no rows. 0, or < 0. */
int statement_run(struct database *database, sqlite3_stmt *statement, struct error *error);

/* Borrowed until the next step; terminated. "" for NULL. */
struct text column_text(sqlite3_stmt *statement, int column);
/* False when it has another length; then nothing is written. */
bool column_bytes(sqlite3_stmt *statement, int column, void *out, size_t length);
/* Terminated; false when it does not fit. */
bool column_string(sqlite3_stmt *statement, int column, char *out, size_t size);
