/* How each ZeroMQ socket of the bus is set up: security, limits, queues, timers. Internal to the bus. */
#pragma once

#include "common/bus.h"

struct bus_socket_setup {
    enum edge edge;
    bool binds;
    bool plain; /* without CURVE */
    const struct config *config;
    const struct key_pair *pair;
    const char *server_key; /* connecting with CURVE */
    const char *endpoint;
};

/* Makes the socket of an edge, set up but neither bound nor connected. The caller owns `*handle` (zmq_close). */
int bus_socket_make(void *context, const struct bus_socket_setup *setup, void **handle, struct error *error);

/* Whether only this machine can reach the endpoint. */
bool endpoint_is_local(const char *endpoint);
