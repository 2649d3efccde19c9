/* The target of a request: its path and its query parameters, percent-decoded and checked.
 *
 * Input is what stood in the request line ("/api/v1/totals?by=squad"), untrusted. Refused: a percent sign without two
 * hex digits, invalid UTF-8, control characters (also encoded ones), a parameter given twice, more parameters than
 * TARGET_PARAMETERS_MAX. Values live in the arena. Pure; nothing blocks. Source: RFC 3986; '+' is a space in queries,
 * as HTML forms write it.
 */
#pragma once

#include "common/arena.h"
#include "common/error.h"
#include "proto/types.h"

#define TARGET_PARAMETERS_MAX 32

struct parameter {
    struct text name;
    struct text value;
};

struct target {
    struct text path; /* begins with '/', or is "*" */
    struct parameter parameters[TARGET_PARAMETERS_MAX];
    uint32_t count;
    struct arena *arena; /* what the values live in */
};

/* 0, -ERR_BAD_QUERY, -ERR_BAD_UTF8, -ERR_DUPLICATE_KEY, -ERR_TOO_MANY or -ERR_NO_MEMORY. */
int target_parse(struct text raw, struct arena *arena, struct target *target, struct error *error);

/* The same where a gateway passes on what a network said: in values, what is no UTF-8 or a control character becomes '?',
 * so that the rest still arrives. */
int target_parse_foreign(struct text raw, struct arena *arena, struct target *target, struct error *error);

/* The value of a parameter; .data is NULL when it is not there. */
struct text target_value(const struct target *target, const char *name);

/* -ERR_BAD_QUERY for the first parameter that is not in the NULL-terminated list `known`. */
int target_only(const struct target *target, const char *const *known, struct error *error);

/* "1" and "true" are true, "0", "false" and absence false; -ERR_BAD_QUERY otherwise. */
int target_flag(const struct target *target, const char *name, bool *flag, struct error *error);
