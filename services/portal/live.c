/* The hub of the live streams: wake-up, one question, news for everyone. */
#include "services/portal/live.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/clock.h"
#include "services/portal/accounts.h"
#include "services/portal/answer.h"
#include "services/portal/board.h"
#include "services/portal/directory.h"
#include "services/portal/listener.h"

#define ANSWER_BYTES_MAX (256 * 1024 * 1024)
#define TICK_MS_MAX 1000

struct live {
    struct portal *portal;
    struct bus_socket *wakeups;
    struct board board;
    struct position told; /* as_of of the last news */
    struct listener *listeners;
    uint32_t listener_count;
    uint64_t next_number;
    bool asking;
    bool dirty;            /* something changed since the question under way was sent */
    bool failing;          /* the last question had no answer */
    struct buffer problem; /* the event that says so */
    int64_t asked_us;
    int64_t rights_us; /* when the listeners' rights were looked at */
    uv_timer_t pause;
    uv_timer_t tick;
    unsigned open_handles;
};

/* ---- the question ---- */

static void ask(struct live *live);

static void on_pause(uv_timer_t *timer) {
    ask(timer->data);
}

/* Asks now, or after the pause when the last question is just answered. */
static void ask_soon(struct live *live) {
    live->dirty = true;
    if (live->asking || live->listener_count == 0) {
        return;
    }
    int64_t since_ms = (clock_monotonic_us() - live->asked_us) / 1000;
    if (since_ms >= LIVE_PAUSE_MS) {
        ask(live);
    } else if (!uv_is_active((uv_handle_t *)&live->pause)) {
        uv_timer_start(&live->pause, on_pause, (uint64_t)(LIVE_PAUSE_MS - since_ms), 0);
    }
}

static void tell_news(struct live *live) {
    const struct position *as_of = &live->board.as_of;
    bool other = as_of->journal != live->told.journal || as_of->epoch != live->told.epoch;
    live->told = *as_of;
    for (struct listener *at = live->listeners; at; at = at->next) {
        at->since = other ? BOARD_NOTHING : at->since;
        if (!at->attached) {
            at->attached = true;
            at->since = board_since(&live->board, text_of(at->last_event_id));
        }
        listener_wake(at);
    }
}

static void tell_problem(struct live *live, const struct error *error) {
    bool known = live->failing;
    live->failing = true;
    if (known) {
        return;
    }
    log_write(&live->portal->service->log, LOG_LEVEL_WARN, "live totals cannot be asked for", "code=%s",
              error_wire(error->code));
    buffer_clear(&live->problem);
    buffer_append(&live->problem, "event: problem\ndata: ", 21);
    problem_render(&(struct problem){.error = error}, &live->problem);
    buffer_append(&live->problem, "\n\n", 2);
    for (struct listener *at = live->listeners; at && !live->problem.failed; at = at->next) {
        listener_say(at, (const char *)live->problem.data, live->problem.length);
    }
}

static int take_answer(struct live *live, const struct call_result *result, struct error *error) {
    struct arena *arena = arena_create(ANSWER_BYTES_MAX);
    struct wire_totals_answer answer;
    struct faults faults = {0};
    if (!arena) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    int code = codec_decode(shape_of(SHAPE_totals_answer), result->payload, arena, &answer, &faults);
    if (code < 0) {
        faults_to_error(&faults, error);
    } else if (board_is_other(&live->board, &answer)) {
        /* It was asked for changes since a position of another journal: ask for everything. */
        board_clear(&live->board);
        live->dirty = true;
    } else {
        code = board_update(&live->board, &answer, error);
    }
    arena_destroy(&arena);
    return code;
}

static void answered(const struct call_result *result, void *data) {
    struct live *live = data;
    struct error error = result->error;
    live->asking = false;
    bool other = error.code == ERR_OTHER_JOURNAL || error.code == ERR_BEYOND || error.code == ERR_BAD_POSITION;
    if (other && live->board.as_of_text[0] != '\0') {
        board_clear(&live->board);
        ask_soon(live);
        return;
    }
    if (error.code != ERR_OK || take_answer(live, result, &error) < 0) {
        tell_problem(live, &error);
        return;
    }
    live->failing = false;
    if (live->board.as_of_text[0] != '\0') {
        tell_news(live);
    }
    if (live->dirty) {
        ask_soon(live);
    }
}

static void ask(struct live *live) {
    struct text squad = text_of("squad");
    struct wire_totals_query query = {.by = {&squad, 1}, .changed_since = text_of(live->board.as_of_text)};
    wire_set(&query.present, FIELD_totals_query_by);
    if (query.changed_since.length > 0) {
        wire_set(&query.present, FIELD_totals_query_changed_since);
    }
    struct buffer payload = {0};
    codec_encode(shape_of(SHAPE_totals_query), &query, &payload);
    live->asking = true;
    live->dirty = false;
    live->asked_us = clock_monotonic_us();
    call_send(live->portal->totals, "totals", (struct text){(const char *)payload.data, (uint32_t)payload.length},
              (struct text){0}, config_int(live->portal->service->config, SETTING_CALL_MS), answered, live);
    buffer_free(&payload);
}

static void on_wakeup(struct bus_socket *socket, const struct bus_message *message, void *data) {
    (void)socket;
    (void)message;
    ask_soon(data);
}

/* ---- listeners ---- */

static void gone(struct listener *listener, void *data) {
    struct live *live = data;
    if (listener->next) {
        listener->next->previous = listener->previous;
    }
    *(listener->previous ? &listener->previous->next : &live->listeners) = listener->next;
    live->listener_count--;
    if (live->listener_count == 0) {
        bus_unsubscribe(live->wakeups, "");
    }
    metrics_set(&live->portal->service->metrics, METRIC_LIVE_LISTENERS, live->listener_count);
}

static void add(struct live *live, struct listener *listener) {
    listener->number = ++live->next_number;
    listener->next = live->listeners;
    if (listener->next) {
        listener->next->previous = listener;
    }
    live->listeners = listener;
    live->listener_count++;
    metrics_set(&live->portal->service->metrics, METRIC_LIVE_LISTENERS, live->listener_count);
    bool first = live->listener_count == 1;
    if (first) {
        bus_subscribe(live->wakeups, "");
    }
    ask_soon(live);
    live->dirty =
        live->dirty || first; /* wake-ups may come only after the answer was made: it is asked for once more */
}

void route_live(struct exchange *exchange) {
    struct live *live = exchange->portal->live;
    int64_t most = config_int(exchange->portal->service->config, SETTING_LIVE_STREAMS);
    if (exchange->head) {
        struct buffer nothing = {0};
        exchange_answer(exchange, 200, "text/event-stream; charset=utf-8", &nothing);
        return;
    }
    if (live->listener_count >= most) {
        struct error error;
        error_set(&error, ERR_BUSY, (struct error_words){.limit = "5000"});
        exchange_fail_problem(exchange, &(struct problem){.error = &error, .retry_after = 5000});
        return;
    }
    struct listener *listener = listener_start(exchange, &live->board, gone, live);
    if (listener) {
        add(live, listener);
    }
}

/* ---- do listeners still have the right? ---- */

struct right_check {
    struct live *live;
    uint64_t number;
};

static void right_known(const struct directory_entry *entry, const struct error *error, void *data) {
    struct right_check *check = data;
    if (error->code == ERR_OK && entry->role == ROLE_NONE) {
        for (struct listener *at = check->live->listeners; at; at = at->next) {
            if (at->number == check->number) {
                listener_end(at);
            }
        }
    }
    free(check);
}

static void check_right(struct live *live, struct listener *listener) {
    struct token_row row;
    int found = accounts_find_token(live->portal->accounts, listener->token, &row, NULL);
    if (found == 0 || (found == 1 && row.expires_at <= clock_now())) {
        listener_end(listener);
        return;
    }
    struct right_check *check = malloc(sizeof *check);
    if (check) {
        *check = (struct right_check){live, listener->number};
        directory_ask(live->portal->directory, listener->account, right_known, check);
    }
}

static void on_tick(uv_timer_t *timer) {
    struct live *live = timer->data;
    int64_t now = clock_monotonic_us();
    bool look = now - live->rights_us >= INT64_C(1000) * DIRECTORY_FRESH_MS;
    live->rights_us = look ? now : live->rights_us;
    for (struct listener *at = live->listeners; at; at = at->next) {
        listener_tick(at, config_int(live->portal->service->config, SETTING_KEEPALIVE_MS));
        if (look && !at->ending) {
            check_right(live, at);
        }
    }
    if (now - live->asked_us >= INT64_C(1000) * LIVE_POLL_MS) {
        ask_soon(live);
    }
}

/* ---- life ---- */

static void start_timers(struct live *live) {
    int64_t half = config_int(live->portal->service->config, SETTING_KEEPALIVE_MS) / 2;
    uint64_t every = (uint64_t)(half < TICK_MS_MAX ? half : TICK_MS_MAX);
    uv_timer_init(live->portal->service->loop, &live->pause);
    uv_timer_init(live->portal->service->loop, &live->tick);
    live->pause.data = live->tick.data = live;
    live->open_handles = 2;
    uv_timer_start(&live->tick, on_tick, every, every);
}

int live_open(struct live **live, struct portal *portal, struct error *error) {
    struct live *made = calloc(1, sizeof *made);
    if (!made) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    made->portal = portal;
    int result = bus_connect(portal->service->bus, EDGE_LIVE, on_wakeup, made, &made->wakeups, error);
    if (result < 0) {
        free(made);
        return result;
    }
    start_timers(made);
    *live = made;
    return 0;
}

void live_end_all(struct live *live) {
    for (struct listener *at = live->listeners; at; at = at->next) {
        listener_end(at);
    }
}

static void on_closed(uv_handle_t *handle) {
    struct live *live = handle->data;
    if (--live->open_handles == 0) {
        free(live);
    }
}

void live_close(struct live **live) {
    struct live *closing = *live;
    if (!closing) {
        return;
    }
    *live = NULL;
    bus_socket_close(&closing->wakeups);
    board_free(&closing->board);
    buffer_free(&closing->problem);
    uv_close((uv_handle_t *)&closing->pause, on_closed);
    uv_close((uv_handle_t *)&closing->tick, on_closed);
}
