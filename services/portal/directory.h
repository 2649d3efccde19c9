/* Whose account belongs to which unit with which role: asked from intake, which folds account.set, and kept for
 * DIRECTORY_FRESH_MS. So a role that is taken away is gone within that time, in every open session.
 */
#pragma once

#include "common/call.h"

#define DIRECTORY_FRESH_MS 5000

struct directory;

struct directory_entry {
    char account[EVENT_BY_MAX + 1];
    char unit[EVENT_UNIT_MAX + 1];
    enum role role; /* ROLE_NONE: unknown or switched off */
    bool held;      /* the question was held for a while: who asked may have gone */
};

/* `error->code` is ERR_OK when `entry` is valid. Both are borrowed. */
typedef void (*directory_done)(const struct directory_entry *entry, const struct error *error, void *data);

/* `intake` is borrowed and must outlive the directory's open questions (they end when it is closed). */
int directory_open(struct directory **directory, struct caller *intake, int64_t timeout_ms, struct error *error);
void directory_close(struct directory **directory);

/* `done` runs once: at once when the answer is known and fresh, else when intake has answered. */
void directory_ask(struct directory *directory, const char *account, directory_done done, void *data);

/* The account was just changed: the next question goes to intake. */
void directory_forget(struct directory *directory, const char *account);
