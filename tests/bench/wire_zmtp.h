/* 潮讯's submit door without a library in between: ZMTP 3 with the NULL mechanism (RFC 23), a DEALER's side of it.
 * As lean as the peers' own load tools, which do not use their client libraries' threads either. */
#pragma once

#include "tests/bench/wire.h"

void zmtp_greet(struct buffer *out);
int64_t zmtp_greeted(struct text bytes);
void zmtp_request(struct wire_state *state, struct sample_events *events, uint32_t count, struct buffer *out);
int64_t zmtp_take(struct wire_state *state, struct text bytes, uint32_t *stored);
