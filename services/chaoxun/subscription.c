/* Subscriptions: a CURVE SUB socket; of each message only the position counts. */
#include "services/chaoxun/subscription.h"

#include <errno.h>
#include <stdlib.h>
#include <zmq.h>

#include "common/clock.h"

#define RECONNECT_MAX_MS 2000

struct subscription {
    void *context;
    void *socket;
};

static bool connect_socket(void *socket, const struct session *session, const char *key, const char *topic,
                           const char *endpoint) {
    int linger = 0;
    int reconnect_ms = RECONNECT_MAX_MS;
    return zmq_setsockopt(socket, ZMQ_LINGER, &linger, sizeof linger) == 0 &&
           zmq_setsockopt(socket, ZMQ_RECONNECT_IVL_MAX, &reconnect_ms, sizeof reconnect_ms) == 0 &&
           zmq_setsockopt(socket, ZMQ_CURVE_SERVERKEY, key, KEY_TEXT_SIZE) == 0 &&
           zmq_setsockopt(socket, ZMQ_CURVE_PUBLICKEY, session->pair.public_key, KEY_TEXT_SIZE) == 0 &&
           zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, session->pair.secret_key, KEY_TEXT_SIZE) == 0 &&
           zmq_setsockopt(socket, ZMQ_SUBSCRIBE, topic, strlen(topic)) == 0 && zmq_connect(socket, endpoint) == 0;
}

int subscription_open(struct subscription **subscription, const struct session *session, enum edge edge,
                      const char *topic, struct error *error) {
    char endpoint[SESSION_PATH_MAX];
    char key[KEY_TEXT_SIZE];
    int result = config_endpoint(session->config, edge_row(edge)->name, endpoint, sizeof endpoint, error);
    if (result == 0) {
        result = session_server_key(session, edge, key, error);
    }
    struct subscription *opened = result == 0 ? calloc(1, sizeof *opened) : NULL;
    if (!opened) {
        return result != 0 ? result : error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    opened->context = zmq_ctx_new();
    opened->socket = opened->context ? zmq_socket(opened->context, ZMQ_SUB) : NULL;
    *subscription = opened;
    if (!opened->socket || !connect_socket(opened->socket, session, key, topic, endpoint)) {
        result = error_setf(error, ERR_IO, "cannot subscribe to %.150s: %s", endpoint, zmq_strerror(errno));
        subscription_close(subscription);
    }
    return result;
}

void subscription_close(struct subscription **subscription) {
    if (!*subscription) {
        return;
    }
    if ((*subscription)->socket) {
        zmq_close((*subscription)->socket);
    }
    if ((*subscription)->context) {
        zmq_ctx_term((*subscription)->context);
    }
    free(*subscription);
    *subscription = NULL;
}

/* Frames: topic, version, position. False when it holds none. */
static bool take_message(struct subscription *subscription, struct position *position) {
    bool found = false;
    int more = 1;
    for (int frame = 0; more; frame++) {
        zmq_msg_t message;
        zmq_msg_init(&message);
        if (zmq_msg_recv(&message, subscription->socket, 0) < 0) {
            return found;
        }
        more = zmq_msg_more(&message);
        struct text text = {zmq_msg_data(&message), (uint32_t)zmq_msg_size(&message)};
        found = found || (frame == 2 && position_parse(text, position, NULL) == 0);
        zmq_msg_close(&message);
    }
    return found;
}

int subscription_next(struct subscription *subscription, int64_t timeout_ms, struct position *position) {
    int64_t until_us = clock_monotonic_us() + 1000 * timeout_ms;
    int64_t left_us = 1000 * timeout_ms;
    do {
        zmq_pollitem_t item = {.socket = subscription->socket, .events = ZMQ_POLLIN};
        if (zmq_poll(&item, 1, (long)((left_us + 999) / 1000)) > 0 && take_message(subscription, position)) {
            return 1;
        }
        left_us = until_us - clock_monotonic_us();
    } while (left_us > 0);
    return 0;
}
