/* Rights at the door. */
#include "services/notifier/rights.h"

#include <assert.h>
#include <stdio.h>

#include "proto/shape.h"

#define PREFIX "client:"
#define KEY_BEGIN 16 /* characters of the key in a user's name */

static_assert(sizeof PREFIX + CLIENT_NAME_BYTES + 1 + KEY_BEGIN <= BUS_USER_MAX, "a user's name fits");

void rights_user(const struct client_row *client, char user[BUS_USER_MAX]) {
    snprintf(user, BUS_USER_MAX, PREFIX "%s:%.*s", client->name, KEY_BEGIN, client->key);
}

static bool is_service(const char *user) {
    return strcmp(user, "service:portal") == 0 || strcmp(user, "service:operator") == 0;
}

int rights_of(struct clients *clients, const char *user, struct rights *rights, struct error *error) {
    char expected[BUS_USER_MAX] = "";
    *rights = (struct rights){.service = is_service(user)};
    if (rights->service) {
        return 0;
    }
    const char *name = strncmp(user, PREFIX, strlen(PREFIX)) == 0 ? user + strlen(PREFIX) : "";
    struct text shown = {name, (uint32_t)strcspn(name, ":")};
    int found = clients_find(clients, shown, &rights->client, error);
    if (found == 1) {
        rights_user(&rights->client, expected);
    }
    if (found < 0 || (found == 1 && strcmp(user, expected) == 0)) {
        return found < 0 ? found : 0;
    }
    char value[BUS_USER_MAX];
    snprintf(value, sizeof value, "%.*s", (int)shown.length, name);
    return error_set(error, ERR_ACCOUNT_OFF, (struct error_words){.value = value});
}

static bool may(enum role role, enum ask ask) {
    bool leads = role == ROLE_OFFICE || role == ROLE_ADMIN;
    switch (ask) {
    case ASK_NOTICES:
        return leads || role == ROLE_SQUAD;
    case ASK_SIDE:
    case ASK_PREVIEW:
        return leads;
    case ASK_REPORT:
        return false;
    }
    return false;
}

int rights_check(const struct rights *rights, enum ask ask, struct error *error) {
    static const char *const takes[] = {
        [ASK_NOTICES] = "squad, office or admin",
        [ASK_SIDE] = "office or admin",
        [ASK_PREVIEW] = "office or admin",
        [ASK_REPORT] = "the portal",
    };
    if (rights->service || may(rights->client.role, ask)) {
        return 0;
    }
    return error_set(
        error, ERR_NO_RIGHT,
        (struct error_words){.value = word_wire(KIND_ROLE, (int)rights->client.role), .limit = takes[ask]});
}

int rights_named(struct text unit, struct text within, struct error *error) {
    if (path_is_within(unit, within)) {
        return 0;
    }
    char value[EVENT_UNIT_MAX + 1];
    char limit[EVENT_UNIT_MAX + 1];
    snprintf(value, sizeof value, "%.*s", (int)unit.length, unit.data);
    snprintf(limit, sizeof limit, "%.*s", (int)within.length, within.data);
    return error_set(error, ERR_OTHER_UNIT, (struct error_words){.value = value, .limit = limit});
}

int rights_within(const struct rights *rights, struct text *within, struct error *error) {
    struct text own = text_of(rights->client.unit);
    if (rights->service) {
        return 0;
    }
    if (within->length == 0) {
        *within = own;
    }
    return rights_named(*within, own, error);
}
