/* The pump: moves messages between ZeroMQ sockets and their callbacks on a libuv loop. Internal to the bus.
 *
 * ZMQ_FD is edge-triggered (zmq_getsockopt(3)): it tells of commands, not of messages, so that a wake-up must be
 * followed by receiving until nothing is left, and every send may swallow an edge. This file alone deals with that:
 * a drain takes at most PUMP_DRAIN messages and begins no other one after PUMP_DRAIN_US, so that a socket whose messages
 * are work does not hold up the others; then the idle handle goes on with it in the next turn of the loop.
 */
#pragma once

#include "common/bus.h"
#include "proto/codec.h"

#define PUMP_DRAIN 256
#define PUMP_DRAIN_US 5000

struct bus_pump {
    uv_loop_t *loop;
    struct metrics *metrics;     /* may be NULL */
    struct bus_socket *sockets;  /* a list */
    uv_idle_t idle;              /* active while a socket has more than one drain could take */
    void (*closed)(void *owner); /* runs when the idle handle is closed */
    void *owner;
};

/* What a socket is and whom it tells. */
struct bus_socket_options {
    void *handle;   /* the ZeroMQ socket; the new socket owns it, also when opening fails */
    enum edge edge; /* EDGE_COUNT: none, the ZAP door */
    bool router;    /* messages have a routing id in front */
    bool binds;     /* peers were authenticated by ZAP: their User-Id is told */
    bus_receive receive;
    void *data;
};

int bus_pump_open(struct bus_pump *pump, uv_loop_t *loop, struct error *error);

/* Closes all sockets; those that still send may go on for `linger_ms` while the context ends. */
void bus_pump_close(struct bus_pump *pump, int linger_ms);

int bus_socket_open(struct bus_socket **socket, struct bus_pump *pump, const struct bus_socket_options *options,
                    struct error *error);
void *bus_socket_handle(const struct bus_socket *socket);
enum edge bus_socket_edge(const struct bus_socket *socket);

/* A buffer for encoding what is sent next; its content is nobody's after that. So many bytes of it are there from the
 * beginning: an answer that says that there is no memory needs none. */
#define BUS_SCRATCH_BYTES 1024
struct buffer *bus_socket_scratch(struct bus_socket *socket);
