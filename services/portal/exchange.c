/* The life of a request, from its headers to the end of its answer. */
#include "services/portal/exchange.h"

#include <poll.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "services/portal/answer.h"
#include "services/portal/gate.h"
#include "services/portal/http.h"
#include "services/portal/problem.h"

#define ARENA_BYTES_MAX (96 * 1024 * 1024) /* a body of 8 MiB of JSON, decoded */
#define BODIES_AT_A_TIME 8                 /* of the largest size, altogether */
#define CROWD_RETRY_MS 5000
#define BUSY_RETRY_MS 1000
#define HOOKS "/hooks/" /* addresses for gateways */
#define STANDING_MS 2
#define WIPED_BYTES_MAX 4096

static struct arena *take_arena(struct portal *portal) {
    return portal->arenas_kept > 0 ? portal->arenas[--portal->arenas_kept] : arena_create(ARENA_BYTES_MAX);
}

static void give_arena_back(struct portal *portal, struct arena **arena) {
    if (*arena && portal->arenas_kept < ARENAS_KEPT) {
        arena_reset(*arena);
        portal->arenas[portal->arenas_kept++] = *arena;
        *arena = NULL;
    }
    arena_destroy(arena);
}

void *exchange_begin(void *portal, const char *target, struct MHD_Connection *connection) {
    struct arena *arena = take_arena(portal);
    struct exchange *exchange = arena ? arena_alloc(arena, sizeof *exchange) : NULL;
    char *raw_target = exchange ? arena_copy(arena, target, strlen(target)) : NULL;
    if (!raw_target) {
        arena_destroy(&arena);
        return NULL;
    }
    exchange->portal = portal;
    exchange->connection = connection;
    exchange->arena = arena;
    exchange->raw_target = raw_target;
    http_link(exchange->portal->http, exchange);
    return exchange;
}

/* A body may hold a password: short ones are wiped. */
static void forget_body(struct exchange *exchange) {
    if (exchange->body.length > 0 && exchange->body.length <= WIPED_BYTES_MAX) {
        sodium_memzero(exchange->body.data, exchange->body.length);
    }
    exchange->portal->body_bytes -= exchange->body.length;
    buffer_free(&exchange->body);
}

static void end(struct exchange *exchange) {
    struct portal *portal = exchange->portal;
    http_unlink(portal->http, exchange);
    forget_body(exchange);
    buffer_free(&exchange->answer);
    if (exchange->stream) {
        MHD_destroy_response(exchange->stream);
    }
    struct arena *arena = exchange->arena; /* which holds the exchange */
    give_arena_back(portal, &arena);
    portal_request_ended(portal);
}

static void stand_no_more(struct exchange *exchange) {
    if (exchange->standing) {
        exchange->standing = false;
        http_standing(exchange->portal->http, -1);
    }
}

void exchange_completed(void *portal, struct MHD_Connection *connection, void **context,
                        enum MHD_RequestTerminationCode code) {
    (void)portal;
    (void)code;
    struct exchange *exchange = *context;
    *context = NULL;
    if (!exchange) {
        return;
    }
    struct http_connection *below = http_connection_of(connection);
    if (below) {
        http_request_ended(below);
    }
    stand_no_more(exchange);
    if (exchange->phase == PHASE_HANDLING) {
        exchange->connection = NULL; /* its handler still waits for what it answers */
    } else {
        end(exchange);
    }
}

void exchange_end_gone(struct portal *portal) {
    for (struct exchange *at = http_exchanges(portal->http); at;) {
        struct exchange *next = at->next;
        if (!at->connection && at->phase == PHASE_ANSWERED) {
            end(at);
        }
        at = next;
    }
}

/* ---- who still waits ---- */

bool exchange_is_awaited(const struct exchange *exchange) {
    const struct http_connection *below = exchange->connection ? http_connection_of(exchange->connection) : NULL;
    if (!below) {
        return false;
    }
    struct pollfd socket = {.fd = below->descriptor, .events = POLLRDHUP};
    return poll(&socket, 1, 0) == 0;
}

static bool waits(const void *exchange) {
    return exchange_is_awaited(exchange);
}

struct call_asker exchange_asker(const struct exchange *exchange) {
    return (struct call_asker){waits, exchange};
}

/* ---- the headers ---- */

const char *exchange_request_header(const struct exchange *exchange, const char *name) {
    return exchange->connection ? MHD_lookup_connection_value(exchange->connection, MHD_HEADER_KIND, name) : NULL;
}

static size_t body_limit(const struct exchange *exchange) {
    return (size_t)config_int(exchange->portal->service->config, SETTING_HTTP_BODY_MAX);
}

static size_t read_declared(const struct exchange *exchange) {
    const char *text = exchange_request_header(exchange, "Content-Length");
    return text ? strtoull(text, NULL, 10) : 0;
}

static void refuse_length(struct exchange *exchange, size_t length) {
    struct error error;
    char limit[24];
    char value[24];
    snprintf(limit, sizeof limit, "%zu", body_limit(exchange));
    snprintf(value, sizeof value, "%zu", length);
    error_set(&error, ERR_TOO_LARGE, (struct error_words){.limit = limit, .value = value});
    exchange_fail(exchange, &error);
}

/* Finds the route; false when the request was answered instead. */
static bool find_route(struct exchange *exchange, const char *word) {
    struct route_match match;
    struct error error;
    enum method method = method_parse(word);
    enum route_result result = route_find(method, exchange->target.path, &match);
    if (result == ROUTE_NO_METHOD) {
        exchange_add_header(exchange, "Allow", "%s", match.allow);
    }
    if (method == METHOD_OPTIONS && (result != ROUTE_NO_PATH || text_equal(exchange->target.path, text_of("*")))) {
        exchange_answer_nothing(exchange, 204);
        return false;
    }
    if (result == ROUTE_NO_PATH) {
        problem_error(&error, ERR_NOT_FOUND, "", "", exchange->target.path);
    } else if (result == ROUTE_NO_METHOD) {
        problem_error(&error, ERR_BAD_METHOD, "", match.allow, text_of(word));
    } else {
        exchange->route = match.route;
        exchange->segment = match.segment;
        exchange->head = method == METHOD_HEAD;
        return true;
    }
    exchange_fail(exchange, &error);
    return false;
}

static int read_target(struct exchange *exchange, struct error *error) {
    bool hook = strncmp(exchange->raw_target, HOOKS, strlen(HOOKS)) == 0;
    struct text raw = text_of(exchange->raw_target);
    return hook ? target_parse_foreign(raw, exchange->arena, &exchange->target, error)
                : target_parse(raw, exchange->arena, &exchange->target, error);
}

/* The connection is one too many: it ends with this answer. */
static void refuse_connection(struct exchange *exchange) {
    struct error error;
    error_set(&error, ERR_BUSY, (struct error_words){.limit = "5000"});
    exchange_add_header(exchange, "Connection", "close");
    exchange_fail_problem(exchange, &(struct problem){.error = &error, .retry_after = CROWD_RETRY_MS});
}

/* Everything that can be said before the body: address, method, size, encoding, rights. */
static void admit(struct exchange *exchange, const char *method) {
    struct error error;
    exchange->head = strcmp(method, "HEAD") == 0;
    exchange->declared = read_declared(exchange);
    if (http_connection_of(exchange->connection)->beyond) {
        refuse_connection(exchange);
        return;
    }
    if (read_target(exchange, &error) < 0) {
        exchange_fail(exchange, &error);
        return;
    }
    if (!find_route(exchange, method)) {
        return;
    }
    const char *encoding = exchange_request_header(exchange, "Content-Encoding");
    if (exchange->declared > body_limit(exchange)) {
        refuse_length(exchange, exchange->declared);
    } else if (encoding && strcasecmp(encoding, "identity") != 0) {
        problem_error(&error, ERR_BAD_MEDIA, "", "identity", text_of(encoding));
        exchange_fail(exchange, &error);
    } else if (exchange->portal->draining) {
        error_set(&error, ERR_UNAVAILABLE, (struct error_words){.value = "portal"});
        exchange_fail(exchange, &error);
    } else {
        exchange->phase = PHASE_ASKING;
        gate_check(exchange);
    }
}

static bool brings_body(const struct exchange *exchange) {
    return exchange->declared > 0 || exchange_request_header(exchange, "Transfer-Encoding");
}

static void wake(struct exchange *exchange) {
    if (exchange->suspended) {
        exchange->suspended = false;
        MHD_resume_connection(exchange->connection);
        http_wake(exchange->portal->http);
    } else if (exchange->standing) {
        http_wake(exchange->portal->http);
    } else if (!exchange->connection) {
        http_gone(exchange->portal->http);
    }
}

void exchange_admit(struct exchange *exchange) {
    exchange->repeats = exchange->suspended && brings_body(exchange);
    exchange->phase = PHASE_BODY;
    wake(exchange);
}

void exchange_answered(struct exchange *exchange) {
    exchange->repeats = exchange->phase == PHASE_ASKING && exchange->suspended && brings_body(exchange);
    exchange->phase = PHASE_ANSWERED;
    forget_body(exchange);
    wake(exchange);
}

/* ---- the body ---- */

static void take_body(struct exchange *exchange, const char *data, size_t length) {
    struct portal *portal = exchange->portal;
    size_t limit = body_limit(exchange);
    if (!exchange->route->body) {
        exchange->swallowed += length;
        if (exchange->swallowed > SWALLOW_BYTES_MAX) {
            refuse_length(exchange, exchange->swallowed);
        }
        return;
    }
    if (exchange->body.length + length > limit) {
        exchange->swallowed = exchange->body.length + length;
        refuse_length(exchange, exchange->swallowed);
        return;
    }
    buffer_append(&exchange->body, data, length);
    portal->body_bytes += exchange->body.failed ? 0 : length;
    if (exchange->body.failed || portal->body_bytes > BODIES_AT_A_TIME * limit) {
        struct error error;
        error_set(&error, ERR_BUSY, (struct error_words){.limit = "1000"});
        exchange->swallowed = exchange->body.length;
        exchange_fail_problem(exchange, &(struct problem){.error = &error, .retry_after = BUSY_RETRY_MS});
    }
}

static void hand_over(struct exchange *exchange) {
    http_request_whole(http_connection_of(exchange->connection));
    exchange->phase = PHASE_HANDLING;
    exchange->route->handle(exchange);
}

/* ---- libmicrohttpd's callback ---- */

/* Stands for a moment, if the handler said so, then is suspended. */
static void wait_for_answer(struct exchange *exchange) {
    uint64_t now = uv_now(exchange->portal->service->loop);
    if (exchange->brief && !exchange->standing) {
        exchange->standing = http_standing(exchange->portal->http, 1);
        exchange->standing_since = now;
    }
    if (!exchange->standing || now - exchange->standing_since >= STANDING_MS) {
        stand_no_more(exchange);
        exchange->brief = false;
        exchange->suspended = true;
        MHD_suspend_connection(exchange->connection);
    }
}

/* After each step: what libmicrohttpd is to do next. `more`: some of the body may still come. */
static enum MHD_Result settle(struct exchange *exchange, bool more) {
    if (!exchange->standing || exchange->phase == PHASE_ANSWERED) {
        http_moved(exchange->portal->http);
    }
    if (exchange->phase == PHASE_ANSWERED) {
        stand_no_more(exchange);
        const char *expect = more ? exchange_request_header(exchange, "Expect") : NULL;
        size_t to_come = more && exchange->swallowed == 0 ? exchange->declared : exchange->swallowed;
        if (!more || (expect && exchange->swallowed == 0)) {
            return answer_queue(exchange);
        }
        if (to_come > SWALLOW_BYTES_MAX) {
            answer_past(exchange);
        }
    } else if (exchange->phase == PHASE_ASKING || exchange->phase == PHASE_HANDLING) {
        wait_for_answer(exchange);
    }
    return MHD_YES;
}

enum MHD_Result exchange_access(void *portal, struct MHD_Connection *connection, const char *url, const char *method,
                                const char *version, const char *data, size_t *length, void **context) {
    (void)portal;
    (void)connection;
    (void)url;
    (void)version;
    struct exchange *exchange = *context;
    if (!exchange || !http_connection_of(connection)) {
        return MHD_NO;
    }
    size_t taken = *length;
    bool first = exchange->phase == PHASE_HEADERS || (exchange->repeats && taken == 0);
    *length = 0;
    exchange->repeats = false;
    if (exchange->phase == PHASE_HEADERS) {
        admit(exchange, method);
    } else if (first) {
        /* Nothing new. */
    } else if (exchange->phase == PHASE_LINGERING) {
        return taken > 0 ? MHD_YES : MHD_NO;
    } else if (exchange->phase == PHASE_BODY && taken > 0) {
        take_body(exchange, data, taken);
    } else if (exchange->phase == PHASE_BODY) {
        hand_over(exchange);
    } else if (exchange->phase == PHASE_ANSWERED) {
        exchange->swallowed += taken;
    }
    return settle(exchange, first || taken > 0);
}

void exchange_abandon_all(struct portal *portal) {
    struct error error;
    error_set(&error, ERR_UNAVAILABLE, (struct error_words){.value = "portal"});
    for (struct exchange *at = http_exchanges(portal->http); at; at = at->next) {
        if (at->phase == PHASE_HANDLING && at->abandon) {
            at->abandon(at);
        } else if (at->phase == PHASE_ASKING || at->phase == PHASE_HANDLING) {
            exchange_fail(at, &error);
        }
    }
}
