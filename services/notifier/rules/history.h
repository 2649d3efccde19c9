/* The history of the rules: what each version said, the last RULE_VERSIONS_MAX of a rule; kept in notifier.db, for people to
 * look at. What holds is in the rulebook. A file from before there was one knows the versions that hold. Reads no clock.
 * Errors as of database.h.
 */
#pragma once

#include "common/arena.h"
#include "proto/event.h"
#include "services/notifier/statement.h"

#define RULE_VERSIONS_MAX 20
#define HISTORY_STATEMENTS 4

struct history {
    struct database *database;
    sqlite3_stmt *statements[HISTORY_STATEMENTS];
};

/* Makes its table where there is none; the rulebook's is there. */
int history_open(struct history *history, struct database *database, struct error *error);
void history_close(struct history *history);

/* A rule.set. */
int history_note(struct history *history, const struct event *event, struct error *error);

/* A version whose words were redacted leaves. */
int history_forget_event(struct history *history, const struct id *event, struct error *error);

/* The versions of a rule as a list of struct wire_rule_version in the arena, the newest first. */
int history_read(struct history *history, struct text rule, struct arena *arena, struct list *versions,
                 struct error *error);
