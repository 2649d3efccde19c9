/* ZAP: the verdict on a handshake, from the key ring, the edge's peers and the registered clients. */
#include "common/zap.h"

#include <stdio.h>
#include <zmq.h>

/* Frames of a request (ZeroMQ RFC 27), after the delimiter. */
enum { DELIMITER, VERSION, REQUEST_ID, DOMAIN = ZAP_DOMAIN_FRAME, ADDRESS, IDENTITY, MECHANISM, CREDENTIALS };

#define CURVE_KEY_BYTES 32

static void decide_curve(const struct zap_policy *policy, enum edge edge, struct text key,
                         struct zap_verdict *verdict) {
    uint8_t bytes[CURVE_KEY_BYTES];
    if (key.length != sizeof bytes) {
        return;
    }
    memcpy(bytes, key.data, sizeof bytes);
    zmq_z85_encode(verdict->public_key, bytes, sizeof bytes);
    const char *name = key_ring_name(policy->ring, verdict->public_key);
    if (name && edge_admits(edge, name)) {
        snprintf(verdict->user, sizeof verdict->user, "service:%s", name);
    } else if (edge_admits(edge, "clients") && policy->authorise &&
               !policy->authorise(policy->data, edge, verdict->public_key, verdict->user)) {
        verdict->user[0] = '\0';
    }
}

bool zap_decide(const struct zap_policy *policy, const struct bus_message *message, struct zap_verdict *verdict) {
    *verdict = (struct zap_verdict){.user = ""};
    if (message->count <= MECHANISM || message->frames[DELIMITER].length != 0 ||
        !text_equal(message->frames[VERSION], text_of("1.0"))) {
        return false;
    }
    int edge = edge_find(message->frames[DOMAIN]);
    if (edge < 0) {
        return true;
    }
    struct text mechanism = message->frames[MECHANISM];
    if (text_equal(mechanism, text_of("CURVE")) && message->count > CREDENTIALS) {
        decide_curve(policy, (enum edge)edge, message->frames[CREDENTIALS], verdict);
    } else if (text_equal(mechanism, text_of("NULL")) && policy->plain_submit && edge == EDGE_SUBMIT) {
        snprintf(verdict->user, sizeof verdict->user, "service:operator");
    }
    return true;
}

void zap_answer(const struct bus_message *message, const struct zap_verdict *verdict,
                struct text frames[ZAP_ANSWER_FRAMES]) {
    bool known = verdict->user[0] != '\0';
    frames[0] = text_of("");
    frames[1] = text_of("1.0");
    frames[2] = message->frames[REQUEST_ID];
    frames[3] = text_of(known ? "200" : "400");
    frames[4] = text_of(known ? "OK" : "this key is not registered");
    frames[5] = text_of(verdict->user);
    frames[6] = text_of("");
}
