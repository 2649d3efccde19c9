/* Whether the quick and the general way of reading events agree; shared by a fuzz target and a unit test.
 *
 * Stops the process by an assert where they do not.
 */
#pragma once

#include "proto/types.h"

/* A client's event, any bytes: the quick way takes exactly what the general way takes and would write again as the same
 * bytes; what is encoded, from fields or from kept bytes, is the same; so are the faults that callers see. Returns
 * whether the quick way took it. */
bool check_event_ways(struct text bytes);

/* A journal's head and side, any bytes: what the quick way takes, the general way takes as the same event; what the
 * general way takes and would write again as the same bytes, the quick way takes. Returns as above. */
bool check_head_ways(struct text head, struct text side);

/* A frame, any bytes: read and split alike, with the same error or the same events, and what was read at once is what
 * decoding gives. */
void check_frame_ways(struct text bytes);
