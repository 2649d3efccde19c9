/* The lock of a data directory: one `chaoxun up` at a time, and nobody repairs beneath it. */
#pragma once

#include "services/chaoxun/session.h"

/* Takes it; it is held until `*lock` is closed. -ERR_ALREADY names the process that runs there. */
int up_lock_take(const struct session *session, int *lock, struct error *error);
