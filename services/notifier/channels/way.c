/* Ways and their breakers. */
#include "services/notifier/channels/way.h"

#include <inttypes.h>
#include <stdlib.h>

#include "common/clock.h"
#include "proto/shape.h"

static int64_t monotonic_ms(void) {
    return clock_monotonic_us() / 1000;
}

int64_t way_pause(const struct way *way) {
    return breaker_pause(&way->breaker, monotonic_ms());
}

int way_send(struct way *way, const struct channel_message *message, channel_done done, void *data,
             struct channel_result *refusal) {
    int result = way->http ? http_way_send(way->http, message, done, data, refusal)
                           : email_send(way->email, message, done, data, refusal);
    if (result == 0) {
        breaker_begin(&way->breaker, monotonic_ms());
    }
    return result;
}

void way_note(struct way *way, const struct channel_result *result, const struct breaker_rules *rules,
              const struct log *log) {
    enum breaker_turn turn = breaker_note(&way->breaker, result->outcome, rules, monotonic_ms());
    const char *channel = word_wire(KIND_CHANNEL, (int)way->channel);
    if (result->outcome == OUTCOME_MISCONFIGURED) {
        log_write(log, LOG_LEVEL_ERROR, "the provider refuses us: check its settings", "channel=%s provider=%s",
                  channel, way->name);
    }
    if (turn == BREAKER_OPENS) {
        log_write(log, LOG_LEVEL_ERROR, "a provider failed again and again: its breaker is open",
                  "channel=%s provider=%s faults=%" PRId32 " probe_in_ms=%" PRId64, channel, way->name,
                  way->breaker.faults, way_pause(way));
    } else if (turn == BREAKER_CLOSES) {
        log_write(log, LOG_LEVEL_INFO, "a provider answers again: its breaker is closed", "channel=%s provider=%s",
                  channel, way->name);
    }
}

void way_destroy(struct way **way) {
    if (*way) {
        http_way_close(&(*way)->http);
        free(*way);
        *way = NULL;
    }
}
