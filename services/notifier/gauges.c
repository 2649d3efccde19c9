/* The gauges: what is open, how old the oldest of it is, how much waits for a person. */
#include "services/notifier/notifier.h"

struct open_rows {
    int64_t count;
    int64_t oldest; /* when its notice was received; INT64_MAX for none */
};

static void add_state(struct notifier *notifier, enum delivery state, int64_t since, struct open_rows *rows) {
    struct error error = {0};
    int64_t count;
    int64_t oldest;
    int result = outbox_total(&notifier->store.outbox, state, since, &count, &oldest, &error);
    notifier_check(notifier, result, &error);
    if (result == 0 && count > 0) {
        rows->count += count;
        rows->oldest = oldest < rows->oldest ? oldest : rows->oldest;
    }
}

void gauges_tell(struct notifier *notifier) {
    static const enum delivery states[] = {DELIVERY_PENDING, DELIVERY_SENDING, DELIVERY_RETRY, DELIVERY_UNKNOWN};
    struct metrics *metrics = &notifier->service->metrics;
    struct open_rows rows = {.oldest = INT64_MAX};
    struct open_rows held = {.oldest = INT64_MAX};
    struct error error = {0};
    int64_t delayed = 0;
    int64_t now = notifier_now(notifier);
    for (size_t i = 0; i < sizeof states / sizeof *states; i++) {
        add_state(notifier, states[i], 0, &rows);
    }
    if (notifier->rules.reports) {
        /* Older ones have come to their end: course_is_over. */
        add_state(notifier, DELIVERY_ACCEPTED, now - notifier->rules.expire_ms + 1, &rows);
    }
    add_state(notifier, DELIVERY_HELD, 0, &held);
    notifier_check(notifier, outbox_delayed(&notifier->store.outbox, &delayed, &error), &error);
    if (notifier->channels) {
        struct channels_facts facts = channels_facts(notifier->channels);
        metrics_set(metrics, METRIC_BREAKERS_OPEN, facts.breakers_open);
        metrics_set(metrics, METRIC_FAILOVERS, facts.failovers);
    }
    metrics_set(metrics, METRIC_OUTBOX_OPEN, rows.count);
    metrics_set(metrics, METRIC_OUTBOX_OLDEST, rows.count > 0 && now > rows.oldest ? (now - rows.oldest) / 1000 : 0);
    metrics_set(metrics, METRIC_OUTBOX_HELD, held.count - delayed);
    metrics_set(metrics, METRIC_OUTBOX_DELAYED, delayed);
}
