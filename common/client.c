/* A blocking client: one DEALER socket, one thread, deadlines on the monotonic clock. */
#include "common/client.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <zmq.h>

#include "common/bus_copies.h"
#include "common/call.h"
#include "common/clock.h"

#define ANSWER_FRAMES 4
#define CORRELATION_BYTES 8
#define CONNECT_MS 5000
#define ANSWER_ARENA_BYTES 65536
#define MONITOR_ENDPOINT "inproc://handshakes-of-the-client"

struct client {
    void *context;
    bool owns_context;
    void *socket;
    void *monitor; /* tells when the door refuses the key; libzmq does not try again then */
    bool refused;
    int connect_ms;
    char *endpoint;
    uint64_t last; /* correlation of client_call */
    zmq_msg_t frames[ANSWER_FRAMES];
};

/* ---- life ---- */

static int set_int(void *socket, int option, int value) {
    return zmq_setsockopt(socket, option, &value, sizeof value);
}

static int set_key(void *socket, int option, const char *key) {
    return zmq_setsockopt(socket, option, key, KEY_TEXT_SIZE);
}

static bool set_up(void *socket, const struct key_pair *pair, const char *server_key, const char *endpoint) {
    bool ipv6 = strchr(endpoint, '[') != NULL;
    bool beside = strncmp(endpoint, "ipc://", 6) == 0; /* as the bus: no growing pauses on one machine */
    bool done = set_int(socket, ZMQ_LINGER, 0) == 0 && set_int(socket, ZMQ_IMMEDIATE, 1) == 0 &&
                set_int(socket, ZMQ_HEARTBEAT_IVL, 2000) == 0 && set_int(socket, ZMQ_HEARTBEAT_TIMEOUT, 6000) == 0 &&
                set_int(socket, ZMQ_CONNECT_TIMEOUT, 2000) == 0 &&
                set_int(socket, ZMQ_RECONNECT_IVL, beside ? 50 : 100) == 0 &&
                set_int(socket, ZMQ_RECONNECT_IVL_MAX, beside ? 0 : 1000) == 0 && set_int(socket, ZMQ_IPV6, ipv6) == 0;
    if (!pair || !server_key) {
        return done;
    }
    return done && set_key(socket, ZMQ_CURVE_SERVERKEY, server_key) == 0 &&
           set_key(socket, ZMQ_CURVE_PUBLICKEY, pair->public_key) == 0 &&
           set_key(socket, ZMQ_CURVE_SECRETKEY, pair->secret_key) == 0;
}

/* The monitor's name is per context, so that it holds the socket's address where contexts are shared. */
static bool watch_handshakes(struct client *client) {
    char endpoint[64];
    snprintf(endpoint, sizeof endpoint, MONITOR_ENDPOINT "-%p", client->socket);
    client->monitor = zmq_socket(client->context, ZMQ_PAIR);
    return client->monitor && set_int(client->monitor, ZMQ_LINGER, 0) == 0 &&
           zmq_socket_monitor(client->socket, endpoint, ZMQ_EVENT_HANDSHAKE_FAILED_AUTH) == 0 &&
           zmq_connect(client->monitor, endpoint) == 0;
}

static int connect_client(struct client *client, const struct key_pair *pair, const char *server_key,
                          struct error *error) {
    if (!client->endpoint) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    client->socket = client->context ? zmq_socket(client->context, ZMQ_DEALER) : NULL;
    if (!client->socket || !set_up(client->socket, pair, server_key, client->endpoint) || !watch_handshakes(client) ||
        zmq_connect(client->socket, client->endpoint) != 0) {
        return error_setf(error, ERR_IO, "cannot connect to %s: %s", client->endpoint, zmq_strerror(errno));
    }
    return 0;
}

int client_open(struct client **client, void *context, const char *endpoint, const struct key_pair *pair,
                const char *server_key, struct error *error) {
    *client = calloc(1, sizeof **client);
    if (!*client) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    for (int i = 0; i < ANSWER_FRAMES; i++) {
        zmq_msg_init(&(*client)->frames[i]);
    }
    (*client)->endpoint = strdup(endpoint);
    (*client)->connect_ms = CONNECT_MS;
    (*client)->owns_context = context == NULL;
    (*client)->context = context ? context : zmq_ctx_new();
    int result = connect_client(*client, pair, server_key, error);
    if (result != 0) {
        client_close(client);
    }
    return result;
}

void client_close(struct client **client) {
    if (!*client) {
        return;
    }
    for (int i = 0; i < ANSWER_FRAMES; i++) {
        zmq_msg_close(&(*client)->frames[i]);
    }
    if ((*client)->socket) {
        zmq_close((*client)->socket);
    }
    if ((*client)->monitor) {
        zmq_close((*client)->monitor);
    }
    if ((*client)->owns_context && (*client)->context) {
        zmq_ctx_term((*client)->context);
    }
    free((*client)->endpoint);
    free(*client);
    *client = NULL;
}

void client_set_connect_timeout(struct client *client, int timeout_ms) {
    client->connect_ms = timeout_ms;
}

/* ---- sending ---- */

static int64_t left_ms(int64_t deadline_us) {
    int64_t left = (deadline_us - clock_monotonic_us() + 999) / 1000;
    return left > 0 ? left : 0;
}

/* Forgets the handshakes that were told; the monitor only tells of refused ones. */
static void drop_events(struct client *client) {
    char event[256];
    while (zmq_recv(client->monitor, event, sizeof event, ZMQ_DONTWAIT) >= 0) {
        client->refused = true;
    }
}

/* Waits until the socket is ready for `events`; false when the deadline has passed or the key was refused. */
static bool wait_for(struct client *client, short events, int64_t deadline_us) {
    for (;;) {
        zmq_pollitem_t items[] = {{.socket = client->socket, .events = events},
                                  {.socket = client->monitor, .events = ZMQ_POLLIN}};
        int64_t left = left_ms(deadline_us);
        int result = zmq_poll(items, 2, (long)left);
        if (result > 0 && items[0].revents != 0) {
            return true;
        }
        if (result > 0) {
            drop_events(client);
        }
        if (client->refused || left == 0 || (result < 0 && errno != EINTR)) {
            return false;
        }
    }
}

static int unreachable(const struct client *client, struct error *error) {
    enum error_code code = client->refused ? ERR_KEY_REFUSED : ERR_UNAVAILABLE;
    return error_set(error, code, (struct error_words){.value = client->endpoint});
}

/* After the first frame nothing waits: ZeroMQ has room for whole messages. When the peer went meanwhile, it expects
 * the rest of them and throws it away. */
static int send_copies(struct client *client, struct bus_copies *copies, struct error *error) {
    int64_t deadline = clock_monotonic_us() + (int64_t)client->connect_ms * 1000;
    while (bus_copies_send(copies, 0, client->socket) < 0) {
        if (errno != EAGAIN || !wait_for(client, ZMQ_POLLOUT, deadline)) {
            return unreachable(client, error);
        }
    }
    bool lost = false;
    for (uint32_t i = 1; i < copies->count; i++) {
        lost = bus_copies_send(copies, i, client->socket) < 0 || lost;
    }
    return lost ? unreachable(client, error) : 0;
}

int client_send_delegated(struct client *client, const char *verb, struct text correlation, struct text payload,
                          struct text delegate, struct error *error) {
    const struct text frames[] = {text_of(PROTOCOL_VERSION), text_of(verb), correlation, payload, delegate};
    size_t count = delegate.length > 0 ? 5 : 4;
    struct bus_copies copies;
    bus_copies_begin(&copies);
    int result = 0;
    for (size_t i = 0; i < count && result == 0; i++) {
        result = bus_copies_add(&copies, frames[i].data, frames[i].length);
    }
    result =
        result == 0 ? send_copies(client, &copies, error) : error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    bus_copies_release(&copies);
    return result;
}

int client_send(struct client *client, const char *verb, struct text correlation, struct text payload,
                struct error *error) {
    return client_send_delegated(client, verb, correlation, payload, (struct text){0}, error);
}

/* ---- receiving ---- */

static int timed_out(const struct client *client, int timeout_ms, struct error *error) {
    char limit[16];
    snprintf(limit, sizeof limit, "%d", timeout_ms);
    return error_set(error, ERR_TIMED_OUT, (struct error_words){.value = client->endpoint, .limit = limit});
}

enum taken { TAKEN_NOTHING, TAKEN_ANSWER, TAKEN_OTHER };

/* Takes one whole message, if there is one; what has not the frames of an answer is left out. */
static enum taken take(struct client *client) {
    int count = 0;
    int more = 1;
    while (more) {
        zmq_msg_t frame;
        zmq_msg_init(&frame);
        if (zmq_msg_recv(&frame, client->socket, ZMQ_DONTWAIT) < 0) {
            zmq_msg_close(&frame);
            if (errno == EINTR) {
                continue;
            }
            return TAKEN_NOTHING;
        }
        more = zmq_msg_more(&frame);
        if (count < ANSWER_FRAMES) {
            zmq_msg_move(&client->frames[count], &frame);
        }
        count++;
        zmq_msg_close(&frame);
    }
    return count == ANSWER_FRAMES ? TAKEN_ANSWER : TAKEN_OTHER;
}

static struct text view(zmq_msg_t *frame) {
    return (struct text){zmq_msg_data(frame), (uint32_t)zmq_msg_size(frame)};
}

static int receive_until(struct client *client, int64_t deadline_us, int timeout_ms, struct client_answer *answer,
                         struct error *error) {
    enum taken taken;
    do {
        taken = take(client);
        if (taken == TAKEN_ANSWER && text_equal(view(&client->frames[0]), text_of(PROTOCOL_VERSION))) {
            *answer =
                (struct client_answer){view(&client->frames[1]), view(&client->frames[2]), view(&client->frames[3])};
            return 0;
        }
    } while (taken == TAKEN_NOTHING ? wait_for(client, ZMQ_POLLIN, deadline_us) : left_ms(deadline_us) > 0);
    return client->refused ? unreachable(client, error) : timed_out(client, timeout_ms, error);
}

int client_receive(struct client *client, int timeout_ms, struct client_answer *answer, struct error *error) {
    int64_t deadline = clock_monotonic_us() + (int64_t)timeout_ms * 1000;
    return receive_until(client, deadline, timeout_ms, answer, error);
}

/* ---- calls ---- */

static int read_error(const struct client_answer *answer, struct error *error) {
    struct arena *arena = arena_create(ANSWER_ARENA_BYTES);
    if (!arena) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    struct call_result result = {.retry_after = 0};
    call_read_error(answer->payload, arena, &result);
    arena_destroy(&arena);
    if (error) {
        *error = result.error;
    }
    return -(int)result.error.code;
}

int client_call(struct client *client, const char *verb, struct text payload, int timeout_ms,
                struct client_answer *answer, struct error *error) {
    int64_t deadline = clock_monotonic_us() + (int64_t)timeout_ms * 1000;
    client->last++;
    uint8_t bytes[CORRELATION_BYTES];
    memcpy(bytes, &client->last, sizeof bytes);
    struct text correlation = {(const char *)bytes, sizeof bytes};
    client->connect_ms = timeout_ms;
    int result = client_send(client, verb, correlation, payload, error);
    while (result == 0) {
        result = receive_until(client, deadline, timeout_ms, answer, error);
        if (result == 0 && text_equal(answer->correlation, correlation)) {
            return text_equal(answer->verb, text_of("error")) ? read_error(answer, error) : 0;
        }
    }
    return result;
}
