/* From the User-Id of a connection to role, unit and source. */
#include "services/intake/identity.h"

#include <assert.h>
#include <stdio.h>

#include "proto/codec.h"

#define CLIENT_PREFIX "client:"
#define SERVICE_PREFIX "service:"
#define KEY_BEGIN 16 /* characters of the key within the User-Id */

static_assert(sizeof CLIENT_PREFIX + NAME_MAX_BYTES + 1 + KEY_BEGIN <= BUS_USER_MAX, "a User-Id fits");

struct service_role {
    const char *name;
    enum role role;
};

static const struct service_role service_roles[] = {
    {"operator", ROLE_ADMIN}, {"portal", ROLE_DELEGATE}, {"aggregator", ROLE_HEAD},
    {"archiver", ROLE_SIDE},  {"notifier", ROLE_SIDE},   {"intake", ROLE_NONE},
};

static enum role role_of_service(const char *name) {
    for (size_t i = 0; i < sizeof service_roles / sizeof *service_roles; i++) {
        if (strcmp(service_roles[i].name, name) == 0) {
            return service_roles[i].role;
        }
    }
    return ROLE_NONE;
}

static bool is_on(const struct member_entry *member) {
    return member && member->role != ROLE_NONE;
}

static int account_off(struct text name, struct error *error) {
    return error_setf(error, ERR_ACCOUNT_OFF, "%.*s", (int)name.length, name.length > 0 ? name.data : "");
}

static void become(struct identity *identity, const char *prefix, const struct member_entry *member) {
    identity->role = member->role;
    snprintf(identity->unit, sizeof identity->unit, "%s", member->unit);
    snprintf(identity->source, sizeof identity->source, "%s%s", prefix, member->name);
}

static int identity_of_client(const struct directory *directory, const char *rest, struct identity *identity,
                              struct error *error) {
    const char *colon = strchr(rest, ':');
    struct text name = {rest, (uint32_t)(colon ? (size_t)(colon - rest) : strlen(rest))};
    const struct member_entry *client = directory_client(directory, name);
    if (!is_on(client) || !colon || strncmp(colon + 1, client->key, KEY_BEGIN) != 0) {
        return account_off(name, error);
    }
    become(identity, CLIENT_PREFIX, client);
    return 0;
}

int identity_of_peer(const struct directory *directory, const char *user, struct identity *identity,
                     struct error *error) {
    *identity = (struct identity){0};
    if (strncmp(user, CLIENT_PREFIX, strlen(CLIENT_PREFIX)) == 0) {
        return identity_of_client(directory, user + strlen(CLIENT_PREFIX), identity, error);
    }
    if (strncmp(user, SERVICE_PREFIX, strlen(SERVICE_PREFIX)) != 0) {
        return account_off(text_of(user), error);
    }
    identity->role = role_of_service(user + strlen(SERVICE_PREFIX));
    snprintf(identity->source, sizeof identity->source, "%s", user);
    return identity->role == ROLE_NONE ? account_off(text_of(user), error) : 0;
}

static int no_right(const struct identity *identity, const char *takes, struct error *error) {
    return error_set(error, ERR_NO_RIGHT,
                     (struct error_words){.value = word_wire(KIND_ROLE, (int)identity->role), .limit = takes});
}

int identity_delegate(const struct directory *directory, struct text delegate, struct arena *arena,
                      struct identity *identity, struct error *error) {
    if (identity->role != ROLE_DELEGATE) {
        return delegate.length == 0 ? 0 : no_right(identity, "delegate", error);
    }
    if (delegate.length == 0) {
        return error_set(error, ERR_MISSING, (struct error_words){.field = "delegate"});
    }
    struct wire_delegate frame;
    struct faults faults = {0};
    int result = codec_decode(shape_of(SHAPE_delegate), delegate, arena, &frame, &faults);
    if (result < 0) {
        return faults_any(&faults) ? faults_to_error(&faults, error) : error_setf(error, ERR_NO_MEMORY, " ");
    }
    const struct member_entry *account = directory_account(directory, frame.account);
    if (!is_on(account)) {
        return account_off(frame.account, error);
    }
    become(identity, "account:", account);
    return 0;
}

bool identity_of_key(const struct directory *directory, const char *public_key, char user[BUS_USER_MAX]) {
    const struct member_entry *client = directory_client_of_key(directory, text_of(public_key));
    if (!is_on(client)) {
        return false;
    }
    snprintf(user, BUS_USER_MAX, CLIENT_PREFIX "%s:%.*s", client->name, KEY_BEGIN, client->key);
    return true;
}

int identity_may_read(const struct identity *identity, bool side, struct error *error) {
    bool at_root = unit_parent(text_of(identity->unit)).length == 0;
    switch (identity->role) {
    case ROLE_SIDE:
    case ROLE_ADMIN:
        return !side || at_root ? 0 : no_right(identity, "side at a root unit", error);
    case ROLE_HEAD:
    case ROLE_OFFICE:
        return !side ? 0 : no_right(identity, "side", error);
    default:
        return no_right(identity, side ? "side" : "head", error);
    }
}

bool identity_may_ask(const struct identity *identity) {
    return identity->role == ROLE_DELEGATE || role_rank(identity->role) >= role_rank(ROLE_OFFICE);
}

int role_rank(enum role role) {
    switch (role) {
    case ROLE_SQUAD:
        return 1;
    case ROLE_OFFICE:
        return 2;
    case ROLE_ADMIN:
        return 3;
    default:
        return 0;
    }
}
