/* The quick way to read one event from JSON: straight into its fields, without a tree.
 *
 * It checks all that json_parse and json_to_event check, and gives up at the first thing that is otherwise, or unusual: a
 * repeated or unknown key, a number with a fraction, a body before its type, a document of more than JSON_QUICK_BYTES_MAX. What
 * is wrong is not said: the general way reads the same bytes from their beginning and names it. So what is accepted
 * here is what is accepted there, and gives the same event. Source of the format: RFC 8259.
 */
#pragma once

#include "proto/json.h"

#define JSON_QUICK_BYTES_MAX 65536

/* Reads `bytes`, one object and nothing else. Text views borrow from them and from `given`, all else is in `arena`. False:
 * `event` is undefined and the arena holds what was read so far. */
bool json_quick_event(struct text bytes, const struct json_given *given, struct arena *arena, struct event *event);
