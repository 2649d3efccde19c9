/* Query parameters as the fields of a question: the rows of its shape say how each is written and what it may hold.
 *
 *   DATE YYYY-MM-DD · MONTH YYYY-MM · INT whole decimal numbers · BOOL 1 or 0 · ID a UUID · texts as they stand · lists joined by
 * commas
 * Parameters without a value are as if absent: forms send them. Pure.
 */
#pragma once

#include "proto/codec.h"
#include "services/portal/target.h"

/* A number of 1 to 18 digits and nothing else. */
bool parameter_number(struct text text, int64_t *number);

/* Fills `question` (a struct of `shape`, zeroed first) with views into the target. A parameter that is neither a field
 * nor one of `extra` (NULL-terminated, the caller's own to read) is -ERR_BAD_QUERY, so that a typing error is not taken
 * for an answer; so are `id`, `within` and `side`, which are the portal's to say.
 * `at_least` must be a position. */
int parameters_read(const struct target *target, const struct shape *shape, const char *const *extra, void *question,
                    struct error *error);
