/* Clients in SQLite. */
#include "services/notifier/clients.h"

#include <assert.h>

enum { PUT, OF_KEY, FIND, STATEMENT_COUNT };

static_assert(STATEMENT_COUNT == CLIENTS_STATEMENTS, "room for each");

#define FITS "checksum IS row_checksum(name, key, unit, role)"

static const char *const sql[STATEMENT_COUNT] = {
    [PUT] = "INSERT OR REPLACE INTO clients (name, key, unit, role, checksum)"
            " VALUES (?1, ?2, ?3, ?4, row_checksum(?1, ?2, ?3, ?4))",
    [OF_KEY] = "SELECT name, key, unit, role, " FITS " FROM clients WHERE key = ?1 AND role <> 'none'",
    [FIND] = "SELECT name, key, unit, role, " FITS " FROM clients WHERE name = ?1 AND role <> 'none'",
};

int clients_open(struct clients *clients, struct database *database, struct error *error) {
    *clients = (struct clients){.database = database};
    return statements_open(database, sql, STATEMENT_COUNT, clients->statements, error);
}

void clients_close(struct clients *clients) {
    statements_close(clients->statements, STATEMENT_COUNT);
}

int clients_put(struct clients *clients, const struct event *event, struct error *error) {
    const struct wire_client *client = &event->body->client;
    sqlite3_stmt *statement = clients->statements[PUT];
    bind_text(statement, 1, client->client);
    bind_text(statement, 2, client->key);
    bind_text(statement, 3, event->unit);
    bind_string(statement, 4, word_wire(KIND_ROLE, client->role));
    return statement_run(clients->database, statement, error);
}

static int read_one(struct clients *clients, sqlite3_stmt *statement, struct text value, struct client_row *row,
                    struct error *error) {
    bind_text(statement, 1, value);
    int result = database_step(clients->database, statement, error);
    if (result == 1) {
        int role = word_find(KIND_ROLE, column_text(statement, 3));
        bool fits = column_string(statement, 0, row->name, sizeof row->name) &&
                    column_string(statement, 1, row->key, sizeof row->key) &&
                    column_string(statement, 2, row->unit, sizeof row->unit) && role > ROLE_NONE &&
                    sqlite3_column_int(statement, 4) == 1;
        row->role = fits ? (enum role)role : ROLE_NONE;
        result = fits;
    }
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    return result;
}

int clients_of_key(struct clients *clients, struct text key, struct client_row *row, struct error *error) {
    return read_one(clients, clients->statements[OF_KEY], key, row, error);
}

int clients_find(struct clients *clients, struct text name, struct client_row *row, struct error *error) {
    return read_one(clients, clients->statements[FIND], name, row, error);
}
