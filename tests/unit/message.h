/* MessagePack written down as JSON, for tests: any value, whatever the protocol says of it.
 *
 * A string "hex:0a0b" becomes bytes, a number with a fraction a float, everything else itself.
 */
#pragma once

#include "proto/codec.h"

/* Appends the value. Fails the test when `text` is not JSON. */
void message_from_json(const char *text, struct buffer *out);
