/* An exchange: one HTTP request and its answer.
 *
 * Life: begun with the request line; admitted (route, rights: gate.h) when the headers are there, before any of the
 * body is read; the body gathered within its bound; handed to the route's handler; answered once, at once or later
 * (meanwhile the connection is suspended); ended when libmicrohttpd says so. It always lives until it is answered.
 *
 * Suspending and resuming a connection costs two system calls and a walk over all that are suspended. A handler that
 * sets `brief` expects its answer within a moment: the connection then stands for that long, and libmicrohttpd asks for the
 * answer in each run. A connection that stands may end before its answer came: the exchange then has none.
 *
 * A request that is refused before its body came is answered after a short body was swallowed (so that the sender
 * reads the answer), past libmicrohttpd and with the connection closed when the body is long.
 */
#pragma once

#include <microhttpd.h>

#include "common/arena.h"
#include "proto/codec.h"
#include "proto/faults.h"
#include "services/portal/portal.h"
#include "services/portal/routes.h"
#include "services/portal/session.h"
#include "services/portal/target.h"

#include <jansson.h>

#define EXCHANGE_HEADERS_MAX 6
#define EXCHANGE_HEADER_SIZE 256
#define JSON_MEDIA_TYPE "application/json; charset=utf-8"

enum exchange_phase {
    PHASE_HEADERS,   /* not looked at */
    PHASE_ASKING,    /* waits for the directory */
    PHASE_BODY,      /* admitted; the body comes */
    PHASE_HANDLING,  /* with its handler */
    PHASE_ANSWERED,  /* the answer is made; it goes out when the body is through */
    PHASE_LINGERING, /* answered past libmicrohttpd; what still comes is thrown away */
    PHASE_SENT       /* the answer is libmicrohttpd's */
};

/* Who asks, once admitted. */
struct principal {
    char account[EVENT_BY_MAX + 1]; /* empty: nobody (open routes) */
    char unit[EVENT_UNIT_MAX + 1];
    enum role role;
    char session[TOKEN_HASH_BYTES + 1]; /* names the session to intake: the first half of the hash, hex */
    uint8_t token[TOKEN_HASH_BYTES];
    bool by_cookie;
};

struct exchange_header {
    const char *name;
    char value[EXCHANGE_HEADER_SIZE];
};

struct exchange {
    struct portal *portal;
    struct exchange *next;
    struct exchange *previous;
    struct MHD_Connection *connection; /* NULL: gone before the answer came */
    enum exchange_phase phase;
    bool brief;
    bool standing;
    uint64_t standing_since; /* uv_now */
    bool suspended;
    bool repeats;        /* was suspended before its body came: libmicrohttpd then makes its first call once more */
    bool head;           /* HEAD: the answer has no body */
    struct arena *arena; /* of everything that lives as long, the exchange itself too */
    char *raw_target;
    struct target target;
    struct text segment; /* of a {name} route */
    const struct route *route;
    struct principal principal;
    size_t declared; /* bytes of the body, by its header; 0 where it says nothing */
    struct buffer body;
    size_t swallowed;                           /* bytes of the body that were thrown away */
    void (*abandon)(struct exchange *exchange); /* of a handler that waits for more than a call; may be NULL */
    void *work;                                 /* the handler's own */

    int status;
    const char *media_type;
    struct buffer answer;
    struct exchange_header headers[EXCHANGE_HEADERS_MAX];
    uint32_t header_count;
    struct MHD_Response *stream; /* instead of `answer` */
};

/* ---- for handlers ---- */

/* NULL when absent. */
const char *exchange_request_header(const struct exchange *exchange, const char *name);
struct text exchange_body(const struct exchange *exchange);
bool exchange_media_is(const struct exchange *exchange, const char *media_type);
/* Whether the Accept header names the media type. */
bool exchange_accepts(const struct exchange *exchange, const char *media_type);

void exchange_add_header(struct exchange *exchange, const char *name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Answers. Each takes what it is given (buffer, document) and may be called once, on the loop. */
void exchange_answer(struct exchange *exchange, int status, const char *media_type, struct buffer *body);
void exchange_answer_json(struct exchange *exchange, int status, json_t *document);
void exchange_answer_shape(struct exchange *exchange, int status, enum shape_index shape, const void *value);
void exchange_answer_nothing(struct exchange *exchange, int status);
void exchange_stream(struct exchange *exchange, const char *media_type, struct MHD_Response *response);
/* A problem document. */
void exchange_fail(struct exchange *exchange, const struct error *error);
void exchange_fail_faults(struct exchange *exchange, const struct error *error, const struct faults *faults);
/* What a call to another service came to, as a problem document. */
void exchange_fail_call(struct exchange *exchange, const struct call_result *result);

/* Whether the client still waits for the answer. libmicrohttpd does not look while a connection is suspended; this costs
 * a system call. A client that has shut its own direction counts as gone: it is told to ask again. */
bool exchange_is_awaited(const struct exchange *exchange);
/* For calls on its behalf: a held one is dropped when the client has gone meanwhile. */
struct call_asker exchange_asker(const struct exchange *exchange);

/* ---- for the gate ---- */

/* The rights hold: the body may come. */
void exchange_admit(struct exchange *exchange);

/* ---- for http.c ---- */

void *exchange_begin(void *portal, const char *target, struct MHD_Connection *connection);
enum MHD_Result exchange_access(void *portal, struct MHD_Connection *connection, const char *url, const char *method,
                                const char *version, const char *data, size_t *length, void **context);
void exchange_completed(void *portal, struct MHD_Connection *connection, void **context,
                        enum MHD_RequestTerminationCode code);
/* Ends what was answered when nobody was there any more. */
void exchange_end_gone(struct portal *portal);
/* Answers everything that is still open with 503, so that the daemon can be stopped. */
void exchange_abandon_all(struct portal *portal);
