/* libcurl on libuv: its sockets are uv_poll handles, its one timer a uv_timer. */
#include "services/notifier/channels/curl_loop.h"

#include <stdio.h>
#include <stdlib.h>

/* libcurl closes the oldest idle connection beyond so many: more than send-parallel and mail servers take. */
#define CONNECTIONS_MAX 4096L

struct curl_loop {
    uv_loop_t *loop;
    CURLM *multi;     /* NULL until there is a transfer */
    uv_timer_t timer; /* never unreferenced: a loop without it would end before the transfers do */
    struct transfer *first;
};

/* A socket that libcurl waits for. */
struct watch {
    uv_poll_t poll;
    struct curl_loop *owner;
    curl_socket_t socket;
};

/* ---- what has ended ---- */

static void tell_ended(struct curl_loop *owner) {
    int left;
    CURLMsg *message;
    while ((message = curl_multi_info_read(owner->multi, &left))) {
        struct transfer *transfer;
        /* The message dies with the handle. */
        CURLcode code = message->data.result;
        if (message->msg == CURLMSG_DONE &&
            curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer) == CURLE_OK) {
            transfer->ended(transfer, code);
        }
    }
}

/* ---- sockets ---- */

static void on_socket(uv_poll_t *poll, int status, int events) {
    struct watch *watch = poll->data;
    struct curl_loop *owner = watch->owner;
    int flags = status < 0 ? CURL_CSELECT_ERR : 0;
    int running;
    flags |= (events & UV_READABLE) ? CURL_CSELECT_IN : 0;
    flags |= (events & UV_WRITABLE) ? CURL_CSELECT_OUT : 0;
    curl_multi_socket_action(owner->multi, watch->socket, flags, &running);
    tell_ended(owner);
}

static void free_watch(uv_handle_t *handle) {
    free(handle->data);
}

static struct watch *watch_open(struct curl_loop *owner, curl_socket_t socket) {
    struct watch *watch = calloc(1, sizeof *watch);
    if (!watch || uv_poll_init_socket(owner->loop, &watch->poll, socket) != 0) {
        free(watch);
        return NULL;
    }
    watch->poll.data = watch;
    watch->owner = owner;
    watch->socket = socket;
    curl_multi_assign(owner->multi, socket, watch);
    return watch;
}

/* libcurl's wish for a socket; -1 ends all its transfers with an error. */
static int on_watch(CURL *easy, curl_socket_t socket, int what, void *data, void *socket_data) {
    (void)easy;
    struct curl_loop *owner = data;
    struct watch *watch = socket_data;
    if (what == CURL_POLL_REMOVE) {
        if (watch) {
            uv_close((uv_handle_t *)&watch->poll, free_watch);
            curl_multi_assign(owner->multi, socket, NULL);
        }
        return 0;
    }
    if (!watch) {
        watch = watch_open(owner, socket);
    }
    int events = what == CURL_POLL_IN ? UV_READABLE : what == CURL_POLL_OUT ? UV_WRITABLE : UV_READABLE | UV_WRITABLE;
    return watch && uv_poll_start(&watch->poll, events, on_socket) == 0 ? 0 : -1;
}

/* ---- the timer ---- */

static void on_time(uv_timer_t *timer) {
    struct curl_loop *owner = timer->data;
    int running;
    curl_multi_socket_action(owner->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    tell_ended(owner);
}

/* From within libcurl: acting at once, even for 0 ms, would re-enter it. */
static int on_timer(CURLM *multi, long timeout_ms, void *data) {
    (void)multi;
    struct curl_loop *owner = data;
    return timeout_ms < 0 ? uv_timer_stop(&owner->timer)
                          : uv_timer_start(&owner->timer, on_time, (uint64_t)timeout_ms, 0);
}

static void free_owner(uv_handle_t *handle) {
    free(handle->data);
}

/* ---- life ---- */

int curl_loop_open(struct curl_loop **curl_loop, uv_loop_t *loop, struct error *error) {
    struct curl_loop *opened = calloc(1, sizeof *opened);
    if (!opened) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    opened->loop = loop;
    uv_timer_init(loop, &opened->timer);
    opened->timer.data = opened;
    *curl_loop = opened;
    return 0;
}

/* With the first transfer: libcurl and the libraries behind it are two megabytes that a notifier which sends nothing
 * does without. curl_easy_init() has made libcurl ready. */
static int multi_make(struct curl_loop *owner) {
    owner->multi = owner->multi ? owner->multi : curl_multi_init();
    if (!owner->multi) {
        return -ERR_NO_MEMORY;
    }
    curl_multi_setopt(owner->multi, CURLMOPT_SOCKETFUNCTION, on_watch);
    curl_multi_setopt(owner->multi, CURLMOPT_SOCKETDATA, owner);
    curl_multi_setopt(owner->multi, CURLMOPT_TIMERFUNCTION, on_timer);
    curl_multi_setopt(owner->multi, CURLMOPT_TIMERDATA, owner);
    curl_multi_setopt(owner->multi, CURLMOPT_MAXCONNECTS, CONNECTIONS_MAX);
    return 0;
}

void curl_loop_close(struct curl_loop **curl_loop) {
    struct curl_loop *closing = *curl_loop;
    if (!closing) {
        return;
    }
    *curl_loop = NULL;
    while (closing->first) {
        struct transfer *transfer = closing->first;
        snprintf(transfer->fault, sizeof transfer->fault, "the notifier stopped");
        transfer->ended(transfer, CURLE_ABORTED_BY_CALLBACK);
    }
    curl_multi_cleanup(closing->multi); /* NULL is no error */
    curl_global_cleanup();
    uv_close((uv_handle_t *)&closing->timer, free_owner);
}

/* ---- transfers ---- */

int transfer_init(struct transfer *transfer, const char *url, const char *protocols, int64_t timeout_ms) {
    CURL *easy = curl_easy_init();
    if (!easy || curl_easy_setopt(easy, CURLOPT_URL, url) != CURLE_OK ||
        curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, protocols) != CURLE_OK) {
        curl_easy_cleanup(easy);
        return -ERR_NO_MEMORY;
    }
    transfer->easy = easy;
    transfer->fault[0] = '\0';
    curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer->fault);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)timeout_ms);
    /* One file of certificates and no directory: only so libcurl reads it once for all connections, and trusts no others
     * beside a file that is set. */
    curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
    /* A name that nobody resolves must not hold the loop when its transfer ends. */
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
    return 0;
}

int curl_loop_begin(struct curl_loop *curl_loop, struct transfer *transfer) {
    if (multi_make(curl_loop) < 0 || curl_multi_add_handle(curl_loop->multi, transfer->easy) != CURLM_OK) {
        return -ERR_NO_MEMORY;
    }
    transfer->previous = NULL;
    transfer->next = curl_loop->first;
    if (curl_loop->first) {
        curl_loop->first->previous = transfer;
    }
    curl_loop->first = transfer;
    return 0;
}

void curl_loop_end(struct curl_loop *curl_loop, struct transfer *transfer) {
    curl_multi_remove_handle(curl_loop->multi, transfer->easy);
    curl_easy_cleanup(transfer->easy);
    transfer->easy = NULL;
    *(transfer->previous ? &transfer->previous->next : &curl_loop->first) = transfer->next;
    if (transfer->next) {
        transfer->next->previous = transfer->previous;
    }
}

enum outcome transfer_outcome(CURLcode code, bool sent) {
    if (sent) {
        return OUTCOME_UNKNOWN;
    }
    switch (code) {
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_URL_MALFORMAT:
    case CURLE_NOT_BUILT_IN:
    case CURLE_USE_SSL_FAILED:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_LOGIN_DENIED:
    case CURLE_AUTH_ERROR:
        return OUTCOME_MISCONFIGURED;
    default:
        return OUTCOME_RETRY;
    }
}

const char *transfer_words(const struct transfer *transfer, CURLcode code) {
    return transfer->fault[0] != '\0' ? transfer->fault : curl_easy_strerror(code);
}
