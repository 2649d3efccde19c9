/* The register of units, accounts and clients, folded from the stream by this command itself. */
#pragma once

#include "common/import/import.h"
#include "services/chaoxun/session.h"

struct registry_unit {
    struct text path;
    struct text name;
    struct text full_name;
    struct text kind;
    int64_t order;
    bool closed;
};

struct registry_account {
    struct text account;
    struct text unit;
    enum role role; /* ROLE_NONE: switched off */
};

struct registry_client {
    struct text client;
    struct text key;
    struct text unit;
    enum role role;
};

struct registry {
    struct registry_unit *units; /* in the order of lists */
    uint32_t unit_count;
    struct registry_account *accounts;
    uint32_t account_count;
    struct registry_client *clients;
    uint32_t client_count;
    uint32_t unit_capacity;
    uint32_t account_capacity;
    uint32_t client_capacity;
    struct arena *arena; /* owns the texts */
};

/* Follows the stream from the beginning to the head of the moment. Blocks: about a second per some hundred thousand
 * events. */
int registry_load(struct registry *registry, const struct session *session, struct error *error);
void registry_free(struct registry *registry);

/* A whole command that needs the register: opens the operator's session, loads the register, calls `work` and closes
 * both. Blocks as registry_load does. Returns the exit status: that of `work`, or of command_fail when
 * the register could not be had. */
int registry_run(const struct options *options, int (*work)(const struct session *, const struct registry *));

/* One event folded in; others than unit.set, account.set, client.set change nothing. */
int registry_fold(struct registry *registry, const struct event *event, struct error *error);
/* Empty; made by registry_load too. */
int registry_init(struct registry *registry, struct error *error);
void registry_sort(struct registry *registry);

/* A role as it is shown. */
const char *registry_role(enum role role, enum error_language language);

/* A copy of the text that lives as long as the register; .data NULL without memory. */
struct text registry_keep(struct registry *registry, struct text text);

/* By path, by the path's last part, by short or full name; NULL when there is none. */
const struct registry_unit *registry_find_unit(const struct registry *registry, struct text name);
const struct registry_client *registry_find_client(const struct registry *registry, struct text name);
const struct registry_account *registry_find_account(const struct registry *registry, struct text name);

/* The path of the unit that an option names; empty where it is NULL. -ERR_UNKNOWN_UNIT. */
int registry_option_unit(const struct registry *registry, const char *name, char path[EVENT_UNIT_MAX + 1],
                         struct error *error);

/* registry_find_unit as the importer asks for it; `data` is the registry. */
bool registry_import_unit(void *data, struct text name, char *path);
