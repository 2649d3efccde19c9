/* The pump: drains, sends and closes ZeroMQ sockets on a libuv loop. */
#include "common/bus_pump.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <zmq.h>

#include "common/bus_copies.h"
#include "common/clock.h"

#define ENDPOINT_SIZE 4200

struct bus_socket {
    struct bus_pump *pump;
    struct bus_socket *next;
    struct bus_socket *previous;
    struct bus_socket_options options;
    bool closed;
    bool draining; /* callbacks are running: the drain itself looks again */
    bool pending;  /* has messages left for the idle handle */
    bus_room room; /* somebody waits until a message can be sent; else NULL */
    void *room_data;
    uv_poll_t poll;
    struct buffer scratch;
    char endpoint[ENDPOINT_SIZE];
};

/* ---- receiving ---- */

struct parts {
    zmq_msg_t frames[BUS_FRAMES_MAX + 1]; /* with the routing id of a ROUTER */
    uint32_t count;
    uint32_t dropped;
};

/* Receives one frame: its length, or -1 when there is none. */
static int take_frame(void *handle, zmq_msg_t *frame) {
    int result;
    do {
        result = zmq_msg_recv(frame, handle, ZMQ_DONTWAIT);
    } while (result < 0 && errno == EINTR);
    return result;
}

/* Takes one whole message off the socket: 1, or 0 when there is none. ZeroMQ hands over all frames or none. */
static int take(void *handle, struct parts *parts, uint32_t room) {
    parts->count = 0;
    parts->dropped = 0;
    int more = 1;
    while (more) {
        zmq_msg_t frame;
        zmq_msg_init(&frame);
        if (take_frame(handle, &frame) < 0) {
            zmq_msg_close(&frame);
            assert(parts->count == 0);
            return 0;
        }
        more = zmq_msg_more(&frame);
        if (parts->count < room) {
            zmq_msg_t *slot = &parts->frames[parts->count++];
            zmq_msg_init(slot);
            zmq_msg_move(slot, &frame);
        } else {
            parts->dropped++;
        }
        zmq_msg_close(&frame);
    }
    return 1;
}

static void release(struct parts *parts) {
    for (uint32_t i = 0; i < parts->count; i++) {
        zmq_msg_close(&parts->frames[i]);
    }
}

static struct text view(zmq_msg_t *frame) {
    return (struct text){zmq_msg_data(frame), (uint32_t)zmq_msg_size(frame)};
}

static void read_user(const struct bus_socket *socket, zmq_msg_t *frame, char user[BUS_USER_MAX]) {
    const char *known = socket->options.binds ? zmq_msg_gets(frame, "User-Id") : NULL;
    size_t length = known ? strnlen(known, BUS_USER_MAX - 1) : 0;
    if (length > 0) {
        memcpy(user, known, length);
    }
    user[length] = '\0';
}

/* A peer may choose a routing id of up to 255 bytes; one that does not fit could not be answered. */
static bool read_peer(zmq_msg_t *frame, struct bus_peer *peer) {
    size_t length = zmq_msg_size(frame);
    if (length > BUS_PEER_MAX) {
        return false;
    }
    memcpy(peer->bytes, zmq_msg_data(frame), length);
    peer->length = (uint32_t)length;
    return true;
}

static void deliver(struct bus_socket *socket, struct parts *parts) {
    if (!socket->options.receive) {
        return;
    }
    struct bus_message message;
    uint32_t first = socket->options.router ? 1 : 0;
    message.peer.length = 0;
    if (parts->count <= first || (first == 1 && !read_peer(&parts->frames[0], &message.peer))) {
        return;
    }
    read_user(socket, &parts->frames[first], message.user);
    message.count = parts->count - first;
    message.dropped = parts->dropped;
    for (uint32_t i = 0; i < message.count; i++) {
        message.frames[i] = view(&parts->frames[first + i]);
    }
    socket->options.receive(socket, &message, socket->options.data);
}

static void count(const struct bus_socket *socket, enum metric metric) {
    if (socket->pump->metrics && socket->options.edge != EDGE_COUNT) {
        metrics_add(socket->pump->metrics, metric, 1);
    }
}

/* Receives one message; false when there is none or the socket was closed meanwhile. */
static bool receive_one(struct bus_socket *socket) {
    struct parts parts;
    uint32_t room = BUS_FRAMES_MAX + (socket->options.router ? 1 : 0);
    if (!take(socket->options.handle, &parts, room)) {
        return false;
    }
    count(socket, METRIC_MESSAGES_IN);
    deliver(socket, &parts);
    release(&parts);
    return !socket->closed;
}

/* ZMQ_EVENTS: looking also does what ZeroMQ's own thread has told, and so takes the edge away. */
static int look(const struct bus_socket *socket) {
    int events = 0;
    size_t size = sizeof events;
    int result;
    do {
        result = zmq_getsockopt(socket->options.handle, ZMQ_EVENTS, &events, &size);
    } while (result != 0 && errno == EINTR);
    return result == 0 ? events : 0;
}

static void on_idle(uv_idle_t *idle);

static void postpone(struct bus_socket *socket) {
    socket->pending = true;
    uv_idle_start(&socket->pump->idle, on_idle);
}

/* Last: who is told may send, and close the socket. */
static void tell_room(struct bus_socket *socket) {
    bus_room room = socket->room;
    socket->room = NULL;
    if (room) {
        room(socket->room_data);
    }
}

/* The drain: ZMQ_EVENTS is read when receiving has come to an end, and again by whoever sends in between. */
static void drain(struct bus_socket *socket) {
    if (socket->closed || socket->draining) {
        return;
    }
    socket->draining = true;
    socket->pending = false;
    uint32_t taken = 0;
    int64_t until_us = clock_monotonic_us() + PUMP_DRAIN_US;
    bool over = false;
    int events = look(socket);
    while (!over && (events & ZMQ_POLLIN) != 0) {
        while (!over && receive_one(socket)) {
            taken++;
            over = taken >= PUMP_DRAIN || clock_monotonic_us() >= until_us;
        }
        if (socket->closed) {
            return;
        }
        events = look(socket);
    }
    socket->draining = false;
    if ((events & ZMQ_POLLIN) != 0) {
        postpone(socket);
    }
    if ((events & ZMQ_POLLOUT) != 0) {
        tell_room(socket);
    }
}

static void on_poll(uv_poll_t *poll, int status, int events) {
    (void)status;
    (void)events;
    drain(poll->data);
}

/* Callbacks may close sockets: their memory stays until the loop closes handles, so that `next` can be followed. */
static void on_idle(uv_idle_t *idle) {
    struct bus_pump *pump = idle->data;
    for (struct bus_socket *socket = pump->sockets; socket; socket = socket->next) {
        if (socket->pending) {
            drain(socket);
        }
    }
    bool more = false;
    for (struct bus_socket *socket = pump->sockets; socket; socket = socket->next) {
        more = more || socket->pending;
    }
    if (!more) {
        uv_idle_stop(idle);
    }
}

/* ---- sending ---- */

static int send_error(int fault) {
    switch (fault) {
    case EHOSTUNREACH:
    case ETERM:
    case ENOTSOCK:
        return -(int)ERR_UNAVAILABLE;
    case ENOMEM:
        return -(int)ERR_NO_MEMORY;
    default:
        return -(int)ERR_BUSY;
    }
}

static int copy_parts(struct bus_copies *copies, const struct bus_peer *peer, const struct text *frames,
                      uint32_t frame_count) {
    int result = peer ? bus_copies_add(copies, peer->bytes, peer->length) : 0;
    for (uint32_t i = 0; i < frame_count && result == 0; i++) {
        result = bus_copies_add(copies, frames[i].data, frames[i].length);
    }
    return result;
}

/* The first part decides: it finds the peer and its room, which ZeroMQ counts in whole messages. A later part only
 * fails when the peer went meanwhile; the rest is sent all the same, as ZeroMQ then expects and throws it away. */
static int send_copies(void *handle, struct bus_copies *copies) {
    if (bus_copies_send(copies, 0, handle) < 0) {
        return send_error(errno);
    }
    bool lost = false;
    for (uint32_t i = 1; i < copies->count; i++) {
        lost = bus_copies_send(copies, i, handle) < 0 || lost;
    }
    return lost ? -(int)ERR_UNAVAILABLE : 0;
}

int bus_send(struct bus_socket *socket, const struct bus_peer *peer, const struct text *frames, uint32_t frame_count) {
    assert(frame_count > 0 && (peer != NULL) == socket->options.router);
    if (socket->closed) {
        return -(int)ERR_UNAVAILABLE;
    }
    struct bus_copies copies;
    bus_copies_begin(&copies);
    int result = copy_parts(&copies, peer, frames, frame_count);
    if (result == 0) {
        result = send_copies(socket->options.handle, &copies);
    }
    bus_copies_release(&copies);
    if (result == 0) {
        count(socket, METRIC_MESSAGES_OUT);
    }
    /* It may have swallowed an edge. One look when the turn is over, however much was sent in it. */
    if (!socket->draining && !socket->pending) {
        postpone(socket);
    }
    return result;
}

void bus_await_room(struct bus_socket *socket, bus_room room, void *data) {
    socket->room = room;
    socket->room_data = data;
    if (!socket->closed && !socket->draining && !socket->pending) {
        postpone(socket);
    }
}

struct buffer *bus_socket_scratch(struct bus_socket *socket) {
    buffer_clear(&socket->scratch);
    return &socket->scratch;
}

/* ---- life ---- */

static int start_polling(struct bus_socket *socket, struct error *error) {
    int descriptor = -1;
    size_t size = sizeof descriptor;
    if (zmq_getsockopt(socket->options.handle, ZMQ_FD, &descriptor, &size) != 0) {
        return error_setf(error, ERR_IO, "ZMQ_FD: %s", zmq_strerror(errno));
    }
    int result = uv_poll_init(socket->pump->loop, &socket->poll, descriptor);
    if (result != 0) {
        return error_setf(error, ERR_IO, "uv_poll_init: %s", uv_strerror(result));
    }
    socket->poll.data = socket;
    uv_poll_start(&socket->poll, UV_READABLE, on_poll);
    return 0;
}

int bus_socket_open(struct bus_socket **socket, struct bus_pump *pump, const struct bus_socket_options *options,
                    struct error *error) {
    *socket = NULL;
    struct bus_socket *made = calloc(1, sizeof *made);
    if (!made) {
        zmq_close(options->handle);
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    made->pump = pump;
    made->options = *options;
    bool roomy = buffer_extend(&made->scratch, BUS_SCRATCH_BYTES) != NULL;
    int result = roomy ? start_polling(made, error) : error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    if (result != 0) {
        zmq_close(options->handle);
        buffer_free(&made->scratch);
        free(made);
        return result;
    }
    made->next = pump->sockets;
    if (made->next) {
        made->next->previous = made;
    }
    pump->sockets = made;
    size_t size = sizeof made->endpoint;
    zmq_getsockopt(options->handle, ZMQ_LAST_ENDPOINT, made->endpoint, &size);
    postpone(made); /* an edge may have come before the poll began */
    *socket = made;
    return 0;
}

static void on_closed(uv_handle_t *handle) {
    struct bus_socket *socket = handle->data;
    buffer_free(&socket->scratch);
    free(socket);
}

static void unlink_socket(struct bus_socket *socket) {
    if (socket->next) {
        socket->next->previous = socket->previous;
    }
    if (socket->previous) {
        socket->previous->next = socket->next;
    } else {
        socket->pump->sockets = socket->next;
    }
}

void bus_socket_close(struct bus_socket **socket) {
    struct bus_socket *closing = *socket;
    *socket = NULL;
    if (!closing || closing->closed) {
        return;
    }
    closing->closed = true;
    closing->pending = false;
    unlink_socket(closing);
    uv_close((uv_handle_t *)&closing->poll, on_closed); /* leaves epoll before the descriptor goes */
    zmq_close(closing->options.handle);
}

const char *bus_endpoint(const struct bus_socket *socket) {
    return socket->endpoint;
}

void *bus_socket_handle(const struct bus_socket *socket) {
    return socket->options.handle;
}

enum edge bus_socket_edge(const struct bus_socket *socket) {
    return socket->options.edge;
}

int bus_pump_open(struct bus_pump *pump, uv_loop_t *loop, struct error *error) {
    pump->loop = loop;
    int result = uv_idle_init(loop, &pump->idle);
    pump->idle.data = pump;
    return result == 0 ? 0 : error_setf(error, ERR_IO, "uv_idle_init: %s", uv_strerror(result));
}

static void on_pump_closed(uv_handle_t *handle) {
    struct bus_pump *pump = handle->data;
    pump->closed(pump->owner);
}

void bus_pump_close(struct bus_pump *pump, int linger_ms) {
    while (pump->sockets) {
        struct bus_socket *socket = pump->sockets;
        zmq_setsockopt(socket->options.handle, ZMQ_LINGER, &linger_ms, sizeof linger_ms);
        bus_socket_close(&socket);
    }
    uv_close((uv_handle_t *)&pump->idle, on_pump_closed);
}
