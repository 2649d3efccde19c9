/* Passwords: argon2id (libsodium, INTERACTIVE limits: 64 MiB, about 0.1 s) on a worker thread, never on the loop.
 *
 * One at a time, so that sign-ins cost 64 MiB altogether; PASSWORD_QUEUE_MAX wait, more are ERR_BUSY. The password is
 * copied and wiped. Loop thread only.
 */
#pragma once

#include <uv.h>

#include "common/error.h"
#include "proto/types.h"
#include "services/portal/accounts.h"

#define PASSWORD_QUEUE_MAX 32
#define PASSWORD_BYTES_MIN 8
#define PASSWORD_BYTES_MAX 200

struct passwords;

struct password_result {
    struct error error;           /* ERR_OK: it was worked out */
    bool fits;                    /* of a check */
    char verifier[VERIFIER_SIZE]; /* of a making */
};

typedef void (*password_done)(const struct password_result *result, void *data);

int passwords_open(struct passwords **passwords, uv_loop_t *loop, struct error *error);
/* What waits ends with ERR_UNAVAILABLE now; what runs is let go: its memory is freed when it is done. */
void passwords_close(struct passwords **passwords);

/* Whether `password` fits `verifier`; with NULL (no such account) it takes as long and never fits. */
void password_check(struct passwords *passwords, struct text password, const char *verifier, password_done done,
                    void *data);
/* Makes a verifier. */
void password_make(struct passwords *passwords, struct text password, password_done done, void *data);

/* The same on the calling thread, for the start: blocks. */
int password_make_now(struct text password, char verifier[VERIFIER_SIZE], struct error *error);
