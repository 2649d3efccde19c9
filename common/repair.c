/* Repair: the frame that all services share, and files that are set aside. */
#include "common/repair.h"
#include "common/folder.h"

#include <errno.h>
#include <fts.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "common/process.h"

#define PATH_SIZE 4400
#define ASIDE_MAX 100 /* folders of one second */

/* ---- what is said ---- */

static void say(const char *format, va_list arguments) {
    printf("    ");
    vprintf(format, arguments);
    putchar('\n');
}

void repair_say(const struct repair *repair, const char *format, ...) {
    va_list arguments;
    (void)repair;
    va_start(arguments, format);
    say(format, arguments);
    va_end(arguments);
}

void repair_find(struct repair *repair, const char *format, ...) {
    va_list arguments;
    repair->needed = true;
    va_start(arguments, format);
    say(format, arguments);
    va_end(arguments);
}

void repair_tell_position(const char *word, const struct position *position, const char *why) {
    char text[POSITION_TEXT_SIZE];
    position_format(position, text);
    printf("= %s %s%s%s\n", word, text, *why != '\0' ? " " : "", why);
}

const char *repair_reason(const struct error *error, char out[ERROR_TEXT_MAX]) {
    snprintf(out, ERROR_TEXT_MAX, "%s", error->text);
    char *advice = strstr(out, "; see chaoxun verify");
    if (advice) {
        *advice = '\0';
    }
    return out;
}

/* ---- files ---- */

void repair_path(const struct repair *repair, const char *name, char *out, size_t size) {
    snprintf(out, size, "%s/%s", repair->state_dir, name);
}

bool repair_is_there(const struct repair *repair, const char *name) {
    char path[PATH_SIZE];
    repair_path(repair, name, path, sizeof path);
    return access(path, F_OK) == 0;
}

static int io_error(const char *path, struct error *error) {
    return error_setf(error, errno == ENOSPC ? ERR_NO_SPACE : ERR_IO, "%s: %s", path, strerror(errno));
}

int repair_open_aside(struct repair *repair, struct error *error) {
    char date[32];
    time_t now = time(NULL);
    struct tm parts;
    if (repair->aside[0] != '\0') {
        return 0;
    }
    strftime(date, sizeof date, "%Y%m%dT%H%M%SZ", gmtime_r(&now, &parts));
    for (int i = 0; i < ASIDE_MAX; i++) {
        char path[sizeof repair->aside];
        snprintf(path, sizeof path, i == 0 ? "%s/damaged-%s" : "%s/damaged-%s-%d", repair->state_dir, date, i);
        if (mkdir(path, 0700) == 0) {
            memcpy(repair->aside, path, sizeof path);
            return folder_sync(repair->state_dir, error);
        }
        if (errno != EEXIST) {
            return io_error(path, error);
        }
    }
    return error_setf(error, ERR_IO, "%s: no free name for a folder", repair->state_dir);
}

/* The log before its database: a crash in between leaves no log that would be taken for that of a new one. */
int repair_set_aside(struct repair *repair, const char *name, struct error *error) {
    static const char *const endings[] = {"-wal", "-shm", ""};
    int result = repair_open_aside(repair, error);
    for (size_t i = 0; i < sizeof endings / sizeof *endings && result == 0; i++) {
        char from[PATH_SIZE];
        char to[PATH_SIZE];
        snprintf(from, sizeof from, "%s/%s%s", repair->state_dir, name, endings[i]);
        snprintf(to, sizeof to, "%s/%s%s", repair->aside, name, endings[i]);
        if (rename(from, to) < 0 && errno != ENOENT) {
            result = io_error(from, error);
        }
    }
    if (result == 0) {
        result = folder_sync(repair->aside, error);
    }
    return result == 0 ? folder_sync(repair->state_dir, error) : result;
}

int repair_fold_again(struct repair *repair, const char *name, struct error *error) {
    if (!repair->drop) {
        repair_say(repair, "%s would be set aside; at its next start the service folds everything again", name);
        return 0;
    }
    int result = repair_set_aside(repair, name, error);
    if (result == 0) {
        repair_say(repair, "%s was set aside; at its next start the service folds everything again", name);
    }
    return result;
}

int repair_derived(struct repair *repair, const char *name,
                   int (*load)(const char *path, struct position *position, struct error *error), struct error *error) {
    char path[PATH_SIZE];
    char reason[ERROR_TEXT_MAX];
    struct position position = {0};
    if (!repair_is_there(repair, name)) {
        repair_say(repair, "no %s is there: everything is folded from the beginning", name);
        return 0;
    }
    repair_path(repair, name, path, sizeof path);
    int result = load(path, &position, error);
    if (result == -ERR_CORRUPT) {
        repair_find(repair, "%s", repair_reason(error, reason));
    } else if (result == 0 && repair->because) {
        repair_find(repair, "%s", repair->because);
    } else if (result == 0) {
        repair_say(repair, "%s fits as far as it can be told without the journal, to seq %llu", name,
                   (unsigned long long)position.seq);
        repair_tell_position("stands", &position, "");
    }
    return repair->needed ? repair_fold_again(repair, name, error) : result;
}

/* Root repairs for services that run as somebody else: as whom, their folder says. */
static int give_to_owner(const struct repair *repair, struct error *error) {
    char *const paths[] = {(char *)(uintptr_t)repair->state_dir, NULL};
    struct stat owner;
    if (geteuid() != 0) {
        return 0;
    }
    FTS *walk = stat(repair->state_dir, &owner) == 0 ? fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR, NULL) : NULL;
    int result = walk ? 0 : io_error(repair->state_dir, error);
    for (const FTSENT *entry; result == 0 && (entry = fts_read(walk));) {
        const struct stat *facts = entry->fts_statp;
        bool same = facts->st_uid == owner.st_uid && facts->st_gid == owner.st_gid;
        if (!same && lchown(entry->fts_path, owner.st_uid, owner.st_gid) != 0) {
            result = io_error(entry->fts_path, error);
        }
    }
    if (walk) {
        fts_close(walk);
    }
    return result;
}

/* ---- the command line ---- */

bool repair_is_asked(int argc, char **argv) {
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--repair") == 0) {
            return true;
        }
    }
    return false;
}

static const char *value_of(const char *word, const char *name) {
    size_t length = strlen(name);
    return strncmp(word, name, length) == 0 ? word + length : NULL;
}

static int take_asked(struct repair *repair, const char *value, struct error *error) {
    if (repair->asked_count == REPAIR_ASKED_MAX) {
        return error_setf(error, ERR_USAGE, "at most %d positions", REPAIR_ASKED_MAX);
    }
    return position_parse(text_of(value), &repair->asked[repair->asked_count++], error);
}

/* Takes its own words out of argv; what is left are settings. */
static int take_words(struct repair *repair, int *argc, char **argv, struct error *error) {
    int kept = 1;
    int result = 0;
    for (int i = 1; i < *argc && result == 0; i++) {
        const char *because = value_of(argv[i], "--because=");
        const char *asked = value_of(argv[i], "--asked=");
        if (strcmp(argv[i], "--drop") == 0) {
            repair->drop = true;
        } else if (because) {
            repair->because = because;
        } else if (asked) {
            result = take_asked(repair, asked, error);
        } else if (strcmp(argv[i], "--repair") != 0) {
            argv[kept++] = argv[i];
        }
    }
    *argc = kept;
    return result;
}

/* ---- running ---- */

static int look(struct repair *repair, repair_run run, struct error *error) {
    int lock = -1;
    int result = config_state_dir(repair->config, repair->service, repair->state_dir, sizeof repair->state_dir, error);
    if (result == 0) {
        result = config_keys_dir(repair->config, repair->keys_dir, sizeof repair->keys_dir, error);
    }
    if (result == 0 && access(repair->state_dir, F_OK) < 0) {
        repair_say(repair, "it has no state yet");
        return 0;
    }
    if (result == 0) {
        result = process_lock(repair->state_dir, &lock, error);
    }
    if (result == 0) {
        result = run(repair, error);
        int given = give_to_owner(repair, result < 0 ? NULL : error);
        result = result < 0 ? result : given;
    }
    if (lock >= 0) {
        close(lock);
    }
    return result;
}

int repair_main(const char *service, repair_run run, int argc, char **argv) {
    struct repair repair = {.service = service};
    struct config *config = NULL;
    struct error error;
    process_harden();
    int result = sodium_init() < 0 ? error_setf(&error, ERR_INTERNAL, "libsodium does not start")
                                   : take_words(&repair, &argc, argv, &error);
    if (result == 0) {
        result = config_load(&config, service, argc, argv, &error);
    }
    if (result == 0) {
        repair.config = config;
        result = look(&repair, run, &error);
    }
    if (result == 0 && repair.aside[0] != '\0') {
        repair_say(&repair, "what was replaced lies in %s; it may hold personal data: remove it when it is not needed",
                   repair.aside);
    }
    if (result < 0) {
        char text[ERROR_TEXT_MAX];
        repair_say(&repair, "cannot be repaired: %s", repair_reason(&error, text));
    }
    config_destroy(&config);
    bool written = fflush(stdout) == 0;
    return result < 0 || !written ? EXIT_FAILURE : repair.needed && !repair.drop ? EX_DATAERR : EXIT_SUCCESS;
}
