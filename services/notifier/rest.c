/* Rest. */
#include "services/notifier/rest.h"

#include "services/notifier/backoff.h"

void rest_note(struct rest *rest, enum outcome outcome, int parallel, const struct course_rules *rules, int64_t now) {
    if (outcome != OUTCOME_RETRY && outcome != OUTCOME_MISCONFIGURED) {
        *rest = (struct rest){0};
        return;
    }
    rest->faults++;
    if (rest->faults % parallel == 0) {
        int64_t most = rules->retry_max_ms < REST_MOST_MS ? rules->retry_max_ms : REST_MOST_MS;
        int64_t round = rest->faults / parallel;
        rest->until = now + backoff_pause(rules->retry_ms, most, round < INT32_MAX ? (int32_t)round : INT32_MAX, 0);
    }
}

int64_t rest_left(const struct rest *rest, int64_t now) {
    return rest->until > now ? rest->until - now : 0;
}
