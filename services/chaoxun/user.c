/* chaoxun user: accounts of people, and their passwords. */
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/key_file.h"
#include "services/chaoxun/command.h"
#include "services/chaoxun/grid.h"
#include "services/chaoxun/http.h"
#include "services/chaoxun/receipts.h"
#include "services/chaoxun/registry.h"
#include "services/chaoxun/secret.h"

/* ---- list ---- */

static int print_accounts(const struct session *session, const struct registry *registry) {
    enum error_language language = session->language;
    struct grid *grid = grid_create();
    if (!grid) {
        return EXIT_REFUSED;
    }
    grid_column(grid, language_pick(language, "account", "账号"), GRID_LEFT);
    grid_column(grid, language_pick(language, "unit", "单位"), GRID_LEFT);
    grid_column(grid, language_pick(language, "role", "身份"), GRID_LEFT);
    for (uint32_t i = 0; i < registry->account_count; i++) {
        const struct registry_account *account = &registry->accounts[i];
        grid_cell(grid, account->account);
        grid_cell(grid, account->unit);
        grid_cell(grid, text_of(registry_role(account->role, language)));
    }
    bool whole = grid_print(grid, stdout);
    grid_destroy(&grid);
    return whole ? 0 : EXIT_REFUSED;
}

static int run_list(const struct options *options) {
    return registry_run(options, print_accounts);
}

const struct command command_user_list = {
    .name = "user list",
    .summary = "the accounts with their units and roles",
    .usage = "[OPTION...]",
    .about = "Read from the stream; passwords are known to the portal alone, and only as verifiers.\n",
    .run = run_list,
};

/* ---- passwords ---- */

/* The old password of the account that the token belongs to: the first one, as long as its file is there and holds. */
static bool read_first_password(const struct session *session, char old[PASSWORD_TYPED_MAX]) {
    char path[SESSION_PATH_MAX];
    return session_path(session, "first-password", path, sizeof path, NULL) == 0 &&
           key_file_read(path, true, old, PASSWORD_TYPED_MAX, NULL) == 0;
}

static void forget_first_password(const struct session *session) {
    char path[SESSION_PATH_MAX];
    if (session_path(session, "first-password", path, sizeof path, NULL) == 0) {
        unlink(path);
    }
}

static int change_own(const struct session *session, const char *account, const char *password, struct error *error) {
    char old[PASSWORD_TYPED_MAX];
    int result = -(int)ERR_BAD_PASSWORD;
    if (read_first_password(session, old)) {
        result = http_set_password(session, account, password, old, error);
    }
    if (result == -(int)ERR_BAD_PASSWORD) {
        result = secret_read("old password", false, old, error);
        result = result != 0 ? result : http_set_password(session, account, password, old, error);
    }
    if (result == 0) {
        forget_first_password(session);
    }
    sodium_memzero(old, sizeof old);
    return result;
}

/* A password of one's own (typed or from standard input), or a made one that is shown once. */
static int give_password(const struct session *session, const char *account, bool own, struct error *error) {
    char password[PASSWORD_TYPED_MAX];
    int result = 0;
    if (own) {
        result = secret_read("new password", true, password, error);
    } else {
        secret_password(password);
    }
    if (result == 0) {
        result = strcmp(account, FIRST_ACCOUNT) == 0 ? change_own(session, account, password, error)
                                                     : http_set_password(session, account, password, NULL, error);
    }
    if (result == 0 && !own) {
        printf(language_pick(session->language, "password of %s: %s\n", "账号 %s 的密码：%s\n"), account, password);
    }
    sodium_memzero(password, sizeof password);
    return result;
}

static int run_password(const struct options *options) {
    struct session session;
    struct error error;
    int result = session_open(&session, options, NULL, NULL, &error);
    if (result == 0) {
        result = give_password(&session, option_operand(options, 0), option_given(options, "ask"), &error);
    }
    int status = result != 0 ? command_fail(options, &error) : 0;
    session_close(&session);
    return status;
}

#define ASK_OPTION \
    { \
        .name = "ask", .kind = OPTION_FLAG, \
        .prose = "type the password (not echoed), or give it on standard input; else one is made and shown once" \
    }

static const struct option_row password_rows[] = {
    ASK_OPTION,
    {.name = NULL},
};

const struct command command_user_password = {
    .name = "user password",
    .summary = "give an account a new password",
    .usage = "ACCOUNT [--ask]",
    .about = "Needs the portal and <data>/token. The password is never an argument, which others could see. For the "
             "account\n"
             "office the old one is asked for; when it is lost, chaoxun up --new-password makes another.\n",
    .options = password_rows,
    .operands_min = 1,
    .operands_max = 1,
    .run = run_password,
};

/* ---- add and off ---- */

static struct event account_event(const struct options *options, struct text unit, enum role role,
                                  union event_body *body) {
    body->account = (struct wire_account){.account = text_of(option_operand(options, 0)), .role = (int32_t)role};
    wire_set(&body->account.present, FIELD_account_account);
    wire_set(&body->account.present, FIELD_account_role);
    const char *person = option_text(options, "person");
    if (person) {
        body->account.person = text_of(person);
        wire_set(&body->account.present, FIELD_account_person);
    }
    return event_now(EVENT_ACCOUNT_SET, unit, body);
}

static int run_add(const struct options *options) {
    const char *unit = option_text(options, "unit");
    const char *word = option_text(options, "role");
    int role = word ? word_find(KIND_ROLE, text_of(word)) : -1;
    if (!unit || role < ROLE_SQUAD || role > ROLE_ADMIN) {
        return command_usage(options, "--unit PATH and --role squad, guide, office or admin are needed");
    }
    struct session session;
    struct error error;
    union event_body body;
    if (session_open(&session, options, NULL, NULL, &error) != 0) {
        return command_fail(options, &error);
    }
    struct event event = account_event(options, text_of(unit), (enum role)role, &body);
    int status = receipt_submit(&session, &event);
    if (status == 0 && !option_given(options, "no-password") &&
        give_password(&session, option_operand(options, 0), option_given(options, "ask"), &error) != 0) {
        status = command_fail(options, &error);
    }
    session_close(&session);
    return status;
}

static const struct option_row add_rows[] = {
    {.name = "unit", .kind = OPTION_TEXT, .word = "PATH", .prose = "for which unit, and all under it, it speaks"},
    {.name = "role",
     .kind = OPTION_TEXT,
     .word = "WORD",
     .prose = "squad, guide, office or admin",
     .values = "squad guide office admin"},
    {.name = "person", .kind = OPTION_TEXT, .word = "NUMBER", .prose = "number of the person who uses it"},
    ASK_OPTION,
    {.name = "no-password", .kind = OPTION_FLAG, .prose = "leave the password as it is, or none"},
    {.name = NULL},
};

const struct command command_user_add = {
    .name = "user add",
    .summary = "make an account or change its unit and role",
    .usage = "ACCOUNT --unit PATH --role WORD [OPTION...]",
    .about = "ACCOUNT is the name for signing in: letters, digits, - _ . and never a person's name.\n"
             "Example: chaoxun user add xucun --unit haining/xucun --role squad\n",
    .options = add_rows,
    .operands_min = 1,
    .operands_max = 1,
    .run = run_add,
};

static int switch_off(const struct session *session, const struct registry *registry) {
    const char *name = option_operand(session->options, 0);
    const struct registry_account *account = registry_find_account(registry, text_of(name));
    if (!account) {
        struct error error;
        error_set(&error, ERR_NOT_FOUND, (struct error_words){.value = name});
        return command_fail(session->options, &error);
    }
    union event_body body;
    struct event event = account_event(session->options, account->unit, ROLE_NONE, &body);
    return receipt_submit(session, &event);
}

static int run_off(const struct options *options) {
    return registry_run(options, switch_off);
}

static const struct option_row off_rows[] = {
    {.name = "person", .kind = OPTION_TEXT, .word = "NUMBER", .prose = "number of the person who used it"},
    {.name = NULL},
};

const struct command command_user_off = {
    .name = "user off",
    .summary = "switch an account off",
    .usage = "ACCOUNT",
    .about = "What it handed in stays. chaoxun user add switches it on again.\n",
    .options = off_rows,
    .operands_min = 1,
    .operands_max = 1,
    .run = run_off,
};
