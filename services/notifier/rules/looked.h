/* How far each version of a rule has looked. Errors as of database.h. */
#pragma once

#include "services/notifier/rules/rulebook.h"

#define LOOKED_STATEMENTS 2

struct looked {
    struct database *database;
    sqlite3_stmt *statements[LOOKED_STATEMENTS];
};

/* Makes its table where there is none. */
int looked_open(struct looked *looked, struct database *database, struct error *error);
void looked_close(struct looked *looked);

int looked_put(struct looked *looked, const struct rule *rule, int64_t at, struct error *error);
/* 1, or 0 when it is not known. */
int looked_get(struct looked *looked, const struct rule *rule, int64_t *at, struct error *error);
