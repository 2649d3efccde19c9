/* Reports that are made before the clock runs, so that a load program measures the server and not itself: a pool of
 * valid report.submitted of about 512 bytes with Chinese text and side data; each gets a fresh id when it is taken. */
#pragma once

#include <stdint.h>

#include "proto/types.h"

struct sample_events;

/* The reports are spread over `units`: paths, separated by commas. NULL: no memory, or no unit. */
struct sample_events *sample_events_make(const char *units);
void sample_events_free(struct sample_events **events);

/* The next report, with an id that nobody used; borrowed until the same one comes round again. */
struct text sample_events_take(struct sample_events *events);

/* Bytes of one report on the wire, on average. */
uint32_t sample_events_bytes(const struct sample_events *events);
