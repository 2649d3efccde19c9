/* Backoff: a pause that doubles. */
#include "services/chaoxun/backoff.h"

int64_t backoff_next(struct backoff *backoff, int64_t lived_ms) {
    if (lived_ms >= BACKOFF_HEALTHY_MS) {
        backoff->delay_ms = 0;
    }
    int64_t pause = backoff->delay_ms;
    int64_t doubled = pause == 0 ? BACKOFF_FIRST_MS : 2 * pause;
    backoff->delay_ms = doubled < BACKOFF_MOST_MS ? doubled : BACKOFF_MOST_MS;
    return pause;
}
