/* The clocks of this machine, in one place so that tests can set them.
 *
 * clock_now: ms since 1970 UTC; may jump. clock_monotonic_us: microseconds, never goes back; for durations.
 * The environment variable CHAOXUN_CLOCK_SHIFT_MS (tests) is added to clock_now.
 */
#pragma once

#include <stdint.h>

int64_t clock_now(void);
int64_t clock_monotonic_us(void);
