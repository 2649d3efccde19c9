/* What a request carries to say who sends it: tokens in cookies and headers, and the rule against other sites.
 *
 * A token is "cx_" and 32 random bytes in base64url; a browser holds one in a cookie, a script sends one as a bearer
 * token. Only the BLAKE2b-256 hash of a token is ever stored or compared. Pure, but for token_make's random bytes.
 */
#pragma once

#include "common/error.h"
#include "proto/types.h"

#define TOKEN_TEXT_SIZE 47 /* "cx_", 43 characters and the terminator */
#define TOKEN_HASH_BYTES 32
#define SESSION_COOKIE "cx_session"

void token_make(char token[TOKEN_TEXT_SIZE]);

/* False when `token` does not look like one: nothing is looked up then. */
bool token_hash(struct text token, uint8_t hash[TOKEN_HASH_BYTES]);

/* The value of a cookie in a Cookie header (RFC 6265, 4.2.1); .data NULL when it is not there. */
struct text cookie_value(struct text header, const char *name);

/* The token of "Authorization: Bearer ..." (RFC 6750); .data NULL when the header is absent or of another scheme. */
struct text bearer_value(struct text header);

/* Headers that say from which page a browser sent a request; .data NULL where absent. */
struct site_facts {
    struct text fetch_site; /* Sec-Fetch-Site */
    struct text origin;     /* Origin */
    struct text host;       /* Host */
};

/* Whether another site may have made a browser send this. Sec-Fetch-Site decides where it is there; else the Origin's
 * host and port must be the Host. Programs that send neither are not browsers: their cookies were not taken from one. */
bool site_is_other(const struct site_facts *facts);
