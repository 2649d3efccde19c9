/* Requests and answers: the CX1 frames on top of the bus.
 *
 * [ "CX1" ][ verb ][ correlation ][ payload ][ delegate ]; answers echo the correlation. request_parse refuses another
 * version, a wrong number of frames and a correlation over 64 bytes with an `error` answer that says what to do.
 */
#pragma once

#include "common/bus.h"
#include "proto/codec.h"

#define PROTOCOL_VERSION "CX1"
#define CORRELATION_MAX 64

struct request {
    struct bus_peer peer;
    char user[BUS_USER_MAX];
    struct text verb;     /* borrowed from the message */
    struct text payload;  /* borrowed from the message */
    struct text delegate; /* borrowed; empty when absent */
    uint8_t correlation[CORRELATION_MAX];
    uint32_t correlation_length;
};

/* Where an answer goes; plain data, may outlive the message. */
struct reply_to {
    struct bus_socket *socket;
    struct bus_peer peer;
    uint8_t correlation[CORRELATION_MAX];
    uint32_t correlation_length;
};

/* True when `message` is a request; else it was answered with an error (or dropped when it has no frames at all). */
bool request_parse(struct bus_socket *socket, const struct bus_message *message, struct request *request);

struct reply_to request_reply_to(struct bus_socket *socket, const struct request *request);

/* Decodes a payload into `value`, a struct of the shape. What hangs on it lies in the arena, or in the payload's bytes. 0, or
 * -code: what is wrong with it, -ERR_NO_MEMORY. */
int payload_read(enum shape_index shape, struct text payload, struct arena *arena, void *value, struct error *error);

/* Answers. Results as bus_send; the caller may ignore them (the peer asks again with the same id). An `error` needs no
 * memory but ZeroMQ's. When there is none for an answer of reply_shape, the peer gets `error` busy in its stead:
 * -ERR_BUSY; -ERR_NO_MEMORY says that it heard nothing. */
int reply_shape(const struct reply_to *to, const char *verb, const struct shape *shape, const void *value);
/* Encoded payload. */
int reply_bytes(const struct reply_to *to, const char *verb, struct text payload);
/* An `error` answer bad-verb that names the verb and those that this door serves ("status, verify"). */
int reply_bad_verb(const struct reply_to *to, struct text verb, const char *served);
/* There is no memory, or no room: the peer is to ask again after a while. */
int reply_busy(const struct reply_to *to, int64_t retry_after_ms);
/* `retry_after_ms` 0 and `as_of` NULL or "" are left out. */
int reply_error(const struct reply_to *to, const struct error *error, int64_t retry_after_ms, const char *as_of);
