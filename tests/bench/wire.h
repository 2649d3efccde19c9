/* What a load program says to a server and how it reads the answers: one table row per server.
 *
 * A wire writes requests into a buffer and takes answers out of one; sockets are the caller's. Answers come in the
 * order of the requests. */
#pragma once

#include "proto/codec.h"
#include "tests/bench/sample_events.h"

#define WIRE_BROKEN (-1)

/* One connection, as far as its wire is concerned. */
struct wire_state {
    uint64_t sent;        /* requests */
    uint32_t frame;       /* zmtp: of the message that is being read */
    struct buffer *reply; /* where a wire writes what it must say at once: the answer to a heartbeat */
};

struct wire {
    const char *name;
    bool many; /* a request may carry more than one report */
    /* Writes what opens a connection; NULL when nothing does. */
    void (*greet)(struct buffer *out);
    /* How many bytes of `bytes` are the server's greeting; 0: it is not there in full; or WIRE_BROKEN. */
    int64_t (*greeted)(struct text bytes);
    /* Appends one request of `count` reports. */
    void (*request)(struct wire_state *state, struct sample_events *events, uint32_t count, struct buffer *out);
    /* Takes one thing from the beginning of `bytes`: how many bytes it had, 0 when it is not there in full, or
     * WIRE_BROKEN when the server refused something. `*stored` gets how many reports it acknowledges: 0 when it is no
     * answer to a request. */
    int64_t (*take)(struct wire_state *state, struct text bytes, uint32_t *stored);
};

/* "limit", "beanstalkd" or "zmtp"; NULL when there is none of that name. */
const struct wire *wire_find(const char *name);
