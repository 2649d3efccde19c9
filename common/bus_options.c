/* The socket options of the bus. */
#include "common/bus_options.h"

#include <errno.h>
#include <stdio.h>
#include <zmq.h>

#define HANDSHAKE_MS 5000
#define HEARTBEAT_MS 2000
#define HEARTBEAT_TIMEOUT_MS 6000
/* A system goes on asking by itself, at ever longer pauses: after a minute without a network the next try is a minute
 * away. One that takes longer than this is given up for a new one. */
#define CONNECT_MS 2000
#define RECONNECT_MS 100
#define RECONNECT_BESIDE_MS 50
#define RECONNECT_MAX_MS 1000
#define BACKLOG 1024
/* What a service sends: a block's head and side of 64 MiB each and what names them. */
#define ANSWER_MAX_BYTES (INT64_C(136) << 20)

struct setter {
    void *handle;
    int option; /* the option that failed first, 0 while none did */
    int fault;
};

static void note(struct setter *setter, int option, int result) {
    if (result != 0 && setter->option == 0) {
        setter->option = option;
        setter->fault = errno;
    }
}

static void set_int(struct setter *setter, int option, int value) {
    note(setter, option, zmq_setsockopt(setter->handle, option, &value, sizeof value));
}

static void set_text(struct setter *setter, int option, const char *value) {
    note(setter, option, zmq_setsockopt(setter->handle, option, value, strlen(value)));
}

/* What waits for a consumer that does not read is whole blocks: they have a bound of their own. */
static int send_queue(const struct bus_socket_setup *setup) {
    bool blocks = setup->binds && setup->edge == EDGE_STREAM;
    return (int)config_int(setup->config, blocks ? SETTING_STREAM_QUEUE : SETTING_SEND_QUEUE);
}

static void set_limits(struct setter *setter, const struct bus_socket_setup *setup) {
    int64_t most = setup->binds ? config_int(setup->config, SETTING_MESSAGE_MAX) : ANSWER_MAX_BYTES;
    note(setter, ZMQ_MAXMSGSIZE, zmq_setsockopt(setter->handle, ZMQ_MAXMSGSIZE, &most, sizeof most));
    set_int(setter, ZMQ_SNDHWM, send_queue(setup));
    set_int(setter, ZMQ_RCVHWM,
            (int)config_int(setup->config, setup->binds ? SETTING_RECEIVE_QUEUE : SETTING_SEND_QUEUE));
    set_int(setter, ZMQ_LINGER, 0);
}

static void set_timers(struct setter *setter, const struct bus_socket_setup *setup) {
    set_int(setter, ZMQ_HANDSHAKE_IVL, HANDSHAKE_MS);
    set_int(setter, ZMQ_HEARTBEAT_IVL, HEARTBEAT_MS);
    set_int(setter, ZMQ_HEARTBEAT_TIMEOUT, HEARTBEAT_TIMEOUT_MS);
    if (setup->binds) {
        set_int(setter, ZMQ_BACKLOG, BACKLOG);
    } else {
        set_int(setter, ZMQ_IMMEDIATE, 1);
        set_int(setter, ZMQ_CONNECT_TIMEOUT, CONNECT_MS);
        /* A socket file that is not there yet is no load for anybody: no longer and longer pauses, which a start would wait
         * for. */
        bool beside = strncmp(setup->endpoint, "ipc://", 6) == 0;
        set_int(setter, ZMQ_RECONNECT_IVL, beside ? RECONNECT_BESIDE_MS : RECONNECT_MS);
        set_int(setter, ZMQ_RECONNECT_IVL_MAX, beside ? 0 : RECONNECT_MAX_MS);
    }
    if (strchr(setup->endpoint, '[')) {
        set_int(setter, ZMQ_IPV6, 1);
    }
}

/* An empty ZAP domain would switch ZAP off: it is the edge's name, which is never empty. */
static void set_security(struct setter *setter, const struct bus_socket_setup *setup) {
    if (setup->binds) {
        set_text(setter, ZMQ_ZAP_DOMAIN, edge_row(setup->edge)->name);
    }
    if (setup->plain) {
        return;
    }
    if (setup->binds) {
        set_int(setter, ZMQ_CURVE_SERVER, 1);
    } else {
        set_text(setter, ZMQ_CURVE_SERVERKEY, setup->server_key);
        set_text(setter, ZMQ_CURVE_PUBLICKEY, setup->pair->public_key);
    }
    set_text(setter, ZMQ_CURVE_SECRETKEY, setup->pair->secret_key);
}

static int socket_type(const struct bus_socket_setup *setup) {
    bool router = edge_row(setup->edge)->pattern == EDGE_ROUTER;
    if (setup->binds) {
        return router ? ZMQ_ROUTER : ZMQ_XPUB;
    }
    return router ? ZMQ_DEALER : ZMQ_SUB;
}

int bus_socket_make(void *context, const struct bus_socket_setup *setup, void **handle, struct error *error) {
    int type = socket_type(setup);
    *handle = zmq_socket(context, type);
    if (!*handle) {
        return error_setf(error, ERR_IO, "no socket for %s: %s", edge_row(setup->edge)->name, zmq_strerror(errno));
    }
    struct setter setter = {.handle = *handle};
    set_limits(&setter, setup);
    set_timers(&setter, setup);
    set_security(&setter, setup);
    if (type == ZMQ_ROUTER) {
        set_int(&setter, ZMQ_ROUTER_MANDATORY, 1);
    }
    if (setter.option == 0) {
        return 0;
    }
    zmq_close(*handle);
    *handle = NULL;
    return error_setf(error, ERR_INTERNAL, "option %d of %s: %s", setter.option, edge_row(setup->edge)->name,
                      zmq_strerror(setter.fault));
}

bool endpoint_is_local(const char *endpoint) {
    static const char *const starts[] = {"ipc://", "tcp://127.", "tcp://localhost:", "tcp://[::1]:"};
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
        if (strncmp(endpoint, starts[i], strlen(starts[i])) == 0) {
            return true;
        }
    }
    return false;
}
