/* One HTTP request to a provider, on curl_loop: asked once, never sent again in silence, redirects not followed. */
#pragma once

#include "proto/codec.h"
#include "services/notifier/channels/curl_loop.h"

/* What is asked. Zero-initialised it is empty. */
struct http_ask {
    struct buffer url; /* terminated */
    struct buffer body;
    struct curl_slist *headers;
    bool post; /* with `body`; else GET */
    bool failed;
};

/* Appends "name: value", which hold no line's end. Not enough memory is `ask->failed`. */
void http_ask_header(struct http_ask *ask, const char *name, const char *value);

/* A POST of JSON to the address as it stands; the same of failures. */
void http_ask_post_json(struct http_ask *ask, const char *url);

/* Whether something could not be written. */
bool http_ask_failed(const struct http_ask *ask);

/* Wipes it: passwords may stand in it. */
void http_ask_free(struct http_ask *ask);

/* What came. */
struct http_answer {
    long status;          /* 0: no answer */
    enum outcome outcome; /* without an answer */
    struct text words;    /* the body, or why there was no answer; borrowed */
};

typedef void (*http_ended)(void *data, const struct http_answer *answer);

/* Takes what stands in `ask`, also when it fails. `ended` runs once, later, on the loop. -ERR_NO_MEMORY: never. */
int http_request(struct curl_loop *curl_loop, struct http_ask *ask, int64_t timeout_ms, http_ended ended, void *data);
