/* chaoxun client: programs that speak ZeroMQ, each with a key, a unit and a role. */
#include <stdio.h>
#include <string.h>

#include "services/chaoxun/command.h"
#include "services/chaoxun/files.h"
#include "services/chaoxun/grid.h"
#include "services/chaoxun/receipts.h"
#include "services/chaoxun/registry.h"

#define PATH_BYTES (SESSION_PATH_MAX + 128)

/* ---- list ---- */

static int print_clients(const struct session *session, const struct registry *registry) {
    enum error_language language = session->language;
    struct grid *grid = grid_create();
    if (!grid) {
        return EXIT_REFUSED;
    }
    grid_column(grid, language_pick(language, "client", "程序"), GRID_LEFT);
    grid_column(grid, language_pick(language, "unit", "单位"), GRID_LEFT);
    grid_column(grid, language_pick(language, "role", "身份"), GRID_LEFT);
    grid_column(grid, language_pick(language, "public key", "公钥"), GRID_LEFT);
    for (uint32_t i = 0; i < registry->client_count; i++) {
        const struct registry_client *client = &registry->clients[i];
        grid_cell(grid, client->client);
        grid_cell(grid, client->unit);
        grid_cell(grid, text_of(registry_role(client->role, language)));
        grid_cell(grid, client->key);
    }
    bool whole = grid_print(grid, stdout);
    grid_destroy(&grid);
    return whole ? 0 : EXIT_REFUSED;
}

static int run_list(const struct options *options) {
    return registry_run(options, print_clients);
}

const struct command command_client_list = {
    .name = "client list",
    .summary = "the registered programs with their keys, units and roles",
    .usage = "[OPTION...]",
    .about = "Read from the stream.\n",
    .run = run_list,
};

/* ---- add ---- */

/* The doors that a client uses. */
static const enum edge doors[] = {EDGE_SUBMIT, EDGE_LIVE, EDGE_NOTICES, EDGE_OUTBOX};
#define DOOR_COUNT (sizeof doors / sizeof *doors)

/* Where the client's files go: --out, else <data>/clients. */
static int choose_folder(const struct session *session, char *folder, size_t size, struct error *error) {
    const char *out = option_text(session->options, "out");
    int result = 0;
    if (out) {
        snprintf(folder, size, "%s", out);
    } else {
        result = session_path(session, "clients", folder, size, error);
    }
    return result != 0 ? result : directory_make(folder, error);
}

/* A public key of a service beside the client's own, so that the folder holds all that the client needs. */
static int copy_server_key(const struct session *session, const char *folder, const char *service,
                           struct error *error) {
    char key[KEY_TEXT_SIZE];
    char line[KEY_TEXT_SIZE + 1];
    char path[PATH_BYTES];
    int result = keys_load_public(session->keys_dir, service, key, error);
    if (result != 0) {
        return result;
    }
    snprintf(line, sizeof line, "%s\n", key);
    snprintf(path, sizeof path, "%s/%s.pub", folder, service);
    return file_write(path, 0644, text_of(line), error);
}

static int make_key(const struct session *session, const char *name, const char *folder, struct key_pair *pair,
                    struct error *error) {
    int result = keys_make(folder, name, error);
    if (result == -(int)ERR_ALREADY) {
        result = 0; /* the key of an earlier try, or a client that gets another unit */
    }
    if (result == 0) {
        result = keys_load_pair(folder, name, pair, error);
    }
    for (size_t i = 0; i < DOOR_COUNT && result == 0; i++) {
        result = copy_server_key(session, folder, edge_row(doors[i])->binder, error);
    }
    return result;
}

static struct event client_event(const char *name, const char *key, struct text unit, enum role role,
                                 union event_body *body) {
    body->client = (struct wire_client){.client = text_of(name), .key = text_of(key), .role = (int32_t)role};
    wire_set(&body->client.present, FIELD_client_client);
    wire_set(&body->client.present, FIELD_client_key);
    wire_set(&body->client.present, FIELD_client_role);
    return event_now(EVENT_CLIENT_SET, unit, body);
}

static void print_use(const struct session *session, const char *name, const char *folder) {
    for (size_t i = 0; i < DOOR_COUNT; i++) {
        const struct edge_row *row = edge_row(doors[i]);
        char endpoint[SESSION_PATH_MAX] = "";
        config_endpoint(session->config, row->name, endpoint, sizeof endpoint, NULL);
        printf("%-9s %s  server key %s/%s.pub\n", row->name, endpoint, folder, row->binder);
    }
    printf("own keys  %s/%s.key (secret) and %s/%s.pub\n", folder, name, folder, name);
    printf("try       chaoxun submit --key %s/%s.key --server-key %s/intake.pub report.json\n", folder, name, folder);
    printf("          chaoxun tail --notices --key %s/%s.key --server-key %s/notifier.pub\n", folder, name, folder);
}

static int run_add(const struct options *options) {
    const char *name = option_operand(options, 0);
    const char *unit = option_text(options, "unit");
    const char *word = option_text(options, "role");
    const char *key = option_text(options, "key");
    int role = word ? word_find(KIND_ROLE, text_of(word)) : -1;
    if (!unit || role <= ROLE_NONE || role == ROLE_DELEGATE) {
        return command_usage(options, "--unit PATH and --role squad, office, admin, head or side are needed");
    }
    struct session session;
    struct error error;
    struct key_pair pair = {.public_key = ""};
    char folder[SESSION_PATH_MAX] = "";
    int result = session_open(&session, options, NULL, NULL, &error);
    if (result == 0 && !key) {
        result = choose_folder(&session, folder, sizeof folder, &error);
        result = result != 0 ? result : make_key(&session, name, folder, &pair, &error);
    }
    int status;
    if (result != 0) {
        status = command_fail(options, &error);
    } else {
        union event_body body;
        struct event event = client_event(name, key ? key : pair.public_key, text_of(unit), (enum role)role, &body);
        status = receipt_submit(&session, &event);
        if (status == 0 && !key) {
            print_use(&session, name, folder);
        }
    }
    keys_wipe(&pair);
    session_close(&session);
    return status;
}

static const struct option_row add_rows[] = {
    {.name = "unit", .kind = OPTION_TEXT, .word = "PATH", .prose = "for which unit, and all under it, it speaks"},
    {.name = "role",
     .kind = OPTION_TEXT,
     .word = "WORD",
     .prose = "squad, office, admin; head or side to read the stream",
     .values = "squad guide office admin head side"},
    {.name = "out", .kind = OPTION_TEXT, .word = "DIR", .prose = "where its keys go (default: <data>/clients)"},
    {.name = "key", .kind = OPTION_TEXT, .word = "PUBLIC", .prose = "register this public key; no key is made"},
    {.name = NULL},
};

const struct command command_client_add = {
    .name = "client add",
    .summary = "register a program: its key, unit and role",
    .usage = "NAME --unit PATH --role WORD [OPTION...]",
    .about = "Makes a key pair, or takes the public key of one that was made elsewhere, and prints what the program "
             "needs to\n"
             "connect. Example: chaoxun client add square --unit haining/xiashi --role squad --out keys-of-square\n",
    .options = add_rows,
    .operands_min = 1,
    .operands_max = 1,
    .run = run_add,
};

/* ---- off ---- */

static int switch_off(const struct session *session, const struct registry *registry) {
    const char *name = option_operand(session->options, 0);
    const struct registry_client *client = registry_find_client(registry, text_of(name));
    if (!client) {
        struct error error;
        error_set(&error, ERR_NOT_FOUND, (struct error_words){.value = name});
        return command_fail(session->options, &error);
    }
    char key[KEY_TEXT_SIZE];
    snprintf(key, sizeof key, "%.*s", (int)client->key.length, client->key.data);
    union event_body body;
    struct event event = client_event(name, key, client->unit, ROLE_NONE, &body);
    return receipt_submit(session, &event);
}

static int run_off(const struct options *options) {
    return registry_run(options, switch_off);
}

const struct command command_client_off = {
    .name = "client off",
    .summary = "switch a program off: its key opens nothing more",
    .usage = "NAME",
    .about = "What it handed in stays. chaoxun client add switches it on again.\n",
    .operands_min = 1,
    .operands_max = 1,
    .run = run_off,
};
