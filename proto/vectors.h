/* Test vectors: bytes and what they mean, for programs in other languages.
 *
 * vectors/events.json: for each served type a few events as JSON and as the canonical MessagePack that a client sends.
 * vectors/messages.json: each shape that passes between client and service, as JSON and as MessagePack.
 * vectors/hostile.json: what must be refused, at which door, with which error. Both are printed by chaoxun-reference
 * and always the same for the same tables.
 */
#pragma once

#include <jansson.h>

/* New references, or NULL without memory. */
json_t *vectors_events(void);
json_t *vectors_messages(void);
json_t *vectors_hostile(void);
