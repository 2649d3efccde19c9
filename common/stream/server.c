/* The stream's serving side: a row per consumer, and turns in which each that has credit gets a block. */
#include "common/stream/server.h"

#include <inttypes.h>
#include <stdlib.h>

#include "common/clock.h"
#include "common/stream/gather.h"
#include "common/stream/opening.h"
#include "common/stream/parcel.h"

#define BLOCKS_PER_TURN 16 /* of all consumers together, or a parcel more; then the loop goes on with other things */
#define WAIT_MS 20         /* for a consumer whose queue is full */
#define EXPIRY_MS 5000
#define IDLE_MAX_US INT64_C(60000000)
#define REQUEST_MEMORY 65536

struct stream_server {
    struct stream_server_options options;
    struct bus_socket *socket;
    struct rows rows;
    uint32_t turn; /* row that comes first */
    struct position head;
    struct gather gather;
    struct kept_blocks kept;
    struct parcel parcel; /* that goes out */
    struct arena *arena;
    uv_idle_t pump;
    uv_timer_t late; /* runs while something is gathered */
    uv_timer_t wait;
    uv_timer_t expiry;
    int handles; /* that are still to be closed */
};

static void count_tell(const struct stream_server *server) {
    if (server->options.metrics) {
        metrics_set(server->options.metrics, METRIC_CONSUMERS, server->rows.count);
    }
}

static void row_drop(struct stream_server *server, struct row *row, const char *why) {
    log_write(server->options.log, LOG_LEVEL_INFO, "consumer gone", "why=\"%s\" seq=%" PRIu64, why, row->at);
    rows_drop(&server->rows, row);
    count_tell(server);
}

/* ---- sending ---- */

static void refuse_damage(struct stream_server *server, struct row *row, const struct error *error) {
    log_write(server->options.log, LOG_LEVEL_ERROR, "stream broken", "seq=%" PRIu64 " error=\"%s\"", row->at + 1,
              error->text);
    struct reply_to to = {.socket = server->socket, .peer = row->peer};
    reply_error(&to, error, 0, NULL);
    row_drop(server, row, "the journal cannot be read");
}

static void on_wait(uv_timer_t *timer);

/* Sends what comes next, up to `end`, to a row that can go on; how many blocks. The row may be gone afterwards. */
static uint32_t blocks_send(struct stream_server *server, struct row *row, uint64_t end) {
    struct parcel *parcel = &server->parcel;
    struct error error = {0};
    int result = parcel_fill(parcel, &server->kept, server->options.reader, row, end, &error);
    if (result <= 0) {
        if (result == 0) {
            error_setf(&error, ERR_INTERNAL, "the head lies behind seq %" PRIu64 ", but no block does", row->at);
        }
        refuse_damage(server, row, &error);
        return 1;
    }
    struct reply_to to = {.socket = server->socket, .peer = row->peer};
    int sent = reply_bytes(&to, parcel->verb, parcel->payload);
    if (sent == 0) {
        row_sent(row, parcel->count, parcel->end);
    } else if (sent == -(int)ERR_UNAVAILABLE) {
        row_drop(server, row, "its connection ended");
    } else {
        row->waits = true;
        uv_timer_start(&server->wait, on_wait, WAIT_MS, 0);
    }
    return parcel->count;
}

/* One turn: what comes next to each that can go on, in turn, until the turn's share is used up. True when there is more. */
static bool turn_run(struct stream_server *server) {
    uint32_t sent = 0;
    uint32_t passed = 0; /* rows in a row that could not go on */
    while (sent < BLOCKS_PER_TURN && passed < server->rows.count) {
        server->turn = server->turn < server->rows.count ? server->turn : 0;
        struct row *row = &server->rows.items[server->turn];
        server->turn++;
        uint64_t end = gather_end(&server->gather, row->patient);
        if (!row_may_send(row, end)) {
            passed++;
            continue;
        }
        sent += blocks_send(server, row, end);
        passed = 0;
    }
    return passed < server->rows.count;
}

static void on_pump(uv_idle_t *idle) {
    struct stream_server *server = idle->data;
    if (!turn_run(server)) {
        uv_idle_stop(idle);
    }
}

static void wake(struct stream_server *server) {
    uv_idle_start(&server->pump, on_pump);
}

/* Everything may go out: begins with it. */
static void let_out(struct stream_server *server) {
    gather_release(&server->gather, server->head.seq);
    uv_timer_stop(&server->late);
    wake(server);
}

static void on_late(uv_timer_t *timer) {
    let_out(timer->data);
}

static void on_wait(uv_timer_t *timer) {
    struct stream_server *server = timer->data;
    for (uint32_t i = 0; i < server->rows.count; i++) {
        server->rows.items[i].waits = false;
    }
    wake(server);
}

static void on_expiry(uv_timer_t *timer) {
    struct stream_server *server = timer->data;
    int64_t now = clock_monotonic_us();
    for (uint32_t i = server->rows.count; i > 0; i--) {
        struct row *row = &server->rows.items[i - 1];
        if (now - row->heard_us > IDLE_MAX_US) {
            row_drop(server, row, "it said nothing for a minute");
        }
    }
}

/* ---- requests ---- */

/* A peer that opens again begins anew: its row is replaced, or gone when it is refused. */
static void on_open(struct stream_server *server, const struct request *request) {
    struct reply_to to = request_reply_to(server->socket, request);
    struct wire_stream_open open;
    struct position position = {0};
    struct error error = {0};
    struct row *row = rows_find(&server->rows, &request->peer);
    if (row) {
        row_drop(server, row, "it opens again");
        row = NULL;
    }
    if (opening_check(&server->options, request, server->arena, &open, &position, &error) == 0) {
        row = rows_add(&server->rows, &request->peer, &error);
    }
    if (!row) {
        log_write(server->options.log, LOG_LEVEL_WARN, "consumer refused", "user=%s error=\"%s\"", request->user,
                  error.text);
        reply_error(&to, &error, error.code == ERR_BUSY ? 1000 : 0, NULL);
        return;
    }
    row->at = position.seq;
    row->credit = (uint32_t)open.credit;
    row->side = open.side;
    row->patient = open.patient;
    row->together = open.together;
    memcpy(row->user, request->user, sizeof row->user);
    row->heard_us = clock_monotonic_us();
    count_tell(server);
    log_write(server->options.log, LOG_LEVEL_INFO, "consumer opened", "user=%s seq=%" PRIu64 " side=%d", request->user,
              row->at, row->side);
    if (opening_grant(&to, &server->head) < 0) {
        row_drop(server, row, "its connection ended");
        return;
    }
    wake(server);
}

/* Whoever is not known here (any more) is told to open. */
static struct row *row_of(struct stream_server *server, const struct request *request) {
    static const char nil = (char)0xC0;
    struct row *row = rows_find(&server->rows, &request->peer);
    if (!row) {
        struct reply_to to = request_reply_to(server->socket, request);
        reply_bytes(&to, "reopen", (struct text){&nil, 1});
        return NULL;
    }
    row->heard_us = clock_monotonic_us();
    return row;
}

/* The row of the peer, and what it says, of that shape; NULL when it was answered otherwise. */
static struct row *row_hear(struct stream_server *server, const struct request *request, enum shape_index shape,
                            void *value) {
    struct error error = {0};
    struct row *row = row_of(server, request);
    if (row && payload_read(shape, request->payload, server->arena, value, &error) < 0) {
        struct reply_to to = request_reply_to(server->socket, request);
        reply_error(&to, &error, 0, NULL);
        return NULL;
    }
    return row;
}

static void on_credit(struct stream_server *server, const struct request *request) {
    struct wire_stream_credit credit;
    struct row *row = row_hear(server, request, SHAPE_stream_credit, &credit);
    if (row) {
        row_grant(row, credit.credit);
        wake(server);
    }
}

static void on_pace(struct stream_server *server, const struct request *request) {
    struct wire_stream_pace pace;
    struct row *row = row_hear(server, request, SHAPE_stream_pace, &pace);
    if (row) {
        row->patient = pace.patient;
        wake(server); /* what was gathered while nobody was in a hurry */
    }
}

static void on_head(struct stream_server *server, const struct request *request) {
    if (!row_of(server, request)) {
        return;
    }
    let_out(server); /* who asks does not want to wait */
    char position[POSITION_TEXT_SIZE];
    position_format(&server->head, position);
    struct wire_stream_head head = {.position = text_of(position)};
    wire_set(&head.present, FIELD_stream_head_position);
    struct reply_to to = request_reply_to(server->socket, request);
    reply_shape(&to, "head", shape_of(SHAPE_stream_head), &head);
}

static void on_message(struct bus_socket *socket, const struct bus_message *message, void *data) {
    struct stream_server *server = data;
    struct request request;
    if (!request_parse(socket, message, &request)) {
        return;
    }
    arena_reset(server->arena);
    if (text_equal(request.verb, text_of("open"))) {
        on_open(server, &request);
    } else if (text_equal(request.verb, text_of("credit"))) {
        on_credit(server, &request);
    } else if (text_equal(request.verb, text_of("pace"))) {
        on_pace(server, &request);
    } else if (text_equal(request.verb, text_of("head"))) {
        on_head(server, &request);
    } else {
        struct reply_to to = request_reply_to(socket, &request);
        reply_bad_verb(&to, request.verb, "open, credit, pace, head");
    }
}

/* ---- life ---- */

static void release(struct stream_server *server) {
    kept_close(&server->kept);
    parcel_free(&server->parcel);
    arena_destroy(&server->arena);
    rows_free(&server->rows);
    free(server);
}

static void on_closed(uv_handle_t *handle) {
    struct stream_server *server = handle->data;
    if (--server->handles == 0) {
        release(server);
    }
}

static void handles_open(struct stream_server *server) {
    uv_loop_t *loop = server->options.loop;
    uv_idle_init(loop, &server->pump);
    uv_timer_init(loop, &server->late);
    uv_timer_init(loop, &server->wait);
    uv_timer_init(loop, &server->expiry);
    server->pump.data = server;
    server->late.data = server;
    server->wait.data = server;
    server->expiry.data = server;
    server->handles = 4;
    uv_timer_start(&server->expiry, on_expiry, EXPIRY_MS, EXPIRY_MS);
}

int stream_server_open(struct stream_server **server, const struct stream_server_options *options,
                       struct error *error) {
    struct stream_server *self = calloc(1, sizeof *self);
    if (!self) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    self->options = *options;
    self->arena = arena_create(REQUEST_MEMORY);
    int result = kept_open(&self->kept, error);
    if (result == 0 && !self->arena) {
        result = error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    if (result == 0) {
        result = journal_reader_head(options->reader, &self->head, error);
    }
    if (result == 0) {
        result = bus_bind(options->bus, EDGE_STREAM, on_message, self, &self->socket, error);
    }
    if (result < 0) {
        release(self);
        return result;
    }
    gather_begin(&self->gather, self->head.seq);
    handles_open(self);
    *server = self;
    return 0;
}

void stream_server_close(struct stream_server **server) {
    struct stream_server *self = *server;
    if (!self) {
        return;
    }
    bus_socket_close(&self->socket);
    uv_close((uv_handle_t *)&self->pump, on_closed);
    uv_close((uv_handle_t *)&self->late, on_closed);
    uv_close((uv_handle_t *)&self->wait, on_closed);
    uv_close((uv_handle_t *)&self->expiry, on_closed);
    *server = NULL;
}

/* Keeps the block for those who will get it without another look into the journal. */
static void keep(struct stream_server *server, const struct journal_block *block) {
    for (int side = 0; side <= 1; side++) {
        if (rows_await(&server->rows, server->gather.all, side)) {
            kept_put(&server->kept, block, side);
        }
    }
}

void stream_server_appended(struct stream_server *server, const struct position *head,
                            const struct journal_block *block, bool alone) {
    server->head = *head;
    if (block) {
        keep(server, block);
    }
    if (!block || !gather_add(&server->gather, head->seq, block->head.length + block->side.length, alone)) {
        let_out(server);
    } else if (!uv_is_active((uv_handle_t *)&server->late)) {
        uv_timer_start(&server->late, on_late, GATHER_MS, 0);
    }
    if (turn_run(server)) {
        wake(server);
    }
}

void stream_server_review(struct stream_server *server) {
    for (uint32_t i = server->rows.count; i > 0; i--) {
        struct row *row = &server->rows.items[i - 1];
        struct error error = {0};
        if (server->options.authorise(server->options.data, row->user, row->side, &error) < 0) {
            struct reply_to to = {.socket = server->socket, .peer = row->peer};
            reply_error(&to, &error, 0, NULL);
            row_drop(server, row, "it has no right any more");
        }
    }
}

void stream_server_forget(struct stream_server *server) {
    kept_forget(&server->kept);
    parcel_forget(&server->parcel);
}
