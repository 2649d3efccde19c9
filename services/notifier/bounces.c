/* The Maildir. */
#include "services/notifier/bounces.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proto/validate_text.h"
#include "services/notifier/bounce_mail.h"
#include "services/notifier/channels/provider.h"
#include "services/notifier/channels/words.h"
#include "services/notifier/notifier.h"

#define FILES_PER_LOOK 64
#define MAIL_BYTES_MAX 262144 /* what follows is the mail that came back itself */
#define NAME_BYTES 256        /* NAME_MAX and its terminator */
#define PATH_SIZE 4400

/* A file that is being dealt with. */
struct returned {
    struct work work; /* first: the work is the file */
    char name[NAME_BYTES];
    struct id ref;
    int32_t attempt;
    bool failed; /* it says that its message could not be delivered */
    char words[BOUNCE_WORDS_SIZE];
    bool changed;
};

/* ---- settings ---- */

static int check_maildir(const char *maildir, struct error *error) {
    static const char *const folders[] = {"new", "cur"};
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        char path[PATH_SIZE];
        struct stat facts;
        snprintf(path, sizeof path, "%s/%s", maildir, folders[i]);
        if (stat(path, &facts) != 0 || !S_ISDIR(facts.st_mode) || access(path, R_OK | W_OK | X_OK) != 0) {
            return provider_refuse(SETTING_SMTP_MAILDIR, maildir,
                                   "a Maildir whose folders new and cur can be read and written", error);
        }
    }
    return 0;
}

int bounces_open(struct bounces *bounces, const struct config *config, const struct hook *hook, struct error *error) {
    const char *address = config_text(config, SETTING_SMTP_BOUNCE);
    *bounces = (struct bounces){.verp = {hook, address}, .maildir = config_text(config, SETTING_SMTP_MAILDIR)};
    if (address[0] != '\0' && !(text_is_email(text_of(address)) && verp_fits(address))) {
        char limit[100];
        snprintf(limit, sizeof limit, "an e-mail address, at most %d letters and no '+' before its @", VERP_LOCAL_MAX);
        return provider_refuse(SETTING_SMTP_BOUNCE, address, limit, error);
    }
    if (bounces->maildir[0] == '\0') {
        return 0;
    }
    return address[0] != '\0'
               ? check_maildir(bounces->maildir, error)
               : provider_refuse(SETTING_SMTP_BOUNCE, "", "the address that smtp-bounce-maildir needs", error);
}

/* ---- a file ---- */

static void file_path(const struct bounces *bounces, const char *folder, const char *name, const char *flags,
                      char out[PATH_SIZE]) {
    snprintf(out, PATH_SIZE, "%s/%s/%s%s", bounces->maildir, folder, name, flags);
}

/* The beginning of the file in a buffer of MAIL_BYTES_MAX; its length, or -1. */
static ssize_t read_file(const struct bounces *bounces, const char *name, char *buffer) {
    char path[PATH_SIZE];
    ssize_t length = 0;
    ssize_t more = 1;
    file_path(bounces, "new", name, "", path);
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    while (file >= 0 && more > 0 && length < MAIL_BYTES_MAX) {
        more = read(file, buffer + length, (size_t)(MAIL_BYTES_MAX - length));
        length += more > 0 ? more : 0;
    }
    if (file >= 0) {
        close(file);
    }
    return file < 0 || more < 0 ? -1 : length;
}

static void judge(struct notifier *notifier, struct text mail, struct returned *returned) {
    struct bounce_mail read;
    bounce_mail_read(mail, &read);
    int found = read.kind == BOUNCE_FAILED
                    ? verp_find(&notifier->bounces.verp, read.head, &returned->ref, &returned->attempt)
                    : 0;
    returned->failed = found == 1;
    memcpy(returned->words, read.words, sizeof returned->words);
    metrics_add(&notifier->service->metrics, METRIC_REPORTS_FORGED, found == -ERR_FORGED);
    if (found != 1) {
        log_write(&notifier->service->log, found < 0 ? LOG_LEVEL_WARN : LOG_LEVEL_INFO,
                  found < 0 ? "a returned mail with a mark that is not ours"
                            : "a returned mail that says nothing of ours",
                  "file=%s", returned->name);
    }
}

/* ---- as work of a turn ---- */

static int returned_apply(struct notifier *notifier, struct work *work, struct error *error) {
    struct returned *returned = (struct returned *)work;
    struct outbox_row row;
    char words[CHANNEL_WORDS_MAX + 1];
    returned->changed = false;
    int found = returned->failed ? outbox_find(&notifier->store.outbox, &returned->ref, &row, error) : 0;
    if (found < 1) {
        return found;
    }
    struct course before = row.course;
    struct course_moment moment = notifier_moment(notifier, &row);
    returned->changed = course_bounce(&row.course, returned->attempt, &moment);
    if (!returned->changed) {
        return 0;
    }
    words_clean(text_of(returned->words), row.address, words);
    return turn_change(notifier, &row, &before, text_of(words), error);
}

static void returned_done(struct notifier *notifier, struct work *work) {
    struct returned *returned = (struct returned *)work;
    struct bounces *bounces = &notifier->bounces;
    char from[PATH_SIZE];
    char to[PATH_SIZE];
    file_path(bounces, "new", returned->name, "", from);
    file_path(bounces, "cur", returned->name, ":2,S", to);
    if (rename(from, to) != 0 && errno != ENOENT) {
        log_write(&notifier->service->log, LOG_LEVEL_ERROR, "a returned mail does not move to cur", "file=%s errno=%d",
                  returned->name, errno);
    }
    metrics_add(&notifier->service->metrics, METRIC_BOUNCES, returned->changed);
    bounces->pending--;
    free(returned);
}

/* ---- the look ---- */

/* False: it cannot be read, and is tried again. */
static bool take_file(struct notifier *notifier, const char *name, char *buffer) {
    struct returned *returned = calloc(1, sizeof *returned);
    ssize_t length = returned ? read_file(&notifier->bounces, name, buffer) : -1;
    if (length < 0 || strlen(name) >= sizeof returned->name) {
        free(returned);
        return false;
    }
    returned->work = (struct work){.apply = returned_apply, .done = returned_done};
    snprintf(returned->name, sizeof returned->name, "%s", name);
    judge(notifier, (struct text){buffer, (uint32_t)length}, returned);
    notifier->bounces.pending++;
    turn_add(notifier, &returned->work);
    return true;
}

static void tell_fault(struct notifier *notifier, bool failing) {
    if (failing && !notifier->bounces.failing) {
        log_write(&notifier->service->log, LOG_LEVEL_ERROR, "returned mail, or its Maildir, cannot be read", "errno=%d",
                  errno);
    }
    notifier->bounces.failing = failing;
}

void bounces_look(struct notifier *notifier) {
    struct bounces *bounces = &notifier->bounces;
    char path[PATH_SIZE];
    if (bounces->maildir[0] == '\0' || bounces->pending > 0 || !notifier->gate_open || notifier->draining) {
        return;
    }
    file_path(bounces, "new", "", "", path);
    DIR *folder = opendir(path);
    char *buffer = folder ? malloc(MAIL_BYTES_MAX) : NULL;
    int taken = 0;
    int unread = 0;
    for (const struct dirent *entry; buffer && taken < FILES_PER_LOOK && (entry = readdir(folder));) {
        bool is_mail = entry->d_name[0] != '.';
        bool read = is_mail && take_file(notifier, entry->d_name, buffer);
        taken += read;
        unread += is_mail && !read;
    }
    tell_fault(notifier, !buffer || unread > 0);
    free(buffer);
    if (folder) {
        closedir(folder);
    }
}
