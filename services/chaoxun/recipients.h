/* Whom a notice is for, from the words of --unit: paths, or codes and names of the register. Pure. */
#pragma once

#include "services/chaoxun/registry.h"

#define RECIPIENTS_MAX 500 /* as a notice takes */

struct recipients {
    struct text units[RECIPIENTS_MAX]; /* borrowed from the words or the register; no two the same */
    uint32_t count;
};

/* Splits the words at commas (, ， 、). -ERR_USAGE when there is none, -ERR_TOO_MANY. */
int recipients_read(struct recipients *recipients, const char *words, struct error *error);

/* Whether one of them can only be a name: it is not written as a path. */
bool recipients_have_names(const struct recipients *recipients);

/* Puts the path for each code and name that the register knows. -ERR_UNKNOWN_UNIT names the first that it does not. */
int recipients_resolve(struct recipients *recipients, const struct registry *registry, struct error *error);
