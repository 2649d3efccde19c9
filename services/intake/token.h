/* Tokens of attendance: what the QR code at an activity says, anew every five minutes, so that who signs in was there.
 *
 * A token is the beginning of HMAC-SHA256(key, activity, window), in 12 characters of Crockford's base32. It fits an
 * attendance whose time lies in its window or the one behind it. The key is derived from the side key, so that it is
 * kept, restored and lost with it. Pure.
 *
 * Tokens are not journaled: intake takes them out of the event before anything else is made of it. Who sends an event
 * again may so send it with another token, or none that still fits: the id and the rest decide.
 */
#pragma once

#include "common/keys.h"
#include "proto/event.h"

#define TOKEN_KEY_BYTES 32
#define TOKEN_WINDOW_MS INT64_C(300000)
#define TOKEN_TEXT_SIZE 13

void token_derive_key(const uint8_t side_key[SIDE_KEY_BYTES], uint8_t key[TOKEN_KEY_BYTES]);

/* The token of the window that holds `at` (ms); returns until when it fits. */
int64_t token_make(const uint8_t key[TOKEN_KEY_BYTES], const struct id *activity, int64_t at,
                   char out[TOKEN_TEXT_SIZE]);

/* Either case will do. */
bool token_fits(const uint8_t key[TOKEN_KEY_BYTES], const struct id *activity, int64_t at, struct text token);

/* Takes the token out of an attendance; empty when there is none. The view is of what `event` was decoded from. */
struct text token_take(struct event *event);
