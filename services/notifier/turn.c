/* The turns of the loop. */
#include "services/notifier/turn.h"

#include <inttypes.h>

#include "common/failpoint.h"
#include "services/notifier/change.h"
#include "services/notifier/grouping/merge.h"
#include "services/notifier/notifier.h"

#define NO_ROOM_PAUSE_MS 1000
#define SOON_MS 5

static void append(struct turn *turn, struct work *work) {
    work->next = NULL;
    *(turn->last ? &turn->last->next : &turn->first) = work;
    turn->last = work;
}

/* ---- one turn ---- */

int turn_change(struct notifier *notifier, struct outbox_row *row, const struct course *before, struct text words,
                struct error *error) {
    struct turn_counts *counts = &notifier->turn.counts;
    enum delivery state = row->course.state;
    counts->delivered += state == DELIVERY_DELIVERED;
    counts->undelivered += course_is_given_up(&row->course);
    counts->repeats += row->course.repeats - before->repeats;
    counts->changes++;
    int result = store_begin(&notifier->store, error);
    /* In whatever state it was: what it carries must not go with it. */
    if (result == 0 && state == DELIVERY_CANCELLED) {
        result = merge_release(&notifier->store, row, before->state == DELIVERY_UNKNOWN, notifier_now(notifier), error);
    }
    result = result < 0 ? result : change_write(&notifier->store, row, words, error);
    FAILPOINT("notifier-inside-change");
    return result;
}

static int apply(struct notifier *notifier, struct error *error) {
    notifier->turn.counts = (struct turn_counts){0};
    dispatcher_begin(&notifier->dispatcher);
    int result = notifier->gate_open ? 0 : gate_open(notifier, error);
    for (struct work *work = notifier->turn.first; work && result == 0; work = work->next) {
        result = work->apply(notifier, work, error);
    }
    result = result < 0 ? result : dispatcher_lease(notifier, error);
    result = result < 0 ? result : store_commit(&notifier->store, error);
    if (result < 0) {
        store_rollback(&notifier->store);
    }
    return result;
}

static void count(struct notifier *notifier) {
    struct metrics *metrics = &notifier->service->metrics;
    metrics_add(metrics, METRIC_DELIVERIES, notifier->turn.counts.delivered);
    metrics_add(metrics, METRIC_UNDELIVERED, notifier->turn.counts.undelivered);
    metrics_add(metrics, METRIC_REPEATS, notifier->turn.counts.repeats);
    metrics_add(metrics, METRIC_OVERRIDES, notifier->turn.counts.overrides);
    if (notifier->turn.counts.overrides > 0) {
        log_write(&notifier->service->log, LOG_LEVEL_INFO, "urgent messages go out in spite of quiet hours or limits",
                  "messages=%" PRId64, notifier->turn.counts.overrides);
    }
}

/* It is durable: answers go out, and what the journal knows as sending is handed over. */
static void follow(struct notifier *notifier) {
    struct work *work = notifier->turn.first;
    notifier->turn.first = NULL;
    notifier->turn.last = NULL;
    notifier->gate_open = true;
    if (notifier->turn.counts.changes > 0) {
        FAILPOINT("notifier-after-change");
    }
    count(notifier);
    dispatcher_committed(notifier);
    while (work) {
        struct work *next = work->next;
        work->done(notifier, work);
        work = next;
    }
    teller_wake(notifier);
    notifier_finish(notifier);
}

/* Who waits for an answer gets it now; the rest is done again. */
static void refuse(struct notifier *notifier, const struct error *error) {
    struct work *work = notifier->turn.first;
    notifier->turn.first = NULL;
    notifier->turn.last = NULL;
    while (work) {
        struct work *next = work->next;
        if (work->refuse) {
            work->refuse(notifier, work, error);
        } else {
            append(&notifier->turn, work);
        }
        work = next;
    }
    log_error(&notifier->service->log, LOG_LEVEL_WARN, "nothing is sent, trying again", error);
    turn_want_in(notifier, NO_ROOM_PAUSE_MS);
}

static void run(struct notifier *notifier) {
    struct error error = {0};
    if (!notifier->progress.ready) {
        return; /* what there is waits until the gate may open */
    }
    int result = apply(notifier, &error);
    notifier_check(notifier, result, &error);
    if (result < 0) {
        refuse(notifier, &error);
    } else {
        follow(notifier);
    }
}

/* ---- when ---- */

static void on_idle(uv_idle_t *idle) {
    uv_idle_stop(idle);
    run(idle->data);
}

static void on_timer(uv_timer_t *timer) {
    turn_want(timer->data);
}

/* As an idle handle it runs in the loop's next turn, behind everything that this one brings. */
void turn_want(struct notifier *notifier) {
    if (notifier->turn.open) {
        uv_timer_stop(&notifier->turn.timer);
        uv_idle_start(&notifier->turn.idle, on_idle);
    }
}

void turn_want_in(struct notifier *notifier, int64_t pause_ms) {
    struct turn *turn = &notifier->turn;
    if (!turn->open || uv_is_active((uv_handle_t *)&turn->idle)) {
        return;
    }
    uv_update_time(notifier->service->loop);
    bool is_later =
        uv_is_active((uv_handle_t *)&turn->timer) && uv_timer_get_due_in(&turn->timer) <= (uint64_t)pause_ms;
    if (!is_later) {
        uv_timer_start(&turn->timer, on_timer, (uint64_t)pause_ms, 0);
    }
}

void turn_add(struct notifier *notifier, struct work *work) {
    append(&notifier->turn, work);
    turn_want(notifier);
}

void turn_add_soon(struct notifier *notifier, struct work *work) {
    append(&notifier->turn, work);
    turn_want_in(notifier, SOON_MS);
}

/* ---- life ---- */

int turn_open(struct notifier *notifier, struct error *error) {
    struct turn *turn = &notifier->turn;
    turn->idle.data = notifier;
    turn->timer.data = notifier;
    int result = uv_timer_init(notifier->service->loop, &turn->timer);
    result = result != 0 ? result : uv_idle_init(notifier->service->loop, &turn->idle);
    if (result != 0) {
        return error_setf(error, ERR_IO, "uv: %s", uv_strerror(result));
    }
    turn->open = true;
    return 0;
}

void turn_close(struct notifier *notifier) {
    struct turn *turn = &notifier->turn;
    if (!turn->open) {
        return;
    }
    turn->open = false;
    uv_close((uv_handle_t *)&turn->idle, NULL);
    uv_close((uv_handle_t *)&turn->timer, NULL);
    if (turn->first) {
        run(notifier);
    }
}
