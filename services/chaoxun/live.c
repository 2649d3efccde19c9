/* Live totals: a CURVE SUB socket; of each message only the position counts. */
#include "services/chaoxun/live.h"

#include <errno.h>
#include <stdlib.h>
#include <zmq.h>

#include "common/clock.h"
#include "proto/position.h"

struct live {
    void *context;
    void *socket;
    uint64_t seq;
};

int live_open(struct live **live, const struct session *session, struct error *error) {
    char endpoint[SESSION_PATH_MAX];
    char key[KEY_TEXT_SIZE];
    int result = config_endpoint(session->config, "live", endpoint, sizeof endpoint, error);
    if (result == 0) {
        result = keys_load_public(session->keys_dir, "aggregator", key, error);
    }
    struct live *opened = result == 0 ? calloc(1, sizeof *opened) : NULL;
    if (!opened) {
        return result != 0 ? result : error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    opened->context = zmq_ctx_new();
    opened->socket = opened->context ? zmq_socket(opened->context, ZMQ_SUB) : NULL;
    int linger = 0;
    bool done = opened->socket && zmq_setsockopt(opened->socket, ZMQ_LINGER, &linger, sizeof linger) == 0 &&
                zmq_setsockopt(opened->socket, ZMQ_CURVE_SERVERKEY, key, sizeof key) == 0 &&
                zmq_setsockopt(opened->socket, ZMQ_CURVE_PUBLICKEY, session->pair.public_key, sizeof key) == 0 &&
                zmq_setsockopt(opened->socket, ZMQ_CURVE_SECRETKEY, session->pair.secret_key, sizeof key) == 0 &&
                zmq_setsockopt(opened->socket, ZMQ_SUBSCRIBE, "", 0) == 0 && zmq_connect(opened->socket, endpoint) == 0;
    *live = opened;
    if (!done) {
        result = error_setf(error, ERR_IO, "cannot subscribe to %.150s: %s", endpoint, zmq_strerror(errno));
        live_close(live);
    }
    return result;
}

void live_close(struct live **live) {
    if (!*live) {
        return;
    }
    if ((*live)->socket) {
        zmq_close((*live)->socket);
    }
    if ((*live)->context) {
        zmq_ctx_term((*live)->context);
    }
    free(*live);
    *live = NULL;
}

/* Frames: topic, version, position. */
static void take_message(struct live *live) {
    int more = 1;
    for (int frame = 0; more; frame++) {
        zmq_msg_t message;
        zmq_msg_init(&message);
        if (zmq_msg_recv(&message, live->socket, 0) < 0) {
            return;
        }
        more = zmq_msg_more(&message);
        struct position position;
        struct text text = {zmq_msg_data(&message), (uint32_t)zmq_msg_size(&message)};
        if (frame == 2 && position_parse(text, &position, NULL) == 0 && position.seq > live->seq) {
            live->seq = position.seq;
        }
        zmq_msg_close(&message);
    }
}

int live_wait(struct live *live, uint64_t seq, int timeout_ms, struct error *error) {
    int64_t until_us = clock_monotonic_us() + 1000 * (int64_t)timeout_ms;
    while (live->seq < seq) {
        zmq_pollitem_t item = {.socket = live->socket, .events = ZMQ_POLLIN};
        int64_t left_ms = (until_us - clock_monotonic_us()) / 1000;
        if (left_ms <= 0 || zmq_poll(&item, 1, (long)left_ms) == 0) {
            return error_set(error, ERR_TIMED_OUT, (struct error_words){.value = "live totals", .limit = "the wait"});
        }
        if (item.revents & ZMQ_POLLIN) {
            take_message(live);
        }
    }
    return 0;
}
