/* chaoxun keys: the key pairs of services and programs. */
#include "common/keys.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "services/chaoxun/command.h"
#include "services/chaoxun/files.h"
#include "services/chaoxun/grid.h"
#include "services/chaoxun/session.h"

static int run_init(const struct options *options) {
    struct session session;
    struct error error;
    int result = session_settings(&session, options, &error);
    if (result == 0 && config_text(session.config, SETTING_KEYS)[0] == '\0') {
        result = directory_make(config_text(session.config, SETTING_DATA), &error);
    }
    if (result == 0) {
        result = keys_init(session.keys_dir, &error);
    }
    if (result == 0) {
        printf("%s\n", session.keys_dir);
    }
    int status = result != 0 ? command_fail(options, &error) : 0;
    session_close(&session);
    return status;
}

const struct command command_keys_init = {
    .name = "keys init",
    .summary = "make what is missing of the services' keys",
    .usage = "[OPTION...]",
    .about = "Never overwrites. chaoxun up does it by itself. side.key encrypts personal data in the journal: keep a "
             "copy of\n"
             "it apart from the data; without it they cannot be read again.\n",
    .run = run_init,
};

static int is_public(const struct dirent *entry) {
    size_t length = strlen(entry->d_name);
    return length > 4 && strcmp(entry->d_name + length - 4, ".pub") == 0;
}

static int list_directory(const char *directory, struct grid *grid, struct error *error) {
    struct dirent **entries = NULL;
    int count = scandir(directory, &entries, is_public, alphasort);
    if (count < 0) {
        return error_setf(error, ERR_BAD_KEYFILE, "%.200s: %s", directory, strerror(errno));
    }
    int result = 0;
    for (int i = 0; i < count; i++) {
        char name[KEY_NAME_MAX + 1];
        char key[KEY_TEXT_SIZE];
        snprintf(name, sizeof name, "%.*s", (int)strlen(entries[i]->d_name) - 4, entries[i]->d_name);
        int loaded = result == 0 ? keys_load_public(directory, name, key, error) : result;
        if (loaded == 0) {
            grid_cell(grid, text_of(name));
            grid_cell(grid, text_of(key));
        }
        result = loaded;
        free(entries[i]);
    }
    free(entries);
    return result;
}

static int run_list(const struct options *options) {
    struct session session = {.options = options};
    struct error error;
    struct grid *grid = grid_create();
    int result =
        grid ? session_settings(&session, options, &error) : error_set(&error, ERR_NO_MEMORY, (struct error_words){0});
    if (result == 0) {
        grid_column(grid, language_pick(session.language, "name", "名称"), GRID_LEFT);
        grid_column(grid, language_pick(session.language, "public key", "公钥"), GRID_LEFT);
        result = list_directory(session.keys_dir, grid, &error);
    }
    int status = 0;
    if (result != 0) {
        status = command_fail(options, &error);
    } else if (!grid_print(grid, stdout)) {
        status = EXIT_REFUSED;
    }
    session_close(&session);
    grid_destroy(&grid);
    return status;
}

const struct command command_keys_list = {
    .name = "keys list",
    .summary = "names and public keys of the key directory",
    .usage = "[OPTION...]",
    .about = "Secret keys are never shown. Keys of registered programs: chaoxun client list.\n",
    .run = run_list,
};

static int run_make(const struct options *options) {
    struct session session;
    struct error error;
    const char *name = option_operand(options, 0);
    char public_key[KEY_TEXT_SIZE];
    int result = session_settings(&session, options, &error);
    const char *out = option_text(options, "out");
    if (result == 0) {
        result = keys_make(out ? out : session.keys_dir, name, &error);
    }
    if (result == 0) {
        result = keys_load_public(out ? out : session.keys_dir, name, public_key, &error);
    }
    if (result == 0) {
        printf("%s/%s.key (secret)\n%s/%s.pub %s\n", out ? out : session.keys_dir, name, out ? out : session.keys_dir,
               name, public_key);
    }
    int status = result != 0 ? command_fail(options, &error) : 0;
    session_close(&session);
    return status;
}

static const struct option_row make_rows[] = {
    {.name = "out", .kind = OPTION_TEXT, .word = "DIR", .prose = "where (default: the key directory)"},
    {.name = NULL},
};

const struct command command_keys_make = {
    .name = "keys make",
    .summary = "make one key pair",
    .usage = "NAME [--out DIR]",
    .about =
        "Writes NAME.key (secret) and NAME.pub. Never overwrites. chaoxun client add NAME --key PUBLIC registers it.\n",
    .options = make_rows,
    .operands_min = 1,
    .operands_max = 1,
    .run = run_make,
};

static int run_share(const struct options *options) {
    struct session session;
    struct error error;
    const char *name = option_operand(options, 0);
    const char *out = option_text(options, "out");
    if (!out) {
        return command_usage(options, "keys share needs --out DIR");
    }
    int result = session_settings(&session, options, &error);
    if (result == 0) {
        result = keys_share(session.keys_dir, name, out, &error);
    }
    int status = result != 0 ? command_fail(options, &error) : 0;
    session_close(&session);
    return status;
}

static const struct option_row share_rows[] = {
    {.name = "out", .kind = OPTION_TEXT, .word = "DIR", .prose = "where; made when it is not there (mode 0700)"},
    {.name = NULL},
};

const struct command command_keys_share = {
    .name = "keys share",
    .summary = "lay out what one service needs of the keys, for a container or machine of its own",
    .usage = "NAME --out DIR",
    .about = "NAME is a service or operator. DIR gets NAME's secret key, everyone's public keys, and for intake also\n"
             "side.key. What is there already stays; a key that differs is refused, never overwritten.\n",
    .options = share_rows,
    .operands_min = 1,
    .operands_max = 1,
    .run = run_share,
};
