/* A listener: one open live stream.
 *
 * libmicrohttpd asks it for bytes; where it has none it suspends its connection, and is resumed when there is news. A
 * suspended connection neither times out nor notices a disconnect: listener_tick looks at its socket.
 */
#pragma once

#include "services/portal/board.h"
#include "services/portal/exchange.h"

struct listener {
    struct listener *next;
    struct listener *previous;
    const struct board *board;
    void (*gone)(struct listener *listener, void *data); /* unlinks it; it is freed afterwards */
    void *data;
    struct http *http;
    struct MHD_Connection *connection;
    int descriptor;
    uint64_t number; /* never used twice */
    bool suspended;
    bool ending;
    bool attached; /* its first event may go out: the board is fresh */
    int64_t since; /* seq that it has */
    char last_event_id[POSITION_TEXT_SIZE];
    struct buffer out;
    size_t sent;
    int64_t spoke_us; /* clock_monotonic_us of its last bytes */
    char account[EVENT_BY_MAX + 1];
    uint8_t token[TOKEN_HASH_BYTES];
};

/* Answers the exchange with a stream. NULL (the exchange is answered) when there is no memory. */
struct listener *listener_start(struct exchange *exchange, const struct board *board,
                                void (*gone)(struct listener *listener, void *data), void *data);

/* There may be something to send: goes on. */
void listener_wake(struct listener *listener);

/* Says `text` (a whole event or comment) unless it has something to send already. */
void listener_say(struct listener *listener, const char *text, size_t length);

/* Closes it when its socket is, and keeps it alive when it was silent for `keepalive_ms`. */
void listener_tick(struct listener *listener, int64_t keepalive_ms);

void listener_end(struct listener *listener);
