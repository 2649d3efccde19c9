/* The hook: how a gateway's delivery report finds its message, and how the notifier knows that it named that message.
 *
 *   ref   <32 hex digits of the message's ref>.<attempt>
 *   mac   the first 16 bytes of BLAKE2b-256(ref), keyed with BLAKE2b-256("chaoxun delivery report" || the notifier's
 *         secret key), as 32 hex digits: the same after a rebuild, and nobody else can make it
 *
 * And the link by which a recipient confirms a notice, <hook-url>/hooks/confirm/<token>. The token is base64url without
 * padding of the message's ref (16 bytes), the second until which it holds (4 bytes, most significant first), and the first
 * 12 bytes of BLAKE2b-256("confirm" || these 20 bytes) with the same key.
 *
 * Kannel calls <hook-url>/hooks/kannel with both, and its code, words and time.
 */
#pragma once

#include "common/config.h"
#include "common/keys.h"
#include "proto/types.h"

#define HOOK_KEY_BYTES 32
#define HOOK_MAC_SIZE 33 /* with the terminator, as the following */
#define HOOK_REF_SIZE 45
#define HOOK_TAG_SIZE 80
#define HOOK_URL_SIZE 700
#define HOOK_TOKEN_SIZE 44
#define HOOK_LINK_SIZE 640

struct hook {
    uint8_t key[HOOK_KEY_BYTES];
    const char *url; /* of the portal, borrowed; "": no reports are asked for */
};

/* Reads the notifier's key in `keys_directory`. Blocks. */
int hook_open(struct hook *hook, const char *keys_directory, const char *url, struct error *error);
void hook_close(struct hook *hook); /* wipes the key */

void hook_ref(const struct id *ref, int32_t attempt, char out[HOOK_REF_SIZE]);
void hook_mac(const struct hook *hook, struct text ref, char out[HOOK_MAC_SIZE]);

/* The hex digits alone. */
void hook_name(const struct id *ref, char out[HOOK_REF_SIZE]);

/* ref and mac with a '.' between them: for providers that hand back what they were given. */
void hook_tag(const struct hook *hook, const struct id *ref, int32_t attempt, char out[HOOK_TAG_SIZE]);

/* What Kannel is to call; "" when no reports are asked for. */
void hook_url(const struct hook *hook, const struct id *ref, int32_t attempt, char out[HOOK_URL_SIZE]);

/* The link that confirms the message's notice until `until` (ms since 1970 UTC); "" when there is no address for it. */
void hook_link(const struct hook *hook, const struct id *ref, int64_t until, char out[HOOK_LINK_SIZE]);

/* As long as any link, and confirms nothing. */
void hook_link_sample(const struct hook *hook, char out[HOOK_LINK_SIZE]);

/* Takes a link's token apart; whether its time is over is the caller's. -ERR_FORGED when the signature does not fit. */
int hook_check_link(const struct hook *hook, struct text token, struct id *ref, int64_t *until, struct error *error);

/* Takes apart what came back. -ERR_FORGED when the signature does not fit. */
int hook_check(const struct hook *hook, struct text ref, struct text mac, struct id *id, int32_t *attempt,
               struct error *error);

/* The same of what hook_tag made. */
int hook_check_tag(const struct hook *hook, struct text tag, struct id *id, int32_t *attempt, struct error *error);

/* The end of the address that a provider calls with its reports: the same for ever, and nobody else can make it. */
void hook_token(const struct hook *hook, struct text provider, char out[HOOK_MAC_SIZE]);
