/* Rules of the notifier: read from files, asked for by name. */
#pragma once

#include "proto/json.h"
#include "services/chaoxun/session.h"

/* Where the journal ends now, for a question that is to know what was set before. Empty when intake does not say. */
struct text rules_head(const struct session *session, struct arena *arena);

/* The rule with its definition: 1; 0 when there is none of that name. `at_least` NULL: with all
 * that the journal holds now. */
int rules_find(const struct session *session, const char *name, const char *at_least, struct arena *arena,
               struct wire_rule_entry *entry, struct error *error);

/* The JSON of a file, at most 1 MiB: an object or an array; NULL with `error`. */
json_t *rules_read(const char *path, struct error *error);

/* A rule from its JSON; one without a version gets 1. -code names what is wrong. */
int rules_parse(const json_t *json, struct arena *arena, struct wire_rule *rule, struct error *error);

/* A file that holds one rule. */
int rules_read_one(const char *path, struct arena *arena, struct wire_rule *rule, struct error *error);
