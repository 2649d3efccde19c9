/* The first start: files written in an order in which a crash between two of them only means: made anew. */
#include "services/chaoxun/first_start.h"

#include <errno.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/clock.h"
#include "services/chaoxun/files.h"

#define CONTENT_MAX 512

/* When this directory was first started: <data>/first-start holds the milliseconds. */
static bool read_start(const struct session *session, int64_t *at) {
    char path[SESSION_PATH_MAX];
    struct buffer content = {0};
    bool found = session_path(session, "first-start", path, sizeof path, NULL) == 0 &&
                 file_read(path, CONTENT_MAX, &content, NULL) == 0 && content.length > 0;
    if (found) {
        buffer_append(&content, "", 1);
        *at = strtoll((const char *)content.data, NULL, 10);
        found = *at > 0;
    }
    buffer_free(&content);
    return found;
}

static int write_file(const struct session *session, const char *name, const char *content, struct error *error) {
    char path[SESSION_PATH_MAX];
    int result = session_path(session, name, path, sizeof path, error);
    return result != 0 ? result : file_write(path, 0600, text_of(content), error);
}

static int write_line(const struct session *session, const char *name, const char *line, struct error *error) {
    char content[CONTENT_MAX];
    snprintf(content, sizeof content, "%s\n", line);
    int result = write_file(session, name, content, error);
    sodium_memzero(content, sizeof content);
    return result;
}

/* Root writes it for a portal that runs as somebody else: as whom, its folder says. */
static int give_to_portal(const struct session *session, const char *folder, struct error *error) {
    char path[SESSION_PATH_MAX];
    struct stat facts;
    int result = session_path(session, "portal/bootstrap", path, sizeof path, error);
    if (result != 0 || geteuid() != 0) {
        return result;
    }
    bool given = stat(folder, &facts) == 0 && chown(path, facts.st_uid, facts.st_gid) == 0;
    return given ? 0 : error_setf(error, ERR_IO, "%.200s: %s", path, strerror(errno));
}

/* Password and token have no characters that JSON would escape. */
static int write_bootstrap(const struct session *session, const char *password, const char *token, bool replace,
                           struct error *error) {
    char folder[SESSION_PATH_MAX];
    char content[CONTENT_MAX];
    int result = config_state_dir(session->config, "portal", folder, sizeof folder, error);
    if (result == 0) {
        result = directory_make(folder, error);
    }
    if (result == 0) {
        snprintf(content, sizeof content, "{\"account\": \"%s\", \"password\": \"%s\", \"token\": \"%s\"%s}\n",
                 FIRST_ACCOUNT, password, token, replace ? ", \"replace\": true" : "");
        result = write_file(session, "portal/bootstrap", content, error);
    }
    sodium_memzero(content, sizeof content);
    return result != 0 ? result : give_to_portal(session, folder, error);
}

/* What was made at the first start must not be made again over what people use. */
static int refuse_another(const struct session *session, struct error *error) {
    char accounts[SESSION_PATH_MAX];
    int result = session_path(session, "portal/accounts.db", accounts, sizeof accounts, error);
    if (result != 0 || access(accounts, F_OK) != 0) {
        return result;
    }
    return error_set(error, ERR_CORRUPT,
                     (struct error_words){.field = "first-start",
                                          .value = "it is missing or unreadable, though this is not the first start; "
                                                   "put it back, or start with --new-password, which makes it anew"});
}

int first_start_prepare(struct first_start *first, const struct session *session, bool renew, struct error *error) {
    *first = (struct first_start){.made = false};
    bool known = read_start(session, &first->at);
    if (known && !renew) {
        return 0;
    }
    int result = known || renew ? 0 : refuse_another(session, error);
    if (result != 0) {
        return result;
    }
    char token[TOKEN_SIZE];
    char start[32];
    first->made = true;
    first->at = known ? first->at : clock_now();
    snprintf(start, sizeof start, "%" PRId64, first->at);
    secret_password(first->password);
    secret_token(token);
    result = write_bootstrap(session, first->password, token, renew, error);
    if (result == 0) {
        result = write_line(session, "token", token, error);
    }
    if (result == 0) {
        result = write_line(session, "first-password", first->password, error);
    }
    if (result == 0) {
        result = write_line(session, "first-start", start, error);
    }
    sodium_memzero(token, sizeof token);
    return result;
}

void first_start_wipe(struct first_start *first) {
    sodium_memzero(first->password, sizeof first->password);
}
