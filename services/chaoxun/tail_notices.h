/* The notices as they are issued, for chaoxun tail --notices. */
#pragma once

#include "services/chaoxun/session.h"

/* Prints the notices behind --from, then each new one, until the reader goes or, with --no-follow, none is left. Woken by
 * the notifier's door, and by a clock, because that door is lossy. 0 or the error. Blocks. */
int tail_notices(const struct session *session, struct error *error);
