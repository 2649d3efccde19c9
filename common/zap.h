/* ZAP: who may connect. Answers libzmq's questions (ZeroMQ RFC 27) about each handshake with the name of the peer. */
#pragma once

#include "common/bus.h"

#define ZAP_DOMAIN_FRAME 3
#define ZAP_ENDPOINT "inproc://zeromq.zap.01"

/* What decides. Everything is borrowed. */
struct zap_policy {
    const struct key_ring *ring;
    bus_authorise authorise; /* registered clients; may be NULL */
    void *data;
    bool plain_submit; /* the submit edge takes peers without a key, as the operator (benchmarks) */
};

struct zap_verdict {
    char user[BUS_USER_MAX];        /* "service:portal"; empty when refused */
    char public_key[KEY_TEXT_SIZE]; /* empty for a peer without one */
};

/* Whether a frame list from libzmq is a ZAP request, and of which edge (its domain) who may do what. `message` is
 * without the routing id: delimiter, version, request id, domain, address, identity, mechanism, credentials. */
bool zap_decide(const struct zap_policy *policy, const struct bus_message *message, struct zap_verdict *verdict);

/* The answer's frames; they borrow from `message` and `verdict`. */
#define ZAP_ANSWER_FRAMES 7
void zap_answer(const struct bus_message *message, const struct zap_verdict *verdict,
                struct text frames[ZAP_ANSWER_FRAMES]);
