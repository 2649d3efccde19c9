/* The register: small arrays, searched from end to end; a brigade has some dozens of units. */
#include "services/chaoxun/registry.h"

#include <stdlib.h>

#include "services/chaoxun/command.h"
#include "services/chaoxun/walk.h"

#define TEXTS_BYTES (64 * 1024 * 1024)

int registry_init(struct registry *registry, struct error *error) {
    *registry = (struct registry){.arena = arena_create(TEXTS_BYTES)};
    return registry->arena ? 0 : error_set(error, ERR_NO_MEMORY, (struct error_words){0});
}

void registry_free(struct registry *registry) {
    free(registry->units);
    free(registry->accounts);
    free(registry->clients);
    arena_destroy(&registry->arena);
    *registry = (struct registry){0};
}

/* ---- finding ---- */

static struct text last_part(struct text path) {
    struct text part = path;
    for (uint32_t i = 0; i < path.length; i++) {
        if (path.data[i] == '/') {
            part = (struct text){path.data + i + 1, path.length - i - 1};
        }
    }
    return part;
}

static struct registry_unit *find_path(const struct registry *registry, struct text path) {
    for (uint32_t i = 0; i < registry->unit_count; i++) {
        if (text_equal(registry->units[i].path, path)) {
            return &registry->units[i];
        }
    }
    return NULL;
}

const char *registry_role(enum role role, enum error_language language) {
    return language == LANGUAGE_ZH ? word_chinese(KIND_ROLE, (int)role) : word_wire(KIND_ROLE, (int)role);
}

const struct registry_unit *registry_find_unit(const struct registry *registry, struct text name) {
    const struct registry_unit *found = find_path(registry, name);
    for (uint32_t i = 0; i < registry->unit_count && !found; i++) {
        const struct registry_unit *unit = &registry->units[i];
        bool fits = text_equal(last_part(unit->path), name) || text_equal(unit->name, name) ||
                    text_equal(unit->full_name, name);
        found = fits ? unit : NULL;
    }
    return found;
}

const struct registry_account *registry_find_account(const struct registry *registry, struct text name) {
    for (uint32_t i = 0; i < registry->account_count; i++) {
        if (text_equal(registry->accounts[i].account, name)) {
            return &registry->accounts[i];
        }
    }
    return NULL;
}

const struct registry_client *registry_find_client(const struct registry *registry, struct text name) {
    for (uint32_t i = 0; i < registry->client_count; i++) {
        if (text_equal(registry->clients[i].client, name)) {
            return &registry->clients[i];
        }
    }
    return NULL;
}

bool registry_import_unit(void *data, struct text name, char *path) {
    const struct registry_unit *unit = name.length > 0 ? registry_find_unit(data, name) : NULL;
    if (!unit || unit->path.length > EVENT_UNIT_MAX) {
        return false;
    }
    memcpy(path, unit->path.data, unit->path.length);
    path[unit->path.length] = '\0';
    return true;
}

int registry_option_unit(const struct registry *registry, const char *name, char path[EVENT_UNIT_MAX + 1],
                         struct error *error) {
    *path = '\0';
    if (!name || registry_import_unit((void *)(uintptr_t)registry, text_of(name), path)) {
        return 0;
    }
    return error_set(error, ERR_UNKNOWN_UNIT, (struct error_words){.value = name});
}

/* ---- folding ---- */

/* Room for one more item of `size` bytes; NULL without memory. */
static void *next_item(void **items, uint32_t *count, uint32_t *capacity, size_t size) {
    if (*count == *capacity) {
        uint32_t grown = *capacity ? 2 * *capacity : 32;
        void *moved = realloc(*items, grown * size);
        if (!moved) {
            return NULL;
        }
        *items = moved;
        *capacity = grown;
    }
    return (char *)*items + size * (*count)++;
}

struct text registry_keep(struct registry *registry, struct text text) {
    char *copy = arena_copy(registry->arena, text.length > 0 ? text.data : "", text.length);
    return copy ? (struct text){copy, text.length} : (struct text){NULL, 0};
}

static bool fold_unit(struct registry *registry, const struct event *event) {
    const struct wire_unit *body = &event->body->unit;
    struct registry_unit *unit = find_path(registry, event->unit);
    if (!unit) {
        unit = next_item((void **)&registry->units, &registry->unit_count, &registry->unit_capacity, sizeof *unit);
    }
    if (unit) {
        *unit = (struct registry_unit){.path = registry_keep(registry, event->unit),
                                       .name = registry_keep(registry, body->name),
                                       .full_name = registry_keep(registry, body->full_name),
                                       .kind = registry_keep(registry, body->kind),
                                       .order = body->order,
                                       .closed = body->closed};
    }
    return unit && unit->path.data && unit->name.data;
}

static bool fold_account(struct registry *registry, const struct event *event) {
    const struct wire_account *body = &event->body->account;
    struct registry_account *account = (struct registry_account *)registry_find_account(registry, body->account);
    if (!account) {
        account = next_item((void **)&registry->accounts, &registry->account_count, &registry->account_capacity,
                            sizeof *account);
    }
    if (account) {
        *account = (struct registry_account){.account = registry_keep(registry, body->account),
                                             .unit = registry_keep(registry, event->unit),
                                             .role = (enum role)body->role};
    }
    return account && account->account.data && account->unit.data;
}

static bool fold_client(struct registry *registry, const struct event *event) {
    const struct wire_client *body = &event->body->client;
    struct registry_client *client = (struct registry_client *)registry_find_client(registry, body->client);
    if (!client) {
        client =
            next_item((void **)&registry->clients, &registry->client_count, &registry->client_capacity, sizeof *client);
    }
    if (client) {
        *client = (struct registry_client){.client = registry_keep(registry, body->client),
                                           .key = registry_keep(registry, body->key),
                                           .unit = registry_keep(registry, event->unit),
                                           .role = (enum role)body->role};
    }
    return client && client->client.data && client->key.data;
}

int registry_fold(struct registry *registry, const struct event *event, struct error *error) {
    bool kept = true;
    if (event->type == EVENT_UNIT_SET) {
        kept = fold_unit(registry, event);
    } else if (event->type == EVENT_ACCOUNT_SET) {
        kept = fold_account(registry, event);
    } else if (event->type == EVENT_CLIENT_SET) {
        kept = fold_client(registry, event);
    }
    return kept ? 0 : error_set(error, ERR_NO_MEMORY, (struct error_words){0});
}

static int compare_units(const void *one, const void *other) {
    const struct registry_unit *a = one;
    const struct registry_unit *b = other;
    if (a->order != b->order) {
        return a->order < b->order ? -1 : 1;
    }
    uint32_t shorter = a->path.length < b->path.length ? a->path.length : b->path.length;
    int difference = memcmp(a->path.data, b->path.data, shorter);
    return difference != 0 ? difference : (a->path.length > b->path.length) - (a->path.length < b->path.length);
}

void registry_sort(struct registry *registry) {
    if (registry->unit_count > 0) {
        qsort(registry->units, registry->unit_count, sizeof *registry->units, compare_units);
    }
}

/* ---- the stream ---- */

static int fold_event(void *data, const struct event *event, struct error *error) {
    return registry_fold(data, event, error);
}

int registry_load(struct registry *registry, const struct session *session, struct error *error) {
    int result = registry_init(registry, error);
    if (result == 0) {
        result = walk_stream(session, false, fold_event, registry, error);
    }
    registry_sort(registry);
    if (result != 0) {
        registry_free(registry);
    }
    return result;
}

int registry_run(const struct options *options, int (*work)(const struct session *, const struct registry *)) {
    struct session session;
    struct registry registry = {0};
    struct error error;
    int result = session_open(&session, options, NULL, NULL, &error);
    if (result == 0) {
        result = registry_load(&registry, &session, &error);
    }
    int status = result != 0 ? command_fail(options, &error) : work(&session, &registry);
    registry_free(&registry);
    session_close(&session);
    return status;
}
