/* A way: one provider of a channel with its breaker. Loop thread only. */
#pragma once

#include "services/notifier/channels/breaker.h"
#include "services/notifier/channels/email.h"
#include "services/notifier/channels/http_way.h"

/* Either `http` or `email`; owned. */
struct way {
    enum channel channel;
    const char *name; /* "kannel", "smtp", of a robot its own */
    struct http_way *http;
    struct email *email;
    struct breaker breaker;
    struct way *next; /* of the same channel, lower in rank */
};

/* The first way of a channel, in the order of rank; NULL: not configured. */
const struct way *channels_ways(const struct channels *channels, enum channel channel);

/* How long until it takes a message, ms. */
int64_t way_pause(const struct way *way);

/* Hands it over: results as of http_way_send. */
int way_send(struct way *way, const struct channel_message *message, channel_done done, void *data,
             struct channel_result *refusal);

/* Notes what came of it; a breaker that opens is an error in the log, one that closes is told too. */
void way_note(struct way *way, const struct channel_result *result, const struct breaker_rules *rules,
              const struct log *log);

/* NULL in `*way`: nothing. Gives `http` back; `email` was closed before. */
void way_destroy(struct way **way);
