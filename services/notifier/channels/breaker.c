/* The breaker. */
#include "services/notifier/channels/breaker.h"

#include "services/notifier/backoff.h"

struct breaker_rules breaker_rules(int64_t parallel, int64_t first_ms, int64_t most_ms) {
    return (struct breaker_rules){.faults = parallel > BREAKER_FAULTS ? (int32_t)parallel : BREAKER_FAULTS,
                                  .first_ms = first_ms,
                                  .most_ms = most_ms < BREAKER_MOST_MS ? most_ms : BREAKER_MOST_MS};
}

int64_t breaker_pause(const struct breaker *breaker, int64_t now) {
    if (!breaker->open) {
        return 0;
    }
    if (breaker->until > now) {
        return breaker->until - now;
    }
    return breaker->probing ? INT64_MAX : 0;
}

void breaker_begin(struct breaker *breaker, int64_t now) {
    breaker->probing = breaker->open && breaker->until <= now;
}

static bool is_fault(enum outcome outcome) {
    return outcome == OUTCOME_RETRY || outcome == OUTCOME_MISCONFIGURED || outcome == OUTCOME_UNKNOWN;
}

static void open_it(struct breaker *breaker, const struct breaker_rules *rules, int64_t now) {
    breaker->open = true;
    breaker->rounds += breaker->rounds < INT32_MAX;
    breaker->until = now + backoff_pause(rules->first_ms, rules->most_ms, breaker->rounds, 0);
}

enum breaker_turn breaker_note(struct breaker *breaker, enum outcome outcome, const struct breaker_rules *rules,
                               int64_t now) {
    bool was_open = breaker->open;
    bool due = was_open && breaker->until <= now;
    if (outcome == OUTCOME_RATE) {
        breaker->probing = false;
        return BREAKER_STAYS;
    }
    if (!is_fault(outcome)) {
        *breaker = (struct breaker){0};
        return was_open ? BREAKER_CLOSES : BREAKER_STAYS;
    }
    breaker->faults += breaker->faults < INT32_MAX;
    if (was_open ? due : breaker->faults >= rules->faults) {
        open_it(breaker, rules, now);
    }
    /* What was sent before it opened ends later: no probe, and no longer pause. */
    breaker->probing = breaker->probing && !due;
    return !was_open && breaker->open ? BREAKER_OPENS : BREAKER_STAYS;
}
