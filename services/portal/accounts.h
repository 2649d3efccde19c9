/* What the portal must keep and nobody else has: password verifiers and the hashes of tokens. Nothing else.
 *
 * <state>/accounts.db, SQLite with synchronous=FULL: a call that returned 0 is durable. Each row carries a checksum
 * that is tested on reading; a row that does not fit is ERR_CORRUPT, never a sign-in. Beside it lies accounts.witness
 * (common/generation.h): without the last commits an old password would be good again, and who was signed out be in. Roles and units are not here:
 * intake has them (directory.h). Loop thread only; writes block for one sync.
 */
#pragma once

#include "common/error.h"
#include "proto/event.h"
#include "services/portal/session.h"

#define VERIFIER_SIZE 128       /* crypto_pwhash_STRBYTES */
#define ACCOUNT_SESSIONS_MAX 50 /* per account and kind of token; the oldest makes room */

struct accounts;

enum token_kind { TOKEN_SESSION = 1, TOKEN_BEARER = 2 };

struct token_row {
    uint8_t hash[TOKEN_HASH_BYTES];
    char account[EVENT_BY_MAX + 1];
    enum token_kind kind;
    int64_t created_at; /* ms */
    int64_t expires_at; /* ms; INT64_MAX: never */
};

/* Opens or makes. -ERR_CORRUPT when a row does not fit, or the end is missing: who is damaged would be unknown here, or
 * be let in by what was revoked. */
int accounts_open(struct accounts **accounts, const char *directory, struct error *error);

/* Any file of accounts as damage may have left it, to be copied from. */
int accounts_open_damaged(struct accounts **accounts, const char *path, struct error *error);
void accounts_close(struct accounts **accounts);

/* The verifier of an account: 1 found, 0 none. */
int accounts_verifier(struct accounts *accounts, const char *account, char verifier[VERIFIER_SIZE],
                      struct error *error);
int accounts_set_verifier(struct accounts *accounts, const char *account, const char *verifier, int64_t now,
                          struct error *error);

/* A token by its hash, also when it has expired: 1 found, 0 none. */
int accounts_find_token(struct accounts *accounts, const uint8_t hash[TOKEN_HASH_BYTES], struct token_row *row,
                        struct error *error);

/* Adds a token; drops expired ones of everybody and the account's oldest beyond ACCOUNT_SESSIONS_MAX. */
int accounts_add_token(struct accounts *accounts, const struct token_row *row, struct error *error);
int accounts_drop_token(struct accounts *accounts, const uint8_t hash[TOKEN_HASH_BYTES], struct error *error);

/* Drops an account's tokens of a kind, but for the one with hash `except` (may be NULL). */
int accounts_drop_tokens(struct accounts *accounts, const char *account, enum token_kind kind, const uint8_t *except,
                         struct error *error);

/* Checks every row, and SQLite's own pages and indexes: 0, or -ERR_CORRUPT naming the first that does not fit. `*checked` counts rows. */
int accounts_check(struct accounts *accounts, int64_t *checked, struct error *error);

/* Goes through the rows of `from` as far as they can be reached: those that fit are added to `to` (NULL: to nothing), of
 * the tokens only those of a kind; `unfit` hears of the others. < 0: `to` does not take them. */
int accounts_copy(struct accounts *from, struct accounts *to, enum token_kind kind,
                  void (*unfit)(void *data, const struct error *error), void *data, struct error *error);
