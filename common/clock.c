/* The clocks: the kernel's, and the shift that tests put on the first. */
#include "common/clock.h"

#include <stdlib.h>
#include <time.h>

/* Read at each call: it is a handful of comparisons, and a cached value would be a global that changes. */
static int64_t shift(void) {
    const char *text = getenv("CHAOXUN_CLOCK_SHIFT_MS");
    return text ? strtoll(text, NULL, 10) : 0;
}

int64_t clock_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000 + shift();
}

int64_t clock_monotonic_us(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}
