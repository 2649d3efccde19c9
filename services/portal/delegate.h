/* Speaking to intake for a signed-in user: the frame goes with the delegate map that names account and session. */
#pragma once

#include "services/portal/exchange.h"

/* Sends `frame` (MessagePack: an event or an array of them) by the verb `submit`; `done` and `asker` as call_ask.
 * `waited_ms` it has waited already: that counts, as far as half of the setting call-ms is left. */
void delegate_submit(struct portal *portal, const struct principal *principal, const struct buffer *frame,
                     int64_t waited_ms, struct call_asker asker, call_done done, void *data);
