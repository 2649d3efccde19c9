/* Pauses between the attempts of one message. Pure. */
#pragma once

#include <stdint.h>

/* The pause behind attempt number `attempt` (from 1): `first_ms`, doubled for each attempt before it, at most `most_ms`;
 * then up to a tenth more or less by `salt`, so that what failed together does not come back together. At least 1. */
int64_t backoff_pause(int64_t first_ms, int64_t most_ms, int32_t attempt, uint64_t salt);
