/* The portal's HTTP door for the command: one request on loopback with the token of <data>/token. Blocking. */
#pragma once

#include "services/chaoxun/session.h"

/* Sets an account's password by PUT /api/v1/users/{account}/password. `old` is needed for the account to which the
 * token belongs, NULL for others. -ERR_UNAVAILABLE when the portal does not answer; else the portal's own refusal. */
int http_set_password(const struct session *session, const char *account, const char *password, const char *old,
                      struct error *error);

/* Whether GET /readyz is green: the portal has reached everything behind it. Else `why` names the parts it still waits
 * for ("archiver: busy, ..."). Waits for the answer at most a few seconds. */
bool http_is_green(const struct session *session, char *why, size_t size);

/* "http://127.0.0.1:8080", from <data>/portal/port where the portal wrote it, else from the settings. */
int http_address(const struct session *session, char *out, size_t size, struct error *error);
