/* The rulebook: the rules as rule.set left them, the last version of each; kept in notifier.db, read into memory when they
 * are first asked for after a change. Reads no clock. Errors as of database.h.
 */
#pragma once

#include "common/arena.h"
#include "proto/event.h"
#include "services/notifier/statement.h"

struct rule {
    struct id id;                 /* of the rule.set */
    int64_t since;                /* when this version was received: it fires for nothing that was due before */
    struct text unit;             /* whose rule it is: for this unit and what lies under it */
    const struct wire_rule *body; /* as intake admitted it; without templates when they were removed */
    int type;                     /* kind event: enum event_type; else -1 */
};

#define RULEBOOK_STATEMENTS 3

struct rulebook {
    struct database *database;
    sqlite3_stmt *statements[RULEBOOK_STATEMENTS];
    struct arena *arena; /* holds the rules */
    struct rule *rules;  /* by their names */
    uint32_t count;
    uint32_t room;
    bool read; /* they are as in the file */
};

/* Makes its table where there is none. */
int rulebook_open(struct rulebook *rulebook, struct database *database, struct error *error);
void rulebook_close(struct rulebook *rulebook);

/* A rule.set: the rule as it is from now on. */
int rulebook_set(struct rulebook *rulebook, const struct event *event, struct error *error);

/* A rule whose words were redacted says nothing more. */
int rulebook_forget_event(struct rulebook *rulebook, const struct id *event, struct error *error);

/* What is in memory may not be what is in the file any more: a transaction was rolled back. */
void rulebook_doubt(struct rulebook *rulebook);

/* Sees to it that `rules` are as in the file. They stay where they are until the next rulebook_set, _forget_event or
 * _doubt. */
int rulebook_read(struct rulebook *rulebook, struct error *error);

/* The rule of that name; NULL when there is none. After rulebook_read. */
const struct rule *rulebook_find(const struct rulebook *rulebook, struct text name);

/* Whether the rule speaks of this unit. */
bool rule_is_about(const struct rule *rule, struct text unit);

/* Whether it says something: it is not switched off, and has words. */
bool rule_is_on(const struct rule *rule);
