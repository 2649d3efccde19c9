/* A blocking client of any service's door, for the command line, tests and benchmarks: no loop, one thread.
 *
 * client_call sends one request and waits for its answer. client_send and client_receive pipeline: correlations are
 * the caller's. Blocks at most `timeout_ms`; client_send at most 5 s, unless set, for a connection (ERR_UNAVAILABLE;
 * ERR_KEY_REFUSED at once when the door does not know the key). Signals do not interrupt it.
 */
#pragma once

#include "common/keys.h"
#include "common/request.h"

struct client;

struct client_answer {
    struct text verb;
    struct text correlation;
    struct text payload; /* borrowed until the next call on this client */
};

/* `server_key`: Z85 public key of the service; NULL with `pair` NULL connects without CURVE (benchmarks). The pair is
 * copied. `context` is a zmq context or NULL for one of its own. */
int client_open(struct client **client, void *context, const char *endpoint, const struct key_pair *pair,
                const char *server_key, struct error *error);
void client_close(struct client **client);

/* How long client_send waits for the connection. */
void client_set_connect_timeout(struct client *client, int timeout_ms);

int client_send(struct client *client, const char *verb, struct text correlation, struct text payload,
                struct error *error);

/* The same with the delegate map of the portal as fifth frame; none when empty. */
int client_send_delegated(struct client *client, const char *verb, struct text correlation, struct text payload,
                          struct text delegate, struct error *error);

/* -ERR_TIMED_OUT when nothing came. */
int client_receive(struct client *client, int timeout_ms, struct client_answer *answer, struct error *error);

/* As both, skipping answers to earlier calls; an `error` answer becomes `error` (return -code). */
int client_call(struct client *client, const char *verb, struct text payload, int timeout_ms,
                struct client_answer *answer, struct error *error);
