/* The first account's secrets: <state>/bootstrap, which `chaoxun up` writes (0600) before the portal starts.
 *
 * JSON {"account", "password", "token"}. It is taken over when accounts.db has no verifier for the account, or with
 * "replace": true (chaoxun up --new-password), and removed in any case: a secret does not lie about. A file that others
 * can read is refused.
 */
#pragma once

#include "services/portal/portal.h"

/* 0 also when there is no such file. Blocks for one argon2id. */
int bootstrap_take(struct portal *portal, struct error *error);
