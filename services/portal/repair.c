/* Repair of the accounts: a new file of the rows that fit. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/folder.h"
#include "common/process.h"
#include "services/portal/accounts.h"
#include "services/portal/portal.h"

#define FILE_NAME "accounts.db"
#define WITNESS_NAME "accounts.witness"
#define MENDED "mended" /* a folder: what is made lies there until it is complete */
#define PATH_SIZE 4300

static void say_unfit(void *data, const struct error *error) {
    char reason[ERROR_TEXT_MAX];
    repair_find(data, "%s", repair_reason(error, reason));
}

static void ignore_unfit(void *data, const struct error *error) {
    (void)data;
    (void)error;
}

/* Each row that does not fit is named; 0 also when none can be reached. */
static void say_rows(struct repair *repair) {
    char path[PATH_SIZE];
    struct accounts *accounts = NULL;
    struct error error;
    repair_path(repair, FILE_NAME, path, sizeof path);
    if (accounts_open_damaged(&accounts, path, &error) < 0) {
        say_unfit(repair, &error);
        return;
    }
    accounts_copy(accounts, NULL, TOKEN_BEARER, say_unfit, repair, &error);
    accounts_close(&accounts);
}

/* Whether everything fits, which is told. */
static int look(struct repair *repair, struct error *error) {
    struct accounts *accounts = NULL;
    struct error fault;
    int64_t checked = 0;
    int result = accounts_open(&accounts, repair->state_dir, &fault);
    if (result == 0) {
        result = accounts_check(accounts, &checked, &fault);
        accounts_close(&accounts);
    }
    if (result == -ERR_CORRUPT) {
        say_unfit(repair, &fault);
        if (repair_is_there(repair, FILE_NAME)) {
            say_rows(repair);
        }
        return 0;
    }
    if (result < 0) {
        *error = fault;
    } else {
        repair_say(repair, "the accounts fit, %lld rows", (long long)checked);
    }
    return result;
}

/* ---- doing ---- */

static void remove_mended(const char *folder) {
    static const char *const names[] = {"accounts.db", "accounts.db-wal", "accounts.db-shm", "accounts.witness"};
    char path[PATH_SIZE + 20];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        unlink(path);
    }
    rmdir(folder);
}

static int make_mended(struct repair *repair, const char *folder, struct error *error) {
    char path[PATH_SIZE];
    struct accounts *from = NULL;
    struct accounts *to = NULL;
    remove_mended(folder);
    int result = process_make_directory(folder, error);
    if (result == 0) {
        result = accounts_open(&to, folder, error);
    }
    repair_path(repair, FILE_NAME, path, sizeof path);
    if (result == 0 && accounts_open_damaged(&from, path, NULL) == 0) {
        result = accounts_copy(from, to, TOKEN_BEARER, ignore_unfit, NULL, error);
    }
    accounts_close(&from);
    accounts_close(&to);
    return result;
}

static int put(const struct repair *repair, const char *folder, const char *name, struct error *error) {
    char from[PATH_SIZE + 20];
    char to[PATH_SIZE];
    snprintf(from, sizeof from, "%s/%s", folder, name);
    repair_path(repair, name, to, sizeof to);
    return rename(from, to) == 0 ? 0 : error_setf(error, ERR_IO, "%s: %s", to, strerror(errno));
}

/* A crash in between leaves the folder of what was made, and a file and a witness that do not fit: the next repair then
 * takes what lies there. The old files are set aside first, the witness last: without it a new file would be begun. */
static int put_in_place(struct repair *repair, const char *folder, struct error *error) {
    int result = repair_set_aside(repair, FILE_NAME, error);
    if (result == 0) {
        result = put(repair, folder, FILE_NAME, error);
    }
    if (result == 0) {
        result = repair_set_aside(repair, WITNESS_NAME, error);
    }
    if (result == 0) {
        result = put(repair, folder, WITNESS_NAME, error);
    }
    rmdir(folder);
    return result == 0 ? folder_sync(repair->state_dir, error) : result;
}

int portal_repair(struct repair *repair, struct error *error) {
    char folder[PATH_SIZE];
    repair_path(repair, MENDED, folder, sizeof folder);
    int result = look(repair, error);
    if (result < 0 || !repair->needed) {
        return result;
    }
    repair_say(repair,
               "what does not fit %s dropped, and everybody is signed out; whose password is gone gets a new one "
               "(chaoxun user password; chaoxun up --new-password for the first account)",
               repair->drop ? "is" : "would be");
    repair_say(repair, "changes of the last commits may be gone: a password may be the one before");
    if (!repair->drop) {
        return 0;
    }
    bool interrupted = !repair_is_there(repair, FILE_NAME) && access(folder, F_OK) == 0;
    result = interrupted ? 0 : make_mended(repair, folder, error);
    if (result == 0) {
        result = put_in_place(repair, folder, error);
    }
    if (result == 0) {
        repair_say(repair, "repaired: " FILE_NAME " holds the rows that fit");
    }
    return result;
}
