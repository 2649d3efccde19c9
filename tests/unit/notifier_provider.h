/* A provider for tests of the notifier's channels: a TCP server that says and does what its script has for each line.
 *
 * It stands on the same loop as the channels: a channel that held the loop would wait for an answer that cannot come.
 */
#pragma once

#include <uv.h>

#include "proto/codec.h"

enum provider_then { THEN_STAY, THEN_CLOSE, THEN_RESET };

struct provider_row {
    const char *line;  /* how the line begins; "\r\n": the empty line that ends the head of an HTTP request */
    const char *reply; /* NULL: silence */
    enum provider_then then;
    unsigned skip; /* so many such lines on the connection are not for this row */
};

/* The first row that fits answers. A reply that begins with 354 makes all lines up to "." content. */
struct provider_script {
    const char *greeting;            /* NULL: none */
    bool closes_at_once;             /* after the greeting */
    const struct provider_row *rows; /* ended by a row without line */
};

#define PROVIDER_SCRIPTS_MAX 16

struct provider {
    uv_loop_t *loop;
    uv_tcp_t listener;
    int port;
    /* Of the first connection, the second, ...; the last one of all further ones. */
    const struct provider_script *scripts[PROVIDER_SCRIPTS_MAX];
    unsigned script_count;
    unsigned connections; /* so far */
    unsigned open;
    unsigned open_most;
    unsigned answered; /* rows that fitted */
    struct buffer received;
    struct visitor *first;
};

/* Listens on a free port of 127.0.0.1. */
void provider_open(struct provider *provider, uv_loop_t *loop, const struct provider_script *script);

/* No longer listens and hangs up; the loop must run on. What was received stays until provider_free(). */
void provider_close(struct provider *provider);
void provider_free(struct provider *provider);

/* How often `words` were received. */
unsigned provider_received(const struct provider *provider, const char *words);
