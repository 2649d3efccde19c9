/* The stream's consuming side: opens, verifies, hands on, gives credit back, and opens again when intake was gone. */
#include "common/stream/consumer.h"

#include <inttypes.h>
#include <stdlib.h>

#include "common/call.h"
#include "common/clock.h"
#include "common/failpoint.h"
#include "common/stream/act.h"
#include "common/stream/asks.h"
#include "common/stream/opening.h"
#include "common/stream/place.h"

#define TICK_MS 100
#define TICK_OPENING_MS 20 /* nothing tells that the connection is there: it is tried */
#define OPEN_AGAIN_US INT64_C(500000)
#define PING_US INT64_C(400000)     /* of silence, then a sign of life is asked for */
#define SILENCE_US INT64_C(1000000) /* then the stream is opened again */
#define STALL_US INT64_C(500000)    /* our own loop was held up: no wonder that nothing was heard */
#define MESSAGE_MEMORY 65536

struct consumer {
    struct consumer_options options;
    struct bus_socket *socket; /* NULL when stopped */
    uv_timer_t tick;
    enum consumer_state state;
    bool closing;
    struct place place;
    struct position head; /* the highest that was heard of */
    uint32_t owed;        /* credit to be given back */
    bool paced;           /* intake knows how patient it is */
    uint64_t correlation; /* the last that was used */
    uint64_t opening;     /* that of the open request under way */
    int64_t opened_us;    /* when it was sent */
    int64_t retry_us;     /* not before this is it sent again */
    int64_t heard_us;
    int64_t pinged_us;
    int64_t ticked_us;
    struct ask *asks;
    struct arena *arena;
    struct buffer scratch;
};

static void head_tell(struct consumer *consumer) {
    if (consumer->options.head && !consumer->closing) {
        consumer->options.head(consumer->options.data, &consumer->head, consumer->state == CONSUMER_OPEN);
    }
}

static void head_raise(struct consumer *consumer, const struct position *head) {
    if (head->seq > consumer->head.seq || consumer->head.journal == 0) {
        consumer->head = *head;
        head_tell(consumer);
    }
}

/* The end: nothing more is heard; `stopped` is told once. */
static void stop(struct consumer *consumer, const struct error *error) {
    struct error copy = *error;
    bool was_open = consumer->state == CONSUMER_OPEN;
    log_write(consumer->options.log, LOG_LEVEL_ERROR, "stream stopped", "seq=%" PRIu64 " error=\"%s\"",
              consumer->place.position.seq, copy.text);
    consumer->state = CONSUMER_STOPPED;
    bus_socket_close(&consumer->socket);
    uv_timer_stop(&consumer->tick);
    asks_end(&consumer->asks);
    if (was_open) {
        head_tell(consumer);
    }
    if (!consumer->closing) {
        consumer->options.stopped(consumer->options.data, &copy);
    }
}

/* ---- requests ---- */

static int message_send(struct consumer *consumer, const char *verb, uint64_t correlation, struct text payload) {
    if (!consumer->socket) {
        return -(int)ERR_UNAVAILABLE;
    }
    const struct text frames[] = {
        text_of(PROTOCOL_VERSION), text_of(verb), {(const char *)&correlation, sizeof correlation}, payload};
    return bus_send(consumer->socket, NULL, frames, sizeof frames / sizeof *frames);
}

static struct text scratch_of(const struct consumer *consumer) {
    return (struct text){(const char *)consumer->scratch.data, (uint32_t)consumer->scratch.length};
}

static int shape_send(struct consumer *consumer, const char *verb, uint64_t correlation, enum shape_index shape,
                      const void *value) {
    buffer_clear(&consumer->scratch);
    int result = codec_encode(shape_of(shape), value, &consumer->scratch);
    return result < 0 ? result : message_send(consumer, verb, correlation, scratch_of(consumer));
}

/* Opens at our own position. When it cannot be sent, intake is not there: the next tick tries again. */
static void open_send(struct consumer *consumer) {
    consumer->owed = 0;
    consumer->opening = ++consumer->correlation;
    consumer->opened_us = clock_monotonic_us();
    consumer->paced = true;
    buffer_clear(&consumer->scratch);
    int result = opening_write(&consumer->options, &consumer->place.position, &consumer->scratch);
    if (result < 0 || message_send(consumer, "open", consumer->opening, scratch_of(consumer)) < 0) {
        consumer->opening = 0;
        consumer->opened_us = 0;
    }
}

static void lost(struct consumer *consumer, const char *why) {
    log_write(consumer->options.log, LOG_LEVEL_WARN, "stream lost", "why=\"%s\" seq=%" PRIu64, why,
              consumer->place.position.seq);
    consumer->state = CONSUMER_OPENING;
    for (struct ask *ask = consumer->asks; ask; ask = ask->next) {
        ask->sent = false;
    }
    open_send(consumer);
    head_tell(consumer);
}

static void credit_give(struct consumer *consumer) {
    struct wire_stream_credit credit = {.credit = consumer_credit_due(consumer->owed, consumer->options.credit)};
    if (credit.credit == 0) {
        return;
    }
    wire_set(&credit.present, FIELD_stream_credit_credit);
    if (shape_send(consumer, "credit", 0, SHAPE_stream_credit, &credit) == 0) {
        consumer->owed = 0;
    }
}

/* How patient it is, when intake has not heard it yet. */
static void pace_tell(struct consumer *consumer) {
    struct wire_stream_pace pace = {.patient = consumer->options.patient};
    wire_set(&pace.present, FIELD_stream_pace_patient);
    if (!consumer->paced && consumer->state == CONSUMER_OPEN) {
        consumer->paced = shape_send(consumer, "pace", 0, SHAPE_stream_pace, &pace) == 0;
    }
}

static int head_send(struct consumer *consumer, uint64_t correlation) {
    static const char nil = (char)0xC0;
    return message_send(consumer, "head", correlation, (struct text){&nil, 1});
}

static void asks_send(struct consumer *consumer) {
    for (struct ask *ask = consumer->asks; ask && consumer->state == CONSUMER_OPEN; ask = ask->next) {
        ask->sent = ask->sent || head_send(consumer, ask->correlation) == 0;
    }
}

/* ---- what comes ---- */

static int opened_take(struct consumer *consumer, struct text payload, struct error *error) {
    struct wire_stream_opened opened;
    struct position head = {0};
    int result = payload_read(SHAPE_stream_opened, payload, consumer->arena, &opened, error);
    if (result == 0) {
        result = position_parse(opened.position, &head, error);
    }
    if (result < 0) {
        return result;
    }
    result = place_enter(&consumer->place, &head, error);
    if (result < 0) {
        return result;
    }
    FAILPOINT("consumer-inside-opening");
    consumer->state = CONSUMER_OPEN;
    consumer->opening = 0;
    consumer->head = head;
    head_tell(consumer);
    return 0;
}

static int block_follow(struct consumer *consumer, const struct wire_stream_block *wire, struct error *error) {
    struct journal_block block;
    struct place after;
    int result = place_follow(&consumer->place, wire, &block, &after, error);
    if (result < 0) {
        return result;
    }
    FAILPOINT("consumer-before-fold");
    result = consumer->options.block(consumer->options.data, &block, &after.position, error);
    if (result < 0 || consumer->closing) {
        return result;
    }
    FAILPOINT("consumer-after-fold");
    consumer->place = after;
    consumer->owed++;
    head_raise(consumer, &after.position);
    return 0;
}

/* Credit is given back when all that came together is folded: one message. */
static int blocks_follow(struct consumer *consumer, const struct wire_stream_block *wires, uint32_t count,
                         struct error *error) {
    int result = 0;
    for (uint32_t i = 0; i < count && result == 0 && !consumer->closing; i++) {
        result = block_follow(consumer, &wires[i], error);
    }
    if (result == 0 && !consumer->closing) {
        credit_give(consumer);
    }
    return result;
}

static int block_take(struct consumer *consumer, struct text payload, struct error *error) {
    struct wire_stream_block wire;
    int result = payload_read(SHAPE_stream_block, payload, consumer->arena, &wire, error);
    return result < 0 ? result : blocks_follow(consumer, &wire, 1, error);
}

static int blocks_take(struct consumer *consumer, struct text payload, struct error *error) {
    struct wire_stream_blocks wire;
    int result = payload_read(SHAPE_stream_blocks, payload, consumer->arena, &wire, error);
    return result < 0 ? result : blocks_follow(consumer, wire.blocks.items, wire.blocks.count, error);
}

static int head_take(struct consumer *consumer, uint64_t correlation, struct text payload, struct error *error) {
    struct wire_stream_head answer;
    struct position head = {0};
    int result = payload_read(SHAPE_stream_head, payload, consumer->arena, &answer, error);
    if (result == 0) {
        result = position_parse(answer.position, &head, error);
    }
    if (result < 0) {
        return result;
    }
    head_raise(consumer, &head);
    if (!consumer->closing) {
        asks_answer(&consumer->asks, correlation, &head);
    }
    return 0;
}

/* An error answer: one that passes is waited out, any other ends the stream. */
static int error_take(struct consumer *consumer, struct text payload, struct error *error) {
    struct call_result answer = {0};
    arena_reset(consumer->arena);
    call_read_error(payload, consumer->arena, &answer);
    bool passes = answer.error.code == ERR_BUSY || answer.error.code == ERR_UNAVAILABLE ||
                  answer.error.code == ERR_NO_SPACE || answer.error.code == ERR_NO_MEMORY ||
                  answer.error.code == ERR_TIMED_OUT;
    if (!passes) {
        *error = answer.error;
        return -(int)answer.error.code;
    }
    consumer->retry_us = clock_monotonic_us() + (answer.retry_after > 0 ? answer.retry_after * 1000 : OPEN_AGAIN_US);
    return 0;
}

static int message_take(struct consumer *consumer, struct text verb, uint64_t correlation, struct text payload,
                        struct error *error) {
    bool to_open = correlation != 0 && correlation == consumer->opening;
    arena_reset(consumer->arena);
    switch (consumer_act(consumer->state, verb, to_open)) {
    case CONSUMER_ENTER:
        return opened_take(consumer, payload, error);
    case CONSUMER_FOLLOW:
        return block_take(consumer, payload, error);
    case CONSUMER_FOLLOW_ALL:
        return blocks_take(consumer, payload, error);
    case CONSUMER_HEAR:
        return head_take(consumer, correlation, payload, error);
    case CONSUMER_FAIL:
        return error_take(consumer, payload, error);
    case CONSUMER_REOPEN:
        lost(consumer, "intake does not know this consumer");
        return 0;
    case CONSUMER_IGNORE:
        break;
    }
    return 0;
}

static void on_message(struct bus_socket *socket, const struct bus_message *message, void *data) {
    (void)socket;
    struct consumer *consumer = data;
    bool known =
        message->count == 4 && message->dropped == 0 && text_equal(message->frames[0], text_of(PROTOCOL_VERSION));
    if (!known || consumer->closing || consumer->state == CONSUMER_STOPPED) {
        return;
    }
    uint64_t correlation = 0;
    if (message->frames[2].length == sizeof correlation) {
        memcpy(&correlation, message->frames[2].data, sizeof correlation);
    }
    struct error error = {0};
    consumer->heard_us = clock_monotonic_us();
    int result = message_take(consumer, message->frames[1], correlation, message->frames[3], &error);
    if (result < 0 && !consumer->closing) {
        stop(consumer, &error);
    } else if (!consumer->closing) {
        asks_send(consumer);
    }
}

/* ---- time ---- */

static void alive_check(struct consumer *consumer, int64_t now) {
    if (now - consumer->ticked_us > STALL_US) {
        consumer->heard_us = now;
    }
    if (now - consumer->heard_us > SILENCE_US) {
        lost(consumer, "no sign of life");
        return;
    }
    if (now - consumer->heard_us > PING_US && now - consumer->pinged_us > PING_US) {
        consumer->pinged_us = now;
        if (head_send(consumer, ++consumer->correlation) < 0) {
            lost(consumer, "the connection ended");
        }
    }
}

static void on_tick(uv_timer_t *tick) {
    struct consumer *consumer = tick->data;
    int64_t now = clock_monotonic_us();
    if (consumer->state == CONSUMER_OPEN) {
        alive_check(consumer, now);
        credit_give(consumer);
        pace_tell(consumer);
    } else if (now - consumer->opened_us > OPEN_AGAIN_US && now > consumer->retry_us) {
        open_send(consumer);
    }
    consumer->ticked_us = now;
    if (!consumer->closing) {
        uv_timer_set_repeat(tick, consumer->state == CONSUMER_OPEN ? TICK_MS : TICK_OPENING_MS);
        asks_send(consumer);
        asks_expire(&consumer->asks, now);
    }
}

/* ---- life ---- */

static void release(struct consumer *consumer) {
    arena_destroy(&consumer->arena);
    buffer_free(&consumer->scratch);
    free(consumer);
}

static void on_closed(uv_handle_t *handle) {
    release(handle->data);
}

int consumer_open(struct consumer **consumer, const struct consumer_options *options, struct error *error) {
    struct consumer *self = calloc(1, sizeof *self);
    if (!self) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    self->options = *options;
    self->place = (struct place){options->position, options->hash};
    self->arena = arena_create(MESSAGE_MEMORY);
    int result = self->arena ? bus_connect(options->bus, EDGE_STREAM, on_message, self, &self->socket, error)
                             : error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    if (result < 0) {
        release(self);
        return result;
    }
    uv_timer_init(options->loop, &self->tick);
    self->tick.data = self;
    self->ticked_us = clock_monotonic_us();
    uv_timer_start(&self->tick, on_tick, 0, TICK_OPENING_MS);
    *consumer = self;
    return 0;
}

void consumer_close(struct consumer **consumer) {
    struct consumer *self = *consumer;
    if (!self) {
        return;
    }
    *consumer = NULL;
    self->closing = true;
    bus_socket_close(&self->socket);
    asks_end(&self->asks);
    uv_close((uv_handle_t *)&self->tick, on_closed);
}

void consumer_pace(struct consumer *consumer, bool patient) {
    consumer->paced = consumer->paced && consumer->options.patient == patient;
    consumer->options.patient = patient;
    pace_tell(consumer);
}

void consumer_ask_head(struct consumer *consumer, int64_t timeout_ms,
                       void (*done)(void *data, const struct position *head, const struct error *error), void *data) {
    bool over = consumer->closing || consumer->state == CONSUMER_STOPPED;
    struct ask *ask = over ? NULL : asks_add(&consumer->asks, ++consumer->correlation, timeout_ms, done, data);
    if (!ask) {
        struct error error;
        error_set(&error, over ? ERR_UNAVAILABLE : ERR_NO_MEMORY, (struct error_words){.value = "intake"});
        done(data, &(struct position){0}, &error);
        return;
    }
    ask->sent = consumer->state == CONSUMER_OPEN && head_send(consumer, ask->correlation) == 0;
}
