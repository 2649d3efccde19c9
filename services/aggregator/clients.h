/* Clients: the keys that client.set registered, for the door of live totals.
 *
 * A client has one key at a time; role none switches it off. There are few, and they are looked up when a connection
 * comes, so they stand in a plain list.
 */
#pragma once

#include "common/keys.h"
#include "services/aggregator/names.h"

struct client_row {
    char key[KEY_TEXT_SIZE];
    bool on;
};

struct clients {
    struct names names; /* of client n */
    struct client_row *items;
    uint32_t capacity;
};

void clients_start(struct clients *clients);
void clients_free(struct clients *clients);

/* Returns its number, or TABLE_NONE when there is no memory or the key is none. */
uint32_t clients_set(struct clients *clients, struct text name, struct text key, bool on);

/* The name of the client whose key it is; empty when it is nobody's or switched off. */
struct text clients_name(const struct clients *clients, const char *key);
