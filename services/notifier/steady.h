/* The notifier's time: the machine's, except that it never goes back.
 *
 * What is due, and when something happened to a message, is told by it. A clock that is set back would let a retry wait for
 * as long as it was set back, and tell the journal of states in the wrong order; then time goes on from where it was, by the
 * monotonic clock, until the machine's has come as far. Pure: the clocks are given.
 */
#pragma once

#include <stdint.h>

struct steady {
    int64_t wall_ms; /* the latest known, and when on the monotonic clock that was */
    int64_t monotonic_us;
};

/* `latest_ms`: a time that has been, or 0. */
void steady_start(struct steady *steady, int64_t latest_ms, int64_t wall_ms, int64_t monotonic_us);
int64_t steady_at(const struct steady *steady, int64_t wall_ms, int64_t monotonic_us);

/* Now and then, so that a clock that was set forward and back again does not lead back. */
void steady_keep(struct steady *steady, int64_t wall_ms, int64_t monotonic_us);
