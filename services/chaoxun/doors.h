/* The TCP doors that services will bind: found taken before anything is started, with what to do. */
#pragma once

#include "services/chaoxun/session.h"

/* Checks the portal's port and every tcp:// endpoint of an installed service. -ERR_USAGE names the one that is taken.
 * Port 0 (any free one) is never taken. */
int doors_check(const struct session *session, struct error *error);

/* 0, or errno of an attempt to bind. */
int door_try(const char *address, const char *port);
