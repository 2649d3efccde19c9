/* The bus: ZeroMQ sockets on a libuv loop, with CURVE and ZAP.
 *
 * One bus per process. The edge-triggered ZMQ_FD is handled here and nowhere else (pitfalls: events are read again
 * after every send and receive; a drain is capped and goes on from an idle handle, for fairness). All calls are made
 * on the loop's thread and never block. Every socket has: linger 0 (senders that must not lose use the drain of the
 * service), heartbeats, handshake timeout, MAXMSGSIZE, bounded queues, ROUTER_MANDATORY, IMMEDIATE on clients.
 */
#pragma once

#include <uv.h>

#include "common/config.h"
#include "common/edge.h"
#include "common/keys.h"
#include "common/log.h"
#include "common/metrics.h"
#include "proto/types.h"

#define BUS_FRAMES_MAX 8
#define BUS_PEER_MAX 64
#define BUS_USER_MAX 80

struct bus;
struct bus_socket;

/* A connected peer of a ROUTER, as long as its connection lives. Never an identity: that is `user`. */
struct bus_peer {
    uint8_t bytes[BUS_PEER_MAX];
    uint32_t length;
};

/* A received message; everything is borrowed and dies when the callback returns. */
struct bus_message {
    struct bus_peer peer;               /* of a ROUTER; else empty */
    char user[BUS_USER_MAX];            /* "service:portal", "client:NAME"; empty on connecting sockets */
    struct text frames[BUS_FRAMES_MAX]; /* without the routing id */
    uint32_t count;
    uint32_t dropped; /* frames beyond BUS_FRAMES_MAX */
};

typedef void (*bus_receive)(struct bus_socket *socket, const struct bus_message *message, void *data);

/* Who a public key is, beyond the key directory (registered clients): writes "client:NAME" into `user` and returns
 * true, or returns false. Called on the loop's thread. */
typedef bool (*bus_authorise)(void *data, enum edge edge, const char *public_key, char user[BUS_USER_MAX]);

struct bus_options {
    uv_loop_t *loop;
    const struct config *config;
    const struct log *log;
    struct metrics *metrics; /* may be NULL */
    const char *service;     /* whose keys are used: "intake" */
};

int bus_open(struct bus **bus, const struct bus_options *options, struct error *error);
void bus_close(struct bus **bus); /* closes all sockets; their handles close when the loop next runs */
void bus_set_authorise(struct bus *bus, bus_authorise authorise, void *data);

/* Reads the key directory again (a key was added). */
int bus_reload_keys(struct bus *bus, struct error *error);

/* Binds the service's own edge or connects to another's; the pattern is the edge's (connecting: DEALER to ROUTER, SUB
 * to XPUB). An endpoint with port 0 binds a free one; bus_endpoint tells. `receive` may be NULL: what comes is dropped
 * (an XPUB gets its subscriptions as messages). A peer that was refused by ZAP does not try again by itself (libzmq):
 * it must connect anew after its key was registered. */
int bus_bind(struct bus *bus, enum edge edge, bus_receive receive, void *data, struct bus_socket **socket,
             struct error *error);
int bus_connect(struct bus *bus, enum edge edge, bus_receive receive, void *data, struct bus_socket **socket,
                struct error *error);
void bus_socket_close(struct bus_socket **socket);
const char *bus_endpoint(const struct bus_socket *socket);
int bus_subscribe(struct bus_socket *socket, const char *topic); /* SUB: prefix of the unit path; "" is all */
int bus_unsubscribe(struct bus_socket *socket, const char *topic);

/* Sends one message. `peer` for a ROUTER, NULL else. 0, -ERR_BUSY (queue full: the peer is slow or, connecting, not
 * there), -ERR_UNAVAILABLE (peer gone), -ERR_NO_MEMORY. Frames are copied. */
int bus_send(struct bus_socket *socket, const struct bus_peer *peer, const struct text *frames, uint32_t count);

/* Calls `room` once, on the loop and never before this returns, as soon as a connecting socket takes a message: its peer
 * is connected and its queue not full. After -ERR_BUSY; a second call replaces the first. */
typedef void (*bus_room)(void *data);
void bus_await_room(struct bus_socket *socket, bus_room room, void *data);
