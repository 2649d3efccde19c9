/* One server-sent event stream on a connection of libmicrohttpd. */
#include "services/portal/listener.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "common/clock.h"
#include "services/portal/http.h"

#define BLOCK_BYTES 16384
#define GREETING "retry: 2000\n: 潮讯\n\n" /* reconnect after 2 s; and headers go out at once */
#define KEEPALIVE ": 在线\n\n"

/* Fills the empty buffer with the next event, if there is one. */
static void compose(struct listener *listener) {
    buffer_clear(&listener->out);
    listener->sent = 0;
    if (listener->attached && board_has_news(listener->board, listener->since)) {
        listener->since = board_compose(listener->board, listener->since, &listener->out);
    }
}

static ssize_t read_listener(void *data, uint64_t position, char *out, size_t max) {
    (void)position;
    struct listener *listener = data;
    if (listener->sent == listener->out.length) {
        compose(listener);
    }
    if (listener->ending || listener->out.failed) {
        return MHD_CONTENT_READER_END_OF_STREAM;
    }
    size_t left = listener->out.length - listener->sent;
    if (left == 0) {
        listener->suspended = true;
        MHD_suspend_connection(listener->connection);
        return 0;
    }
    size_t length = left < max ? left : max;
    memcpy(out, listener->out.data + listener->sent, length);
    listener->sent += length;
    listener->spoke_us = clock_monotonic_us();
    return (ssize_t)length;
}

static void free_listener(void *data) {
    struct listener *listener = data;
    listener->gone(listener, listener->data);
    buffer_free(&listener->out);
    free(listener);
}

struct listener *listener_start(struct exchange *exchange, const struct board *board,
                                void (*gone)(struct listener *listener, void *data), void *data) {
    struct listener *listener = calloc(1, sizeof *listener);
    struct MHD_Response *response = listener ? MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, BLOCK_BYTES,
                                                                                 read_listener, listener, free_listener)
                                             : NULL;
    if (!response) {
        struct error error;
        free(listener);
        error_set(&error, ERR_NO_MEMORY, (struct error_words){0});
        exchange_fail(exchange, &error);
        return NULL;
    }
    const char *last = exchange_request_header(exchange, "Last-Event-ID");
    listener->board = board;
    listener->gone = gone;
    listener->data = data;
    listener->http = exchange->portal->http;
    listener->connection = exchange->connection;
    listener->descriptor = http_connection_of(exchange->connection)->descriptor;
    listener->since = BOARD_NOTHING;
    listener->spoke_us = clock_monotonic_us();
    snprintf(listener->last_event_id, sizeof listener->last_event_id, "%s", last ? last : "");
    snprintf(listener->account, sizeof listener->account, "%s", exchange->principal.account);
    memcpy(listener->token, exchange->principal.token, sizeof listener->token);
    buffer_append(&listener->out, GREETING, strlen(GREETING));
    exchange_add_header(exchange, "X-Accel-Buffering", "no");
    exchange_stream(exchange, "text/event-stream; charset=utf-8", response);
    return listener;
}

void listener_wake(struct listener *listener) {
    if (listener->suspended) {
        listener->suspended = false;
        MHD_resume_connection(listener->connection);
        http_wake(listener->http);
    }
}

void listener_say(struct listener *listener, const char *text, size_t length) {
    if (listener->sent == listener->out.length) {
        buffer_clear(&listener->out);
        listener->sent = 0;
        buffer_append(&listener->out, text, length);
        listener_wake(listener);
    }
}

static bool disconnected(const struct listener *listener) {
    char byte;
    ssize_t got = recv(listener->descriptor, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return got == 0 || (got < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR);
}

void listener_tick(struct listener *listener, int64_t keepalive_ms) {
    if (disconnected(listener)) {
        listener_end(listener);
    } else if (clock_monotonic_us() - listener->spoke_us >= 1000 * keepalive_ms) {
        listener_say(listener, KEEPALIVE, strlen(KEEPALIVE));
    }
}

void listener_end(struct listener *listener) {
    listener->ending = true;
    listener_wake(listener);
}
