/* Calls: open requests in a hash table by correlation, each with its own timer. */
#include "common/call.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/hall.h"

#define CORRELATION_BYTES 8
#define FIRST_BUCKETS 64
#define ANSWER_ARENA_BYTES 65536
#define SHARE_OF_LOAD 2 /* calls per bucket before the table grows */
#define SHARE_OF_TIME 2 /* one part of a call's time may pass until it is sent */

struct call {
    uv_timer_t timer; /* first: its handle is the call */
    struct caller *caller;
    struct call *next; /* in its bucket */
    uint64_t correlation;
    int64_t timeout_ms;
    uint64_t since;         /* uv_now */
    struct hall_seat *seat; /* while it is held */
    bool held;              /* was, or is */
    struct call_asker asker;
    enum error_code failure; /* of a call that could not be sent: told in the next turn of the loop */
    call_done done;
    void *data;
};

struct caller {
    uv_loop_t *loop;
    enum edge edge;
    struct bus_socket *socket;
    struct arena *arena;
    struct hall hall; /* calls that are held */
    struct call **buckets;
    uint32_t bucket_count; /* a power of two */
    uint32_t open;
    uint64_t last; /* correlation */
    bool closing;
};

/* ---- the table ---- */

static struct call **bucket_of(struct caller *caller, uint64_t correlation) {
    return &caller->buckets[correlation & (caller->bucket_count - 1)];
}

static void insert(struct caller *caller, struct call *call) {
    struct call **bucket = bucket_of(caller, call->correlation);
    call->next = *bucket;
    *bucket = call;
    caller->open++;
}

static struct call *remove_call(struct caller *caller, uint64_t correlation) {
    for (struct call **link = bucket_of(caller, correlation); *link; link = &(*link)->next) {
        if ((*link)->correlation == correlation) {
            struct call *found = *link;
            *link = found->next;
            caller->open--;
            return found;
        }
    }
    return NULL;
}

/* Correlations rise by one, so that calls spread evenly. Without memory the table stays as it is, only slower. */
static void grow(struct caller *caller) {
    if (caller->open < caller->bucket_count * SHARE_OF_LOAD) {
        return;
    }
    uint32_t before = caller->bucket_count;
    struct call **old = caller->buckets;
    struct call **buckets = calloc((size_t)before * 2, sizeof(struct call *));
    if (!buckets) {
        return;
    }
    caller->buckets = buckets;
    caller->bucket_count = before * 2;
    caller->open = 0;
    for (uint32_t i = 0; i < before; i++) {
        for (struct call *call = old[i]; call;) {
            struct call *next = call->next;
            insert(caller, call);
            call = next;
        }
    }
    free(old);
}

/* ---- ends ---- */

static void on_closed(uv_handle_t *handle) {
    free(handle->data);
}

static void finish(struct call *call, const struct call_result *result) {
    hall_leave(&call->caller->hall, &call->seat);
    uv_close((uv_handle_t *)&call->timer, on_closed);
    call->done(result, call->data);
}

static void fail(struct call *call, enum edge edge, enum error_code code) {
    struct call_result result = {.held = call->held};
    char limit[24];
    snprintf(limit, sizeof limit, "%lld", (long long)(code == ERR_BUSY ? 1000 : call->timeout_ms));
    error_set(&result.error, code, (struct error_words){.value = edge_row(edge)->binder, .limit = limit});
    result.retry_after = code == ERR_BUSY ? 1000 : 0;
    finish(call, &result);
}

static void on_timer(uv_timer_t *timer) {
    struct call *call = timer->data;
    struct caller *caller = call->caller;
    enum error_code late = call->seat ? ERR_BUSY : ERR_TIMED_OUT;
    remove_call(caller, call->correlation);
    fail(call, caller->edge, call->failure != ERR_OK ? call->failure : late);
}

/* What is left of `share` of its time. */
static void start_timer(struct call *call, int64_t share) {
    int64_t left = share - (int64_t)(uv_now(call->caller->loop) - call->since);
    uv_timer_start(&call->timer, on_timer, call->failure == ERR_OK && left > 0 ? (uint64_t)left : 0, 0);
}

/* ---- answers ---- */

static void copy_text(char *out, size_t size, struct text text) {
    size_t length = text.length < size ? text.length : size - 1;
    if (length > 0) {
        memcpy(out, text.data, length);
    }
    out[length] = '\0';
}

void call_read_error(struct text payload, struct arena *arena, struct call_result *result) {
    struct wire_error_answer answer;
    struct faults faults = {.count = 0};
    if (codec_decode(shape_of(SHAPE_error_answer), payload, arena, &answer, &faults) != 0) {
        error_setf(&result->error, ERR_INTERNAL, "an error answer that cannot be read");
        return;
    }
    enum error_code code = error_from_wire(answer.code.data, answer.code.length);
    result->error.code = code != ERR_OK ? code : ERR_INTERNAL;
    copy_text(result->error.text, sizeof result->error.text, answer.text);
    copy_text(result->error.text_zh, sizeof result->error.text_zh, answer.text_zh);
    copy_text(result->as_of, sizeof result->as_of, answer.as_of);
    result->retry_after = answer.retry_after;
}

static bool read_correlation(const struct bus_message *message, uint64_t *correlation) {
    if (message->count != 4 || message->dropped != 0 || !text_equal(message->frames[0], text_of(PROTOCOL_VERSION)) ||
        message->frames[2].length != CORRELATION_BYTES) {
        return false;
    }
    memcpy(correlation, message->frames[2].data, CORRELATION_BYTES);
    return true;
}

/* Answers that no call waits for (it timed out, or nobody asked) are dropped. */
static void on_answer(struct bus_socket *socket, const struct bus_message *message, void *data) {
    (void)socket;
    struct caller *caller = data;
    uint64_t correlation;
    struct call *call = read_correlation(message, &correlation) ? remove_call(caller, correlation) : NULL;
    if (!call) {
        return;
    }
    struct call_result result = {.verb = message->frames[1], .payload = message->frames[3], .held = call->held};
    if (text_equal(result.verb, text_of("error"))) {
        arena_reset(caller->arena);
        call_read_error(result.payload, caller->arena, &result);
    }
    finish(call, &result);
}

/* ---- requests ---- */

static int send_call(struct caller *caller, const struct call *call, struct text verb, struct text payload,
                     struct text delegate) {
    uint8_t correlation[CORRELATION_BYTES];
    memcpy(correlation, &call->correlation, sizeof correlation);
    const struct text frames[] = {
        text_of(PROTOCOL_VERSION), verb, {(const char *)correlation, sizeof correlation}, payload, delegate};
    return bus_send(caller->socket, NULL, frames, delegate.length > 0 ? 5 : 4);
}

/* Sends one that was held, unless nobody waits for its answer any more; false when there is no room again. What fails is
 * told in the next turn: no callback may run while the line is walked. */
static bool send_held(struct caller *caller, struct call *call) {
    const struct hall_seat *seat = call->seat;
    bool waits = !call->asker.waits || call->asker.waits(call->asker.who);
    int result = waits ? send_call(caller, call, seat->verb, seat->payload, seat->delegate) : 0;
    if (result == -(int)ERR_BUSY) {
        return false;
    }
    call->failure = waits ? (enum error_code) - result : ERR_BUSY;
    hall_leave(&caller->hall, &call->seat);
    start_timer(call, call->timeout_ms);
    return true;
}

static void on_room(void *data) {
    struct caller *caller = data;
    while (caller->hall.first) {
        if (!send_held(caller, caller->hall.first->owner)) {
            bus_await_room(caller->socket, on_room, caller);
            return;
        }
    }
}

/* 0 when it was held, -ERR_BUSY when there is no place. */
static int hold(struct caller *caller, struct call *call, const struct call_question *question) {
    call->seat = hall_sit(&caller->hall, call, text_of(question->verb), question->payload, question->delegate);
    if (!call->seat) {
        return -(int)ERR_BUSY;
    }
    call->held = true;
    bus_await_room(caller->socket, on_room, caller);
    return 0;
}

/* Those that are held go first. */
static int send_or_hold(struct caller *caller, struct call *call, const struct call_question *question) {
    int result = -(int)ERR_BUSY;
    if (!caller->hall.first) {
        result = send_call(caller, call, text_of(question->verb), question->payload, question->delegate);
    }
    return result == -(int)ERR_BUSY && !question->at_once ? hold(caller, call, question) : result;
}

static void refuse(struct caller *caller, enum error_code code, call_done done, void *data) {
    struct call_result result = {.retry_after = 0};
    error_set(&result.error, code, (struct error_words){.value = edge_row(caller->edge)->binder});
    done(&result, data);
}

void call_ask(struct caller *caller, const struct call_question *question, call_done done, void *data) {
    struct call *call = caller->closing ? NULL : calloc(1, sizeof *call);
    if (!call) {
        refuse(caller, caller->closing ? ERR_UNAVAILABLE : ERR_NO_MEMORY, done, data);
        return;
    }
    *call = (struct call){.caller = caller,
                          .correlation = ++caller->last,
                          .timeout_ms = question->timeout_ms,
                          .since = uv_now(caller->loop),
                          .asker = question->asker,
                          .done = done,
                          .data = data};
    uv_timer_init(caller->loop, &call->timer);
    call->timer.data = call;
    insert(caller, call);
    grow(caller);
    call->failure = (enum error_code) - send_or_hold(caller, call, question);
    start_timer(call, call->seat ? call->timeout_ms / SHARE_OF_TIME : call->timeout_ms);
}

void call_send(struct caller *caller, const char *verb, struct text payload, struct text delegate, int64_t timeout_ms,
               call_done done, void *data) {
    const struct call_question question = {
        .verb = verb, .payload = payload, .delegate = delegate, .timeout_ms = timeout_ms};
    call_ask(caller, &question, done, data);
}

/* ---- life ---- */

static void release(struct caller *caller) {
    arena_destroy(&caller->arena);
    free(caller->buckets);
    free(caller);
}

int caller_open(struct caller **caller, struct bus *bus, uv_loop_t *loop, enum edge edge, struct error *error) {
    *caller = NULL;
    struct caller *made = calloc(1, sizeof *made);
    if (!made) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    made->loop = loop;
    made->edge = edge;
    made->bucket_count = FIRST_BUCKETS;
    made->buckets = calloc(FIRST_BUCKETS, sizeof(struct call *));
    made->arena = arena_create(ANSWER_ARENA_BYTES);
    int result = made->buckets && made->arena ? bus_connect(bus, edge, on_answer, made, &made->socket, error)
                                              : error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    if (result != 0) {
        release(made);
        return result;
    }
    *caller = made;
    return 0;
}

void caller_close(struct caller **caller) {
    struct caller *closing = *caller;
    if (!closing) {
        return;
    }
    *caller = NULL;
    closing->closing = true;
    bus_socket_close(&closing->socket);
    for (uint32_t i = 0; i < closing->bucket_count; i++) {
        while (closing->buckets[i]) {
            struct call *call = remove_call(closing, closing->buckets[i]->correlation);
            fail(call, closing->edge, ERR_UNAVAILABLE);
        }
    }
    release(closing);
}
