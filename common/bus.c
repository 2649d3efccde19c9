/* The bus: the context, keys, ZAP door and the sockets of a process's edges. */
#include "common/bus.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zmq.h>

#include "common/bus_options.h"
#include "common/bus_pump.h"
#include "common/clock.h"
#include "common/zap.h"

#define DRAIN_LINGER_MS 300
#define ENDPOINT_SIZE 4200
#define REFUSALS_WINDOW_US INT64_C(60000000)
#define REFUSALS_LOGGED 10

/* Refusals are all counted, but one who tries again and again must not fill the log. */
struct refusals {
    char last[KEY_TEXT_SIZE]; /* the key: not logged twice in a row */
    int64_t since_us;         /* when the minute began */
    int logged;               /* in this minute */
};

struct bus {
    struct bus_options options;
    void *context;
    char keys_dir[4096];
    struct key_pair pair;
    struct key_ring *ring;
    struct zap_policy policy;
    struct bus_pump pump;
    struct refusals refusals;
};

/* ---- who may connect ---- */

static bool worth_logging(struct refusals *refusals, const char *public_key) {
    int64_t now = clock_monotonic_us();
    if (refusals->since_us == 0 || now - refusals->since_us >= REFUSALS_WINDOW_US) {
        *refusals = (struct refusals){.since_us = now};
    }
    if (refusals->logged >= REFUSALS_LOGGED || (refusals->logged > 0 && strcmp(refusals->last, public_key) == 0)) {
        return false;
    }
    memcpy(refusals->last, public_key, sizeof refusals->last);
    refusals->logged++;
    return true;
}

static void note_refused(struct bus *bus, const struct bus_message *message, const struct zap_verdict *verdict) {
    if (bus->options.metrics) {
        metrics_add(bus->options.metrics, METRIC_PEERS_REFUSED, 1);
    }
    if (worth_logging(&bus->refusals, verdict->public_key)) {
        struct text domain = message->frames[ZAP_DOMAIN_FRAME];
        log_write(bus->options.log, LOG_LEVEL_WARN, "peer refused", "edge=%.*s key=%.8s", (int)domain.length,
                  domain.data, verdict->public_key[0] != '\0' ? verdict->public_key : "none");
    }
}

static void on_zap(struct bus_socket *socket, const struct bus_message *message, void *data) {
    struct bus *bus = data;
    struct zap_verdict verdict;
    if (!zap_decide(&bus->policy, message, &verdict)) {
        return;
    }
    if (verdict.user[0] == '\0') {
        note_refused(bus, message, &verdict);
    }
    struct text frames[ZAP_ANSWER_FRAMES];
    zap_answer(message, &verdict, frames);
    bus_send(socket, &message->peer, frames, ZAP_ANSWER_FRAMES);
}

static int open_zap(struct bus *bus, struct error *error) {
    void *handle = zmq_socket(bus->context, ZMQ_ROUTER);
    if (!handle || zmq_bind(handle, ZAP_ENDPOINT) != 0) {
        int fault = errno;
        if (handle) {
            zmq_close(handle);
        }
        return error_setf(error, ERR_IO, "%s: %s", ZAP_ENDPOINT, zmq_strerror(fault));
    }
    struct bus_socket_options options = {
        .handle = handle, .edge = EDGE_COUNT, .router = true, .receive = on_zap, .data = bus};
    struct bus_socket *socket;
    return bus_socket_open(&socket, &bus->pump, &options, error);
}

void bus_set_authorise(struct bus *bus, bus_authorise authorise, void *data) {
    bus->policy.authorise = authorise;
    bus->policy.data = data;
}

int bus_reload_keys(struct bus *bus, struct error *error) {
    struct key_ring *ring;
    int result = key_ring_load(&ring, bus->keys_dir, error);
    if (result == 0) {
        key_ring_destroy(&bus->ring);
        bus->ring = ring;
        bus->policy.ring = ring;
    }
    return result;
}

/* ---- life ---- */

static int load_keys(struct bus *bus, struct error *error) {
    int result = config_keys_dir(bus->options.config, bus->keys_dir, sizeof bus->keys_dir, error);
    if (result == 0) {
        result = keys_load_pair(bus->keys_dir, bus->options.service, &bus->pair, error);
    }
    return result != 0 ? result : bus_reload_keys(bus, error);
}

static void release(void *owner) {
    struct bus *bus = owner;
    key_ring_destroy(&bus->ring);
    keys_wipe(&bus->pair);
    free(bus);
}

int bus_open(struct bus **bus, const struct bus_options *options, struct error *error) {
    *bus = NULL;
    struct bus *made = calloc(1, sizeof *made);
    if (!made) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    made->options = *options;
    made->policy.plain_submit = config_bool(options->config, SETTING_ZMQ_PLAIN);
    int result = load_keys(made, error);
    made->context = result == 0 ? zmq_ctx_new() : NULL;
    if (result == 0 && !made->context) {
        result = error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    made->pump = (struct bus_pump){.metrics = options->metrics, .closed = release, .owner = made};
    if (result == 0) {
        result = bus_pump_open(&made->pump, options->loop, error);
    }
    if (result != 0) {
        if (made->context) {
            zmq_ctx_term(made->context);
        }
        release(made);
        return result;
    }
    *bus = made;
    result = open_zap(made, error);
    if (result != 0) {
        bus_close(bus);
    }
    return result;
}

/* What was sent but not yet written gets a moment; the handles' memory goes when the loop closes them. */
void bus_close(struct bus **bus) {
    if (!*bus) {
        return;
    }
    void *context = (*bus)->context;
    bus_pump_close(&(*bus)->pump, DRAIN_LINGER_MS);
    *bus = NULL;
    while (zmq_ctx_term(context) != 0 && errno == EINTR) {
    }
}

/* ---- edges ---- */

static int refuse_endpoint(enum edge edge, const char *endpoint, const char *limit, struct error *error) {
    char field[80];
    snprintf(field, sizeof field, "endpoint.%s", edge_row(edge)->name);
    return error_set(error, ERR_BAD_SETTING, (struct error_words){.field = field, .value = endpoint, .limit = limit});
}

static bool is_plain(const struct bus *bus, enum edge edge) {
    return edge == EDGE_SUBMIT && bus->policy.plain_submit;
}

static int make_socket(struct bus *bus, enum edge edge, bool binds, const char *endpoint, void **handle,
                       struct error *error) {
    struct bus_socket_setup setup = {.edge = edge,
                                     .binds = binds,
                                     .plain = is_plain(bus, edge),
                                     .config = bus->options.config,
                                     .pair = &bus->pair,
                                     .endpoint = endpoint};
    char server_key[KEY_TEXT_SIZE] = "";
    if (!binds && !setup.plain) {
        int result = keys_load_public(bus->keys_dir, edge_row(edge)->binder, server_key, error);
        if (result != 0) {
            return result;
        }
    }
    setup.server_key = server_key;
    return bus_socket_make(bus->context, &setup, handle, error);
}

/* libzmq removes what stands at the path of an ipc endpoint before it binds: it must be a socket that was left. */
static int prepare_path(enum edge edge, const char *endpoint, struct error *error) {
    struct stat facts;
    if (strncmp(endpoint, "ipc://", 6) != 0 || lstat(endpoint + 6, &facts) != 0 || S_ISSOCK(facts.st_mode)) {
        return 0;
    }
    return refuse_endpoint(edge, endpoint, "free: another file stands there", error);
}

/* The socket file of an ipc endpoint is for its owner alone. */
static int bind_private(void *handle, enum edge edge, const char *endpoint, struct error *error) {
    mode_t before = umask(077);
    int result = zmq_bind(handle, endpoint);
    int fault = errno;
    umask(before);
    return result == 0 ? 0
                       : error_setf(error, ERR_IO, "cannot bind %s to %s: %s", edge_row(edge)->name, endpoint,
                                    zmq_strerror(fault));
}

static int adopt(struct bus *bus, enum edge edge, bool binds, void *handle, bus_receive receive, void *data,
                 struct bus_socket **socket, struct error *error) {
    struct bus_socket_options options = {.handle = handle,
                                         .edge = edge,
                                         .router = binds && edge_row(edge)->pattern == EDGE_ROUTER,
                                         .binds = binds,
                                         .receive = receive,
                                         .data = data};
    return bus_socket_open(socket, &bus->pump, &options, error);
}

int bus_bind(struct bus *bus, enum edge edge, bus_receive receive, void *data, struct bus_socket **socket,
             struct error *error) {
    *socket = NULL;
    char endpoint[ENDPOINT_SIZE];
    int result = config_endpoint(bus->options.config, edge_row(edge)->name, endpoint, sizeof endpoint, error);
    if (result == 0 && is_plain(bus, edge) && !endpoint_is_local(endpoint)) {
        result = refuse_endpoint(edge, endpoint, "ipc:// or a loopback address, as submit-plain needs", error);
    }
    if (result == 0) {
        result = prepare_path(edge, endpoint, error);
    }
    void *handle = NULL;
    if (result == 0) {
        result = make_socket(bus, edge, true, endpoint, &handle, error);
    }
    if (result != 0) {
        return result;
    }
    result = bind_private(handle, edge, endpoint, error);
    if (result != 0) {
        zmq_close(handle);
        return result;
    }
    return adopt(bus, edge, true, handle, receive, data, socket, error);
}

int bus_connect(struct bus *bus, enum edge edge, bus_receive receive, void *data, struct bus_socket **socket,
                struct error *error) {
    *socket = NULL;
    char endpoint[ENDPOINT_SIZE];
    int result = config_endpoint(bus->options.config, edge_row(edge)->name, endpoint, sizeof endpoint, error);
    void *handle = NULL;
    if (result == 0) {
        result = make_socket(bus, edge, false, endpoint, &handle, error);
    }
    if (result != 0) {
        return result;
    }
    if (zmq_connect(handle, endpoint) != 0) {
        result = error_setf(error, ERR_IO, "cannot connect to %s: %s", endpoint, zmq_strerror(errno));
        zmq_close(handle);
        return result;
    }
    return adopt(bus, edge, false, handle, receive, data, socket, error);
}

static int set_topic(struct bus_socket *socket, int option, const char *topic) {
    int result = zmq_setsockopt(bus_socket_handle(socket), option, topic, strlen(topic));
    return result == 0 ? 0 : -(int)ERR_IO;
}

int bus_subscribe(struct bus_socket *socket, const char *topic) {
    return set_topic(socket, ZMQ_SUBSCRIBE, topic);
}

int bus_unsubscribe(struct bus_socket *socket, const char *topic) {
    return set_topic(socket, ZMQ_UNSUBSCRIBE, topic);
}
