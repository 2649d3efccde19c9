/* Clients by key. */
#include "services/aggregator/clients.h"

#include <stdlib.h>

#include "services/aggregator/column.h"

void clients_start(struct clients *clients) {
    *clients = (struct clients){0};
    names_start(&clients->names);
}

void clients_free(struct clients *clients) {
    names_free(&clients->names);
    free(clients->items);
    *clients = (struct clients){0};
}

uint32_t clients_set(struct clients *clients, struct text name, struct text key, bool on) {
    if (key.length != KEY_TEXT_SIZE - 1 ||
        column_reserve(&clients->items, &clients->capacity, (uint64_t)clients->names.count + 1,
                       sizeof *clients->items) < 0) {
        return TABLE_NONE;
    }
    uint32_t number = names_number(&clients->names, name);
    if (number != NAME_NONE) {
        struct client_row *row = &clients->items[number];
        *row = (struct client_row){.on = on};
        memcpy(row->key, key.data, key.length);
    }
    return number;
}

struct text clients_name(const struct clients *clients, const char *key) {
    for (uint32_t i = 0; i < clients->names.count; i++) {
        if (clients->items[i].on && strcmp(clients->items[i].key, key) == 0) {
            return names_text(&clients->names, i);
        }
    }
    return (struct text){0};
}
