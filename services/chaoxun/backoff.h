/* How long to wait before a service that ended is started again: at once at first, then 100 ms doubled to 5 s; who
 * lived for 10 s begins anew. Pure. */
#pragma once

#include <stdint.h>

#define BACKOFF_FIRST_MS 100
#define BACKOFF_MOST_MS 5000
#define BACKOFF_HEALTHY_MS 10000

struct backoff {
    int64_t delay_ms; /* before the next start; zero-initialise */
};

/* The pause (ms) before the start that follows a life of `lived_ms`. */
int64_t backoff_next(struct backoff *backoff, int64_t lived_ms);
