/* The gate: when everything that the journal knows is folded, the outbox is gone through once, and only then does
 * something go out. */
#include <inttypes.h>

#include "common/failpoint.h"
#include "services/notifier/notifier.h"
#include "services/notifier/restraint/restrain.h"
#include "services/notifier/rules/firing.h"

#define ROWS_AT_A_TIME 256

/* It was held by settings that may have changed. */
static int look_again(struct notifier *notifier, struct outbox_row *row, struct error *error) {
    int sooner = restrain_again(notifier, row, error);
    if (sooner < 1 || !course_stir(&row->course, notifier_now(notifier))) {
        return sooner < 0 ? sooner : 0;
    }
    int result = store_begin(&notifier->store, error);
    return result < 0 ? result : outbox_put(&notifier->store.outbox, row, error);
}

static int resume_row(struct notifier *notifier, int64_t number, struct error *error) {
    struct store *store = &notifier->store;
    struct outbox_row row;
    int result = outbox_get(&store->outbox, number, &row, error);
    if (result < 1) {
        return result;
    }
    bool queued = false;
    if (row.course.state == DELIVERY_SENDING) {
        int found = tellings_has_sending(&store->tellings, number, row.course.attempts, error);
        if (found < 0) {
            return found;
        }
        queued = found == 1;
    }
    struct course before = row.course;
    struct course_moment moment = notifier_moment(notifier, &row);
    if (row.course.state == DELIVERY_HELD && row.course.next_at > moment.now) {
        return look_again(notifier, &row, error);
    }
    bool configured = channels_configured(notifier->channels, row.channel);
    bool changed = course_resume(&row.course, queued, configured, &moment);
    return changed ? turn_change(notifier, &row, &before, (struct text){0}, error) : 0;
}

static int resume_state(struct notifier *notifier, enum delivery state, struct error *error) {
    struct outbox_value value = {.text = text_of(word_wire(KIND_DELIVERY, (int)state))};
    int64_t numbers[ROWS_AT_A_TIME];
    int64_t after = 0;
    int count = ROWS_AT_A_TIME;
    while (count == ROWS_AT_A_TIME) {
        count = outbox_choose(&notifier->store.outbox, OUTBOX_IN_STATE, value, after, numbers, ROWS_AT_A_TIME, error);
        for (int i = 0; i < count; i++) {
            int result = resume_row(notifier, numbers[i], error);
            if (result < 0) {
                return result;
            }
            after = numbers[i];
        }
    }
    return count < 0 ? count : 0;
}

static int count_sending(void *data, const struct telling *telling) {
    if (telling->sending) {
        dispatcher_add(data, telling->channel);
    }
    return 0;
}

/* An alert that was due long ago, and never told, is nobody's any more. */
static int drop_old_alerts(struct notifier *notifier, struct error *error) {
    int64_t dropped = 0;
    int result = firing_drop_old(&notifier->store, notifier_now(notifier) - notifier->rules.expire_ms, &dropped, error);
    if (dropped > 0) {
        log_write(&notifier->service->log, LOG_LEVEL_WARN, "alerts that were due long ago are not raised any more",
                  "alerts=%" PRId64, dropped);
    }
    return result;
}

/* Held ones first: what becomes held now stays so. */
int gate_open(struct notifier *notifier, struct error *error) {
    static const enum delivery states[] = {DELIVERY_HELD, DELIVERY_SENDING, DELIVERY_PENDING, DELIVERY_RETRY};
    int result = drop_old_alerts(notifier, error);
    result =
        result < 0 ? result : tellings_each(&notifier->store.tellings, 0, count_sending, &notifier->dispatcher, error);
    for (size_t i = 0; i < sizeof states / sizeof *states && result == 0; i++) {
        result = resume_state(notifier, states[i], error);
    }
    FAILPOINT("notifier-inside-gate");
    return result;
}
