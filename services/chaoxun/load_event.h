/* A report as load: about 512 bytes on the wire, with measures, Chinese text and side data; each with a new id. */
#pragma once

#include "proto/codec.h"

/* Appends one event of `unit` to `out`. `number` varies the content. Returns 0 or -ERR_NO_MEMORY. */
int load_event(struct text unit, uint64_t number, struct buffer *out);
