/* Clients: the keys that client.set registered, for the doors of notices; role none switches one off. Looked up when a
 * connection comes and with each question, so that a right that was taken away is gone at once. Errors as of database.h.
 */
#pragma once

#include "common/keys.h"
#include "proto/event.h"
#include "services/notifier/statement.h"

#define CLIENT_NAME_BYTES 32

struct client_row {
    char name[CLIENT_NAME_BYTES + 1];
    char key[KEY_TEXT_SIZE];
    char unit[EVENT_UNIT_MAX + 1];
    enum role role;
};

struct clients {
    struct database *database;
    sqlite3_stmt *statements[3];
};

int clients_open(struct clients *clients, struct database *database, struct error *error);
void clients_close(struct clients *clients);

int clients_put(struct clients *clients, const struct event *event, struct error *error);

/* 1 found and switched on, else 0. */
int clients_of_key(struct clients *clients, struct text key, struct client_row *row, struct error *error);
int clients_find(struct clients *clients, struct text name, struct client_row *row, struct error *error);
