/* Taking over the first account. */
#include "services/portal/bootstrap.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/clock.h"
#include "proto/json.h"
#include "services/portal/accounts.h"
#include "services/portal/password.h"

#define FILE_BYTES_MAX 4096

static int refuse(struct error *error, const char *what) {
    return error_set(error, ERR_BAD_KEYFILE, (struct error_words){.field = "portal/bootstrap", .value = what});
}

/* The file's bytes: how many, 0 when there is no file. */
static int read_file(const char *path, char bytes[FILE_BYTES_MAX], struct error *error) {
    struct stat facts;
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (file < 0) {
        return errno == ENOENT ? 0 : refuse(error, strerror(errno));
    }
    bool closed_to_others = fstat(file, &facts) == 0 && (facts.st_mode & 077) == 0;
    ssize_t got = closed_to_others ? read(file, bytes, FILE_BYTES_MAX) : 0;
    close(file);
    if (!closed_to_others) {
        return refuse(error, "others can read it: chmod 600");
    }
    return got > 0 ? (int)got : refuse(error, "cannot be read, or is empty");
}

static int store(struct portal *portal, const char *account, struct text password, struct text token,
                 struct error *error) {
    char verifier[VERIFIER_SIZE];
    int64_t now = clock_now();
    struct token_row row = {.kind = TOKEN_BEARER, .created_at = now, .expires_at = INT64_MAX};
    snprintf(row.account, sizeof row.account, "%s", account);
    if (!token_hash(token, row.hash)) {
        return refuse(error, "its token is none");
    }
    int result = password_make_now(password, verifier, error);
    struct token_row known;
    if (result == 0 && (result = accounts_find_token(portal->accounts, row.hash, &known, error)) == 0) {
        result = accounts_add_token(portal->accounts, &row, error);
    }
    /* The verifier last: as long as it is missing, the file is taken over again. */
    return result < 0 ? result : accounts_set_verifier(portal->accounts, account, verifier, now, error);
}

/* A password that is replaced was lost or known to others: what was opened with it is closed. */
static int forget_tokens(struct portal *portal, const char *account, struct error *error) {
    int result = accounts_drop_tokens(portal->accounts, account, TOKEN_SESSION, NULL, error);
    return result < 0 ? result : accounts_drop_tokens(portal->accounts, account, TOKEN_BEARER, NULL, error);
}

static int take_over(struct portal *portal, const json_t *document, struct error *error) {
    const json_t *account = json_object_get(document, "account");
    const json_t *password = json_object_get(document, "password");
    const json_t *token = json_object_get(document, "token");
    char verifier[VERIFIER_SIZE];
    if (!json_is_string(account) || !json_is_string(password) || !json_is_string(token) ||
        json_string_length(account) > EVENT_BY_MAX || json_string_length(password) < PASSWORD_BYTES_MIN ||
        json_string_length(password) > PASSWORD_BYTES_MAX) {
        return refuse(error, "account, password or token is missing or has a wrong length");
    }
    const char *name = json_string_value(account);
    int found = accounts_verifier(portal->accounts, name, verifier, error);
    if (found > 0 && json_is_true(json_object_get(document, "replace"))) {
        found = forget_tokens(portal, name, error);
    }
    if (found != 0) {
        return found < 0 ? found : 0;
    }
    log_write(&portal->service->log, LOG_LEVEL_INFO, "first account taken over", "account=%s", name);
    return store(portal, name, text_of(json_string_value(password)), text_of(json_string_value(token)), error);
}

int bootstrap_take(struct portal *portal, struct error *error) {
    char path[4200];
    char bytes[FILE_BYTES_MAX];
    snprintf(path, sizeof path, "%s/bootstrap", portal->service->state_dir);
    int length = read_file(path, bytes, error);
    if (length <= 0) {
        return length;
    }
    json_t *document = json_parse((struct text){bytes, (uint32_t)length}, error);
    sodium_memzero(bytes, sizeof bytes);
    int result = document ? take_over(portal, document, error) : refuse(error, "is not JSON");
    json_decref(document);
    if (result == 0 && unlink(path) != 0) {
        result = error_setf(error, ERR_IO, "%s: %s", path, strerror(errno));
    }
    return result;
}
