/* libmicrohttpd on the libuv loop, with the deadlines that it does not have itself. */
#include "services/portal/http.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/clock.h"
#include "services/portal/exchange.h"
#include "services/portal/portal.h"

#define SWEEP_MS 500
#define CONNECTION_BYTES 32768
#define LISTEN_BACKLOG 511
#define HANDLES 3
#define BEYOND_CONNECTIONS 256 /* that are told at a time that there are too many; more wait with the system */
#define BEYOND_MS 2000         /* how long one may take for the request that is refused */
#define STANDING_MAX 256
#define STANDING_RUN_MS 1  /* to the next run when nothing but standing connections calls for one */
#define LAST_WORDS_MS 1000 /* when stopping: for requests that are not whole, and answers that are not read */

struct http {
    struct portal *portal;
    struct MHD_Daemon *daemon;
    uv_poll_t poll;
    uv_timer_t timer;
    uv_timer_t sweep;
    unsigned open_handles;
    struct http_connection *connections;
    uint32_t held; /* connections that are not beyond the limit */
    uint32_t held_max;
    struct exchange *exchanges;
    uint32_t standing;
    bool moved;
    bool gone;
    int listener; /* -1 unless quiesced */
    int64_t request_ms;
};

/* ---- connections and their deadlines ---- */

static void rearm(struct http_connection *connection) {
    connection->deadline_us = clock_monotonic_us() + 1000 * connection->http->request_ms;
}

static void read_address(struct MHD_Connection *handle, uint8_t address[16]) {
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(handle, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    const struct sockaddr *peer = info ? info->client_addr : NULL;
    memset(address, 0, 16);
    if (peer && peer->sa_family == AF_INET) {
        memcpy(address, &((const struct sockaddr_in *)(const void *)peer)->sin_addr, sizeof(struct in_addr));
    } else if (peer && peer->sa_family == AF_INET6) {
        memcpy(address, &((const struct sockaddr_in6 *)(const void *)peer)->sin6_addr, sizeof(struct in6_addr));
    }
}

static bool is_beyond(const struct http *http, const struct http_connection *connection) {
    uint32_t alike = 0;
    for (const struct http_connection *at = http->connections; at; at = at->next) {
        alike += !at->beyond && memcmp(at->address, connection->address, sizeof at->address) == 0;
    }
    return http->held >= http->held_max || alike > http->held_max / 2;
}

static void connection_started(struct http *http, struct MHD_Connection *handle, void **context) {
    struct http_connection *connection = calloc(1, sizeof *connection);
    *context = connection;
    if (!connection) {
        return;
    }
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(handle, MHD_CONNECTION_INFO_CONNECTION_FD);
    *connection = (struct http_connection){.http = http, .next = http->connections, .descriptor = info->connect_fd};
    read_address(handle, connection->address);
    connection->beyond = is_beyond(http, connection);
    http->held += !connection->beyond;
    if (connection->next) {
        connection->next->previous = connection;
    }
    http->connections = connection;
    rearm(connection);
    if (connection->beyond) {
        http_close_in(connection, BEYOND_MS);
    }
}

static void connection_closed(struct http *http, void **context) {
    struct http_connection *connection = *context;
    *context = NULL;
    if (!connection) {
        return;
    }
    if (connection->next) {
        connection->next->previous = connection->previous;
    }
    *(connection->previous ? &connection->previous->next : &http->connections) = connection->next;
    http->held -= !connection->beyond;
    free(connection);
}

static void on_connection(void *data, struct MHD_Connection *connection, void **context,
                          enum MHD_ConnectionNotificationCode code) {
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        connection_started(data, connection, context);
    } else {
        connection_closed(data, context);
    }
}

/* libmicrohttpd notices the end of the connection and tidies up. */
static void on_sweep(uv_timer_t *timer) {
    struct http *http = timer->data;
    int64_t now = clock_monotonic_us();
    for (struct http_connection *at = http->connections; at; at = at->next) {
        if (now >= at->deadline_us) {
            shutdown(at->descriptor, SHUT_RDWR);
        }
    }
}

struct http_connection *http_connection_of(struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info ? info->socket_context : NULL;
}

void http_peer_address(struct MHD_Connection *connection, char *out, size_t size) {
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    const struct sockaddr *address = info ? info->client_addr : NULL;
    snprintf(out, size, "unknown");
    if (address && address->sa_family == AF_INET) {
        inet_ntop(AF_INET, &((const struct sockaddr_in *)(const void *)address)->sin_addr, out, (socklen_t)size);
    } else if (address && address->sa_family == AF_INET6) {
        inet_ntop(AF_INET6, &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr, out, (socklen_t)size);
    }
}

void http_request_whole(struct http_connection *connection) {
    connection->deadline_us = INT64_MAX;
}

void http_request_ended(struct http_connection *connection) {
    if (!connection->beyond) {
        rearm(connection);
    }
}

void http_close_in(struct http_connection *connection, int64_t ms) {
    connection->deadline_us = clock_monotonic_us() + 1000 * ms;
}

/* ---- the loop ---- */

static void on_timer(uv_timer_t *timer);

static void run(struct http *http) {
    http->moved = false;
    MHD_run(http->daemon);
    if (http->gone) {
        http->gone = false;
        exchange_end_gone(http->portal);
    }
    MHD_UNSIGNED_LONG_LONG timeout;
    if (MHD_get_timeout(http->daemon, &timeout) != MHD_YES) {
        uv_timer_stop(&http->timer);
        return;
    }
    bool standing_alone = timeout == 0 && http->standing > 0 && !http->moved;
    uv_timer_start(&http->timer, on_timer, standing_alone ? STANDING_RUN_MS : timeout, 0);
}

static void on_timer(uv_timer_t *timer) {
    run(timer->data);
}

static void on_readable(uv_poll_t *poll, int status, int events) {
    (void)status;
    (void)events;
    run(poll->data);
}

void http_wake(struct http *http) {
    if (!uv_is_closing((uv_handle_t *)&http->timer)) {
        uv_timer_start(&http->timer, on_timer, 0, 0);
    }
}

bool http_standing(struct http *http, int change) {
    if (change > 0 && http->standing >= STANDING_MAX) {
        return false;
    }
    http->standing += (uint32_t)change;
    return true;
}

void http_moved(struct http *http) {
    http->moved = true;
}

void http_gone(struct http *http) {
    http->gone = true;
    http_wake(http);
}

struct exchange *http_exchanges(struct http *http) {
    return http->exchanges;
}

void http_link(struct http *http, struct exchange *exchange) {
    exchange->next = http->exchanges;
    if (exchange->next) {
        exchange->next->previous = exchange;
    }
    http->exchanges = exchange;
}

void http_unlink(struct http *http, struct exchange *exchange) {
    if (exchange->next) {
        exchange->next->previous = exchange->previous;
    }
    *(exchange->previous ? &exchange->previous->next : &http->exchanges) = exchange->next;
}

/* ---- life ---- */

static void on_log(void *data, const char *format, va_list arguments) {
    struct http *http = data;
    char line[200];
    vsnprintf(line, sizeof line, format, arguments);
    log_write(&http->portal->service->log, LOG_LEVEL_DEBUG, "libmicrohttpd", "text=\"%.150s\"", line);
}

/* The address of the settings `listen` and `port`. */
static int listen_address(const struct config *config, struct sockaddr_storage *address, struct error *error) {
    const char *text = config_text(config, SETTING_LISTEN);
    uint16_t port = htons((uint16_t)config_int(config, SETTING_PORT));
    struct sockaddr_in *four = (struct sockaddr_in *)(void *)address;
    struct sockaddr_in6 *six = (struct sockaddr_in6 *)(void *)address;
    *address = (struct sockaddr_storage){0};
    if (inet_pton(AF_INET, text, &four->sin_addr) == 1) {
        four->sin_family = AF_INET;
        four->sin_port = port;
        return 0;
    }
    if (inet_pton(AF_INET6, text, &six->sin6_addr) == 1) {
        six->sin6_family = AF_INET6;
        six->sin6_port = port;
        return 0;
    }
    return error_set(error, ERR_BAD_SETTING,
                     (struct error_words){.field = "listen", .value = text, .limit = "an IPv4 or IPv6 address"});
}

static int start_daemon(struct http *http, struct error *error) {
    const struct config *config = http->portal->service->config;
    struct sockaddr_storage address;
    int result = listen_address(config, &address, error);
    if (result < 0) {
        return result;
    }
    http->held_max = (uint32_t)config_int(config, SETTING_HTTP_CONNECTIONS);
    unsigned connections = http->held_max + BEYOND_CONNECTIONS;
    unsigned flags = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG;
    flags |= address.ss_family == AF_INET6 ? MHD_USE_IPv6 : 0;
    errno = 0;
    http->daemon = MHD_start_daemon(
        flags, 0, NULL, NULL, exchange_access, http->portal, MHD_OPTION_EXTERNAL_LOGGER, on_log, http,
        MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&address, MHD_OPTION_CONNECTION_LIMIT, connections,
        MHD_OPTION_CONNECTION_TIMEOUT, HTTP_IDLE_SECONDS, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_BYTES,
        MHD_OPTION_LISTEN_BACKLOG_SIZE, LISTEN_BACKLOG, MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_URI_LOG_CALLBACK,
        exchange_begin, http->portal, MHD_OPTION_NOTIFY_COMPLETED, exchange_completed, http->portal,
        MHD_OPTION_NOTIFY_CONNECTION, on_connection, http, MHD_OPTION_END);
    if (!http->daemon) {
        return error_setf(error, ERR_IO, "the HTTP door cannot listen on %s port %d: %s",
                          config_text(config, SETTING_LISTEN), (int)config_int(config, SETTING_PORT), strerror(errno));
    }
    return 0;
}

static void watch(struct http *http) {
    uv_loop_t *loop = http->portal->service->loop;
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(http->daemon, MHD_DAEMON_INFO_EPOLL_FD);
    int result = uv_poll_init(loop, &http->poll, info->epoll_fd);
    assert(result == 0);
    uv_timer_init(loop, &http->timer);
    uv_timer_init(loop, &http->sweep);
    http->poll.data = http->timer.data = http->sweep.data = http;
    http->open_handles = HANDLES;
    uv_poll_start(&http->poll, UV_READABLE, on_readable);
    uv_timer_start(&http->sweep, on_sweep, SWEEP_MS, SWEEP_MS);
}

int http_open(struct http **http, struct portal *portal, struct error *error) {
    struct http *made = calloc(1, sizeof *made);
    if (!made) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    made->portal = portal;
    made->listener = -1;
    made->request_ms = config_int(portal->service->config, SETTING_HTTP_REQUEST_MS);
    int result = start_daemon(made, error);
    if (result < 0) {
        free(made);
        return result;
    }
    watch(made);
    *http = made;
    return 0;
}

void http_quiesce(struct http *http) {
    if (http->listener < 0) {
        http->listener = MHD_quiesce_daemon(http->daemon);
    }
    int64_t soon = clock_monotonic_us() + INT64_C(1000) * LAST_WORDS_MS;
    for (struct http_connection *at = http->connections; at; at = at->next) {
        bool later = at->deadline_us != INT64_MAX && at->deadline_us > soon;
        at->deadline_us = later ? soon : at->deadline_us;
    }
}

static void on_closed(uv_handle_t *handle) {
    struct http *http = handle->data;
    if (--http->open_handles == 0) {
        free(http);
    }
}

void http_close(struct http **http) {
    struct http *closing = *http;
    if (!closing) {
        return;
    }
    uv_poll_stop(&closing->poll);
    MHD_stop_daemon(closing->daemon); /* answers that are still being read end here: their exchanges are unlinked */
    exchange_end_gone(closing->portal);
    *http = NULL;
    if (closing->listener >= 0) {
        close(closing->listener);
    }
    uv_close((uv_handle_t *)&closing->poll, on_closed);
    uv_close((uv_handle_t *)&closing->timer, on_closed);
    uv_close((uv_handle_t *)&closing->sweep, on_closed);
}

uint16_t http_port(const struct http *http) {
    return MHD_get_daemon_info(http->daemon, MHD_DAEMON_INFO_BIND_PORT)->port;
}
