/* The HTTP door: libmicrohttpd in external epoll mode on the loop.
 *
 * Its epoll descriptor is watched by a uv_poll, its timeouts by a uv_timer that is set again after each run. Bounds:
 * connections altogether and half of them per address, memory per connection (which bounds the header), inactivity, and the time
 * within which a whole request must have come (against senders of one byte a minute). What a request does is
 * exchange.h. Loop thread only; nothing blocks. Source: libmicrohttpd 0.9.75, "external epoll".
 */
#pragma once

#include <microhttpd.h>
#include <uv.h>

#include "common/error.h"
#include "proto/types.h"

struct http;
struct portal;
struct exchange;

#define HTTP_IDLE_SECONDS 60

/* A connection, as long as it lives. */
struct http_connection {
    struct http *http;
    struct http_connection *next;
    struct http_connection *previous;
    int descriptor;
    bool beyond;         /* one too many, altogether or from its address: its request is refused, in words */
    uint8_t address[16]; /* of the peer, zeros behind one of IPv4 */
    int64_t
        deadline_us; /* clock_monotonic_us, `http-request-ms` from its begin or last answer; INT64_MAX while served */
};

int http_open(struct http **http, struct portal *portal, struct error *error);

/* Takes no more connections; those on which nothing is being served are closed soon. */
void http_quiesce(struct http *http);

/* All exchanges must have ended (http_exchanges is 0, or exchange_abandon_all was called). */
void http_close(struct http **http);

uint16_t http_port(const struct http *http);

/* Open requests. */
struct exchange *http_exchanges(struct http *http);
void http_link(struct http *http, struct exchange *exchange);
void http_unlink(struct http *http, struct exchange *exchange);

/* Lets libmicrohttpd work soon: after a connection was resumed. */
void http_wake(struct http *http);

/* One connection more (1) or less (-1) stands: libmicrohttpd asks for its answer in each run, and says all the time that
 * there is something to do. False: too many do. */
bool http_standing(struct http *http, int change);
/* In this run something went on beside connections that stand: the next run comes at once if it is needed. */
void http_moved(struct http *http);
/* An exchange whose connection is gone was answered: exchange_end_gone is called soon. */
void http_gone(struct http *http);

/* The connection of a request; the address of its peer as text ("192.0.2.1"). */
struct http_connection *http_connection_of(struct MHD_Connection *connection);
void http_peer_address(struct MHD_Connection *connection, char *out, size_t size);

/* The request has come whole: its deadline no longer runs. */
void http_request_whole(struct http_connection *connection);
/* Its answer is out: the deadline of the next one begins. */
void http_request_ended(struct http_connection *connection);
/* The connection is closed in `ms`, whatever it does. */
void http_close_in(struct http_connection *connection, int64_t ms);
