/* Requests and their answers. */
#include "services/notifier/channels/http_request.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#define ANSWER_BYTES_MAX 262144 /* 50 messages with their texts, when it is asked for them */
#define HEADER_BYTES 2048
#define HTTP_FINAL 200
/* Older idle connections are not used again: the provider may be closing them. */
#define CONNECTION_AGE_SECONDS 10L

struct request {
    struct transfer transfer; /* first: curl_loop hands it back */
    struct curl_loop *curl_loop;
    struct http_ask ask;
    http_ended ended;
    void *data;
    bool broke_off; /* a connection used before died without an answer */
    struct buffer answer;
};

/* ---- what is asked ---- */

void http_ask_header(struct http_ask *ask, const char *name, const char *value) {
    char line[HEADER_BYTES];
    int length = snprintf(line, sizeof line, "%s: %s", name, value);
    struct curl_slist *more = length > 0 && (size_t)length < sizeof line ? curl_slist_append(ask->headers, line) : NULL;
    ask->failed = ask->failed || !more;
    ask->headers = more ? more : ask->headers;
}

void http_ask_post_json(struct http_ask *ask, const char *url) {
    ask->post = true;
    buffer_append(&ask->url, url, strlen(url) + 1);
    http_ask_header(ask, "Content-Type", "application/json");
}

bool http_ask_failed(const struct http_ask *ask) {
    return ask->failed || ask->url.failed || ask->body.failed;
}

static void wipe(struct buffer *buffer) {
    if (buffer->data) {
        sodium_memzero(buffer->data, buffer->length);
    }
    buffer_free(buffer);
}

void http_ask_free(struct http_ask *ask) {
    wipe(&ask->url);
    wipe(&ask->body);
    curl_slist_free_all(ask->headers);
    *ask = (struct http_ask){0};
}

static void free_request(struct request *request) {
    http_ask_free(&request->ask);
    buffer_free(&request->answer);
    free(request);
}

/* ---- the answer ---- */

static size_t keep_answer(char *data, size_t size, size_t count, void *target) {
    struct request *request = target;
    size_t room = ANSWER_BYTES_MAX - request->answer.length;
    size_t length = size * count;
    buffer_append(&request->answer, data, length < room ? length : room);
    /* The status has said what matters: more than that is not waited for. */
    return length <= room && !request->answer.failed ? length : 0;
}

static struct http_answer answer_of(struct request *request, CURLcode code) {
    struct http_answer answer = {.words = {(const char *)request->answer.data, (uint32_t)request->answer.length}};
    long sent_bytes = 0;
    curl_easy_getinfo(request->transfer.easy, CURLINFO_RESPONSE_CODE, &answer.status);
    curl_easy_getinfo(request->transfer.easy, CURLINFO_REQUEST_SIZE, &sent_bytes);
    if (answer.status < HTTP_FINAL) {
        answer.status = 0;
        answer.outcome = transfer_outcome(code, sent_bytes > 0);
        answer.words = text_of(request->broke_off ? "the gateway closed the connection without an answer"
                                                  : transfer_words(&request->transfer, code));
    }
    return answer;
}

static void on_ended(struct transfer *transfer, CURLcode code) {
    struct request *request = (struct request *)transfer;
    struct http_answer answer = answer_of(request, code);
    /* The handle dies before `ended`, which may begin another one; its words lie in the request. */
    curl_loop_end(request->curl_loop, transfer);
    request->ended(request->data, &answer);
    free_request(request);
}

/* ---- the request ---- */

/* On a connection used before that dies without an answer, libcurl sends a request again by itself. What was sent must
 * not be sent twice in silence: once bytes have gone out, there is no second time. */
static int before_request(void *data, char *remote, char *local, int remote_port, int local_port) {
    (void)remote;
    (void)local;
    (void)remote_port;
    (void)local_port;
    struct request *request = data;
    long sent_bytes = 0;
    curl_easy_getinfo(request->transfer.easy, CURLINFO_REQUEST_SIZE, &sent_bytes);
    request->broke_off = sent_bytes > 0;
    return request->broke_off ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
}

static void set_body(struct request *request) {
    CURL *easy = request->transfer.easy;
    const char *body = request->ask.body.data ? (const char *)request->ask.body.data : "";
    curl_easy_setopt(easy, CURLOPT_POST, 1L);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->ask.body.length);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body);
}

static int begin(struct request *request, int64_t timeout_ms) {
    const char *url = (const char *)request->ask.url.data;
    if (transfer_init(&request->transfer, url, "http,https", timeout_ms) != 0) {
        return -ERR_NO_MEMORY;
    }
    CURL *easy = request->transfer.easy;
    request->transfer.ended = on_ended;
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN, CONNECTION_AGE_SECONDS);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, keep_answer);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, request);
    curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, before_request);
    curl_easy_setopt(easy, CURLOPT_PREREQDATA, request);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, request->ask.headers);
    if (request->ask.post) {
        set_body(request);
    }
    int result = curl_loop_begin(request->curl_loop, &request->transfer);
    if (result != 0) {
        curl_easy_cleanup(easy);
    }
    return result;
}

int http_request(struct curl_loop *curl_loop, struct http_ask *ask, int64_t timeout_ms, http_ended ended, void *data) {
    bool failed = http_ask_failed(ask);
    struct request *request = failed ? NULL : calloc(1, sizeof *request);
    if (!request) {
        http_ask_free(ask);
        return -ERR_NO_MEMORY;
    }
    *request = (struct request){.curl_loop = curl_loop, .ask = *ask, .ended = ended, .data = data};
    *ask = (struct http_ask){0};
    int result = begin(request, timeout_ms);
    if (result != 0) {
        free_request(request);
    }
    return result;
}
