/* libcurl's multi interface on a libuv loop: transfers that run beside each other and block nobody.
 *
 * Loop thread only. A transfer is embedded by who owns it and must stay where it is until it has ended.
 */
#pragma once

#include <curl/curl.h>
#include <uv.h>

#include "services/notifier/channels/channel.h"

struct curl_loop;
struct transfer;

/* The transfer has ended; `code` is libcurl's. The handle is still the transfer's: its facts can be asked for, and
 * curl_loop_end() is called when they are no longer needed. Others may be begun from here. */
typedef void (*transfer_ended)(struct transfer *transfer, CURLcode code);

struct transfer {
    CURL *easy;
    transfer_ended ended;
    char fault[CURL_ERROR_SIZE]; /* libcurl's words, "" where it has none */
    struct transfer *next;       /* of those that curl_loop holds */
    struct transfer *previous;
};

int curl_loop_open(struct curl_loop **curl_loop, uv_loop_t *loop, struct error *error);

/* Every transfer that has not ended ends with CURLE_ABORTED_BY_CALLBACK now, and must be given back by
 * curl_loop_end() in that call or before. The handles close when the loop runs next. */
void curl_loop_close(struct curl_loop **curl_loop);

/* A new handle in `transfer`, with what holds for all of ours: no signals, no proxy, no other protocol than those of
 * `protocols` ("http,https"), no longer than `timeout_ms`. -ERR_NO_MEMORY. */
int transfer_init(struct transfer *transfer, const char *url, const char *protocols, int64_t timeout_ms);

/* Begins it; `ended` runs later, on the loop. -ERR_NO_MEMORY. */
int curl_loop_begin(struct curl_loop *curl_loop, struct transfer *transfer);

/* Takes it out, whether it has ended or not, and frees the handle; `ended` does not run any more. Not from within
 * libcurl's own callbacks. */
void curl_loop_end(struct curl_loop *curl_loop, struct transfer *transfer);

/* What the end of a transfer without any answer means; `sent`: bytes of the message had gone out. Pure. */
enum outcome transfer_outcome(CURLcode code, bool sent);

/* libcurl's own words for it. */
const char *transfer_words(const struct transfer *transfer, CURLcode code);
