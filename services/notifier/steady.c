/* The notifier's time. */
#include "services/notifier/steady.h"

void steady_start(struct steady *steady, int64_t latest_ms, int64_t wall_ms, int64_t monotonic_us) {
    *steady = (struct steady){.wall_ms = latest_ms > wall_ms ? latest_ms : wall_ms, .monotonic_us = monotonic_us};
}

int64_t steady_at(const struct steady *steady, int64_t wall_ms, int64_t monotonic_us) {
    int64_t least = steady->wall_ms + (monotonic_us - steady->monotonic_us) / 1000;
    return wall_ms > least ? wall_ms : least;
}

void steady_keep(struct steady *steady, int64_t wall_ms, int64_t monotonic_us) {
    *steady = (struct steady){.wall_ms = steady_at(steady, wall_ms, monotonic_us), .monotonic_us = monotonic_us};
}
