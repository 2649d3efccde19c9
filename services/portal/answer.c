/* Making answers and handing them out. */
#include "services/portal/answer.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/socket.h>

#include "proto/json.h"
#include "services/portal/http.h"

#define LINGER_MS 2000
#define SENDING_MS 120000 /* for an answer to be read, however slowly */
#define HEAD_BYTES_MAX 2048

/* With every answer: pages load nothing from elsewhere, nobody frames them, types are as they are called. */
static const struct {
    const char *name;
    const char *value;
} fixed_headers[] = {
    {"X-Content-Type-Options", "nosniff"},
    {"Referrer-Policy", "same-origin"},
    {"Content-Security-Policy",
     "default-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
};

#define FIXED_HEADER_COUNT (sizeof fixed_headers / sizeof *fixed_headers)

/* ---- going out ---- */

static bool has_header(const struct exchange *exchange, const char *name) {
    for (uint32_t i = 0; i < exchange->header_count; i++) {
        if (strcasecmp(exchange->headers[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

static void add_headers(const struct exchange *exchange, struct MHD_Response *response) {
    for (size_t i = 0; i < FIXED_HEADER_COUNT; i++) {
        MHD_add_response_header(response, fixed_headers[i].name, fixed_headers[i].value);
    }
    for (uint32_t i = 0; i < exchange->header_count; i++) {
        MHD_add_response_header(response, exchange->headers[i].name, exchange->headers[i].value);
    }
    if (exchange->media_type) {
        MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, exchange->media_type);
    }
    if (!has_header(exchange, MHD_HTTP_HEADER_CACHE_CONTROL)) {
        MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
    }
    if (exchange->portal->draining) {
        MHD_add_response_header(response, MHD_HTTP_HEADER_CONNECTION, "close");
    }
}

/* The answer's bytes pass to libmicrohttpd. */
static struct MHD_Response *take_response(struct exchange *exchange) {
    struct MHD_Response *response = exchange->stream;
    exchange->stream = NULL;
    if (response) {
        return response;
    }
    struct buffer *answer = &exchange->answer;
    if (answer->length == 0) {
        return MHD_create_response_from_buffer(0, "", MHD_RESPMEM_PERSISTENT);
    }
    response = MHD_create_response_from_buffer(answer->length, answer->data, MHD_RESPMEM_MUST_FREE);
    if (response) {
        *answer = (struct buffer){0};
    }
    return response;
}

enum MHD_Result answer_queue(struct exchange *exchange) {
    bool streams = exchange->stream != NULL;
    struct MHD_Response *response = take_response(exchange);
    if (!response) {
        return MHD_NO;
    }
    struct http_connection *connection = http_connection_of(exchange->connection);
    if (streams) {
        http_request_whole(connection);
    } else {
        http_close_in(connection, SENDING_MS);
    }
    add_headers(exchange, response);
    exchange->phase = PHASE_SENT;
    enum MHD_Result result = MHD_queue_response(exchange->connection, (unsigned)exchange->status, response);
    MHD_destroy_response(response);
    return result;
}

void answer_past(struct exchange *exchange) {
    struct http_connection *connection = http_connection_of(exchange->connection);
    char head[HEAD_BYTES_MAX];
    int length = snprintf(head, sizeof head,
                          "HTTP/1.1 %d Refused\r\nConnection: close\r\nContent-Type: %s\r\nContent-Length: %zu\r\n"
                          "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n",
                          exchange->status, exchange->media_type, exchange->answer.length);
    for (uint32_t i = 0; i < exchange->header_count; i++) {
        length += snprintf(head + length, sizeof head - (size_t)length, "%s: %s\r\n", exchange->headers[i].name,
                           exchange->headers[i].value);
    }
    length += snprintf(head + length, sizeof head - (size_t)length, "\r\n");
    struct iovec parts[2] = {{head, (size_t)length}, {exchange->answer.data, exchange->answer.length}};
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};
    /* Nothing was sent on this connection yet, so that its buffer takes it; where not, closing must say enough. */
    (void)sendmsg(connection->descriptor, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
    shutdown(connection->descriptor, SHUT_WR);
    http_close_in(connection, LINGER_MS);
    buffer_free(&exchange->answer);
    exchange->phase = PHASE_LINGERING;
}

/* ---- making ---- */

struct text exchange_body(const struct exchange *exchange) {
    return (struct text){(const char *)exchange->body.data, (uint32_t)exchange->body.length};
}

bool exchange_media_is(const struct exchange *exchange, const char *media_type) {
    const char *header = exchange_request_header(exchange, MHD_HTTP_HEADER_CONTENT_TYPE);
    size_t length = strlen(media_type);
    return header && strncasecmp(header, media_type, length) == 0 && strchr("; \t", header[length]) != NULL;
}

bool exchange_accepts(const struct exchange *exchange, const char *media_type) {
    const char *header = exchange_request_header(exchange, MHD_HTTP_HEADER_ACCEPT);
    return header && strcasestr(header, media_type) != NULL;
}

void exchange_add_header(struct exchange *exchange, const char *name, const char *format, ...) {
    assert(exchange->header_count < EXCHANGE_HEADERS_MAX);
    struct exchange_header *header = &exchange->headers[exchange->header_count++];
    header->name = name;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(header->value, sizeof header->value, format, arguments);
    va_end(arguments);
}

static void count(struct exchange *exchange) {
    struct metrics *metrics = &exchange->portal->service->metrics;
    metrics_add(metrics, METRIC_HTTP_REQUESTS, 1);
    metrics_add(metrics, METRIC_HTTP_ERRORS, exchange->status >= 400 ? 1 : 0);
}

static void made(struct exchange *exchange, int status, const char *media_type) {
    assert(exchange->phase < PHASE_ANSWERED);
    exchange->status = status;
    exchange->media_type = media_type;
    count(exchange);
    exchange_answered(exchange);
}

void exchange_answer(struct exchange *exchange, int status, const char *media_type, struct buffer *body) {
    if (body->failed) {
        buffer_free(body);
        struct error error;
        error_set(&error, ERR_NO_MEMORY, (struct error_words){0});
        exchange_fail(exchange, &error);
        return;
    }
    exchange->answer = *body;
    *body = (struct buffer){0};
    made(exchange, status, media_type);
}

void exchange_answer_json(struct exchange *exchange, int status, json_t *document) {
    struct buffer body = {0};
    if (!json_append(&body, document)) {
        body.failed = true;
    }
    json_decref(document);
    exchange_answer(exchange, status, JSON_MEDIA_TYPE, &body);
}

void exchange_answer_shape(struct exchange *exchange, int status, enum shape_index shape, const void *value) {
    struct buffer body = {0};
    json_write_shape(shape_of(shape), value, &body);
    exchange_answer(exchange, status, JSON_MEDIA_TYPE, &body);
}

void exchange_answer_nothing(struct exchange *exchange, int status) {
    made(exchange, status, NULL);
}

void exchange_stream(struct exchange *exchange, const char *media_type, struct MHD_Response *response) {
    exchange->stream = response;
    made(exchange, 200, media_type);
}

void exchange_fail_problem(struct exchange *exchange, const struct problem *problem) {
    struct buffer body = {0};
    int status = problem_render(problem, &body);
    if (body.failed) {
        /* No memory for words: the status alone. */
        buffer_free(&body);
    }
    if (problem->retry_after > 0) {
        exchange_add_header(exchange, "Retry-After", "%d", (int)((problem->retry_after + 999) / 1000));
    }
    exchange->answer = body;
    made(exchange, status, PROBLEM_MEDIA_TYPE);
}

void exchange_fail(struct exchange *exchange, const struct error *error) {
    exchange_fail_problem(exchange, &(struct problem){.error = error});
}

void exchange_fail_faults(struct exchange *exchange, const struct error *error, const struct faults *faults) {
    exchange_fail_problem(exchange, &(struct problem){.error = error, .faults = faults});
}

void exchange_fail_call(struct exchange *exchange, const struct call_result *result) {
    exchange_fail_problem(
        exchange,
        &(struct problem){.error = &result->error, .retry_after = result->retry_after, .as_of = result->as_of});
}
