/* The notifier's life: its store is opened, the stream goes on from there, each block is folded; once everything that the
 * journal knows is folded, the gate opens. */
#include "services/notifier/notifier.h"

#include <inttypes.h>
#include <stdio.h>

#include "common/clock.h"
#include "services/notifier/fold.h"
#include "services/notifier/restraint/restrain.h"

#define CREDIT_BLOCKS 16
#define QUESTION_BYTES_MAX (64 * 1024 * 1024) /* what an answer may take before it is encoded */
#define MS_PER_HOUR INT64_C(3600000)

void notifier_check(struct notifier *notifier, int result, const struct error *error) {
    if (result >= 0 || result == -ERR_NO_SPACE || result == -ERR_BUSY) {
        return;
    }
    int exit_code = EX_IOERR;
    if (result == -ERR_NO_MEMORY) {
        exit_code = EX_SOFTWARE;
    } else if (result == -ERR_CORRUPT) {
        exit_code = EX_DATAERR;
    }
    service_fail(notifier->service, exit_code, error);
}

int64_t notifier_now(const struct notifier *notifier) {
    return steady_at(&notifier->steady, clock_now(), clock_monotonic_us());
}

struct course_moment notifier_moment(const struct notifier *notifier, const struct outbox_row *row) {
    struct course_moment moment = {
        .rules = &notifier->rules, .now = notifier_now(notifier), .issued_at = row->issued_at};
    memcpy(&moment.salt, row->ref.bytes, sizeof moment.salt);
    return moment;
}

/* ---- the stream ---- */

static void tell_news(struct notifier *notifier, const struct fold_news *news) {
    metrics_add(&notifier->service->metrics, METRIC_ALERTS, news->alerts);
    metrics_add(&notifier->service->metrics, METRIC_ALERTS_UNREACHED, news->unreached);
    if (news->unreached > 0) {
        log_write(&notifier->service->log, LOG_LEVEL_WARN,
                  "alerts reach nobody: set a contact of the post that the rule names",
                  "alerts=%" PRId64 " seq=%" PRIu64, news->unreached, notifier->store.position.seq);
    }
    if (news->notices + news->alerts > 0) {
        log_write(&notifier->service->log, LOG_LEVEL_INFO, "notices taken",
                  "notices=%" PRId64 " alerts=%" PRId64 " messages=%" PRId64 " seq=%" PRIu64, news->notices,
                  news->alerts, news->messages, notifier->store.position.seq);
        live_tell(notifier, (struct text){(const char *)news->units.data, (uint32_t)news->units.length});
    }
}

static int on_block(void *data, const struct journal_block *block, const struct position *after, struct error *error) {
    struct notifier *notifier = data;
    struct fold_news news = {0};
    int result = fold_block(&notifier->store, block, after, notifier->event_arena, &news, error);
    if (result == 0) {
        metrics_add(&notifier->service->metrics, METRIC_EVENTS_FOLDED, block->count);
        progress_folded(&notifier->progress, after);
        tell_news(notifier, &news);
        waitings_wake(&notifier->waitings);
        if (notifier->store.saved == after->seq || !notifier->gate_open) { /* something was folded */
            turn_want(notifier);
        }
    }
    buffer_free(&news.units);
    return result;
}

static void on_head(void *data, const struct position *head, bool connected) {
    struct notifier *notifier = data;
    if (!connected) {
        return;
    }
    progress_heard(&notifier->progress, head);
    if (!notifier->gate_open) {
        turn_want(notifier);
    }
}

/* Without room the same block comes again when the stream is opened anew; all else needs a person. */
static void on_stopped(void *data, const struct error *error) {
    struct notifier *notifier = data;
    if (error->code != ERR_NO_SPACE && error->code != ERR_BUSY) {
        int exit_code = error->code == ERR_NO_MEMORY ? EX_SOFTWARE : EX_DATAERR;
        service_fail(notifier->service, error->code == ERR_IO ? EX_IOERR : exit_code, error);
    }
    notifier->stopped = true;
}

static int open_stream(struct notifier *notifier, struct error *error) {
    struct service *service = notifier->service;
    struct consumer_options options = {
        .bus = service->bus,
        .loop = service->loop,
        .log = &service->log,
        .side = true,
        .patient = true,
        .credit = CREDIT_BLOCKS,
        .position = notifier->store.position,
        .hash = notifier->store.hash,
        .block = on_block,
        .stopped = on_stopped,
        .head = on_head,
        .data = notifier,
    };
    return consumer_open(&notifier->consumer, &options, error);
}

/* ---- the tick ---- */

/* There was no room: from the position at which the store stands. */
static void open_stream_again(struct notifier *notifier) {
    struct error error = {0};
    notifier->stopped = false;
    consumer_close(&notifier->consumer);
    if (open_stream(notifier, &error) < 0) {
        service_fail(notifier->service, EX_SOFTWARE, &error);
    }
}

static void on_tick(uv_timer_t *timer) {
    struct notifier *notifier = timer->data;
    struct error error = {0};
    steady_keep(&notifier->steady, clock_now(), clock_monotonic_us());
    notifier_check(notifier, store_save(&notifier->store, &error), &error);
    bounces_look(notifier);
    gauges_tell(notifier);
    lookout_tick(notifier);
    watch_tick(notifier);
    rehearsal_tick(notifier);
    incoming_tick(notifier);
    if (notifier->stopped && !notifier->draining) {
        open_stream_again(notifier);
    }
}

static int open_tick(struct notifier *notifier, struct error *error) {
    int result = uv_timer_init(notifier->service->loop, &notifier->tick);
    if (result != 0) {
        return error_setf(error, ERR_IO, "uv_timer_init: %s", uv_strerror(result));
    }
    notifier->tick.data = notifier;
    notifier->ticking = true;
    uint64_t look_ms = (uint64_t)config_int(notifier->service->config, SETTING_LOOK_MS);
    uv_timer_start(&notifier->tick, on_tick, look_ms, look_ms);
    return 0;
}

/* ---- start ---- */

static int read_settings(struct notifier *notifier, struct error *error) {
    const struct config *config = notifier->service->config;
    notifier->rules = (struct course_rules){
        .retry_ms = config_int(config, SETTING_RETRY_MS),
        .retry_max_ms = config_int(config, SETTING_RETRY_MAX_MS),
        .unknown_ms = config_int(config, SETTING_UNKNOWN_MS),
        .expire_ms = config_int(config, SETTING_EXPIRE_HOURS) * MS_PER_HOUR,
        .reports = config_text(config, SETTING_HOOK_URL)[0] != '\0',
    };
    int result = restrain_settings(&notifier->restraint, config, error);
    notifier->dispatcher.parallel = (int)config_int(config, SETTING_SEND_PARALLEL);
    result = result < 0 ? result
                        : hook_open(&notifier->hook, notifier->service->keys_dir, config_text(config, SETTING_HOOK_URL),
                                    error);
    return result < 0 ? result : bounces_open(&notifier->bounces, config, &notifier->hook, error);
}

/* The outbox cannot be folded again as it is: a damaged one is for a person to judge. */
static int open_store(struct notifier *notifier, struct error *error) {
    struct service *service = notifier->service;
    char path[4200];
    snprintf(path, sizeof path, "%s/notifier.db", service->state_dir);
    int result = store_open(&notifier->store, path, &service->log, error);
    notifier->store_open = result == 0;
    int64_t latest = 0;
    if (result == 0) {
        result = outbox_latest(&notifier->store.outbox, &latest, error);
        steady_start(&notifier->steady, latest, clock_now(), clock_monotonic_us());
    }
    if (result == 0) {
        bool kept = notifier->store.position.seq > 0;
        log_write(&service->log, LOG_LEVEL_INFO,
                  kept ? "state loaded" : "nothing is kept yet, folding from the beginning", "seq=%" PRIu64,
                  notifier->store.position.seq);
    }
    return result;
}

static int open_arenas(struct notifier *notifier, struct error *error) {
    notifier->event_arena = arena_create(SIZE_MAX);
    notifier->question_arena = arena_create(QUESTION_BYTES_MAX);
    bool made = notifier->event_arena && notifier->question_arena;
    return made ? 0 : error_set(error, ERR_NO_MEMORY, (struct error_words){0});
}

static int open_channels(struct notifier *notifier, struct error *error) {
    struct service *service = notifier->service;
    return channels_open(&notifier->channels, service->loop, service->config, &service->log, error);
}

static int open_waitings(struct notifier *notifier, struct error *error) {
    progress_start(&notifier->progress, notifier->service, &notifier->store.position);
    return waitings_open(&notifier->waitings, &notifier->progress, &notifier->consumer, notifier, error);
}

int notifier_start(struct service *service, struct error *error) {
    static int (*const steps[])(struct notifier *, struct error *) = {
        read_settings,       open_arenas,   open_store,     open_waitings,
        turn_open,           open_channels, teller_open,    incoming_tell_address,
        push_tell_addresses, lookout_open,  rehearsal_open, watch_open,
        open_tick,           live_open,     door_open,      open_stream};
    struct notifier *notifier = service->state;
    notifier->service = service;
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        int result = steps[i](notifier, error);
        if (result < 0) {
            notifier_stop(service);
            return result;
        }
    }
    gauges_tell(notifier);
    return 0;
}

/* ---- drain, stop ---- */

void notifier_finish(struct notifier *notifier) {
    if (notifier->draining && !notifier->drained && dispatcher_is_idle(&notifier->dispatcher) &&
        teller_is_idle(notifier)) {
        notifier->drained = true;
        service_drained(notifier->service);
    }
}

/* What is under way comes to its end and is told; nothing new is begun. */
void notifier_drain(struct service *service) {
    struct notifier *notifier = service->state;
    notifier->draining = true;
    verification_close(notifier);
    waitings_close(&notifier->waitings);
    consumer_close(&notifier->consumer);
    notifier_finish(notifier);
}

static void close_tick(struct notifier *notifier) {
    if (notifier->ticking) {
        notifier->ticking = false;
        uv_close((uv_handle_t *)&notifier->tick, NULL);
    }
}

/* The channels end what they have before the last turn, which keeps it. */
void notifier_stop(struct service *service) {
    struct notifier *notifier = service->state;
    struct error error = {0};
    notifier->draining = true;
    notifier->drained = true;
    verification_close(notifier);
    waitings_close(&notifier->waitings);
    consumer_close(&notifier->consumer);
    close_tick(notifier);
    teller_close(notifier);
    lookout_close(notifier);
    rehearsal_close(notifier);
    if (notifier->channels) {
        channels_close(&notifier->channels);
    }
    turn_close(notifier);
    if (notifier->live) {
        bus_set_authorise(service->bus, NULL, NULL);
    }
    if (notifier->store_open) {
        notifier_check(notifier, store_save(&notifier->store, &error), &error);
        store_close(&notifier->store);
    }
    hook_close(&notifier->hook);
    buffer_free(&notifier->answer);
    lookout_free(notifier);
    watch_free(notifier);
    arena_destroy(&notifier->event_arena);
    arena_destroy(&notifier->question_arena);
}
