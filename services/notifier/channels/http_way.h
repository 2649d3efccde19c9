/* A way to a provider by HTTP: a kind (http_kind.h) with our account at it. Loop thread only. */
#pragma once

#include "services/notifier/channels/http_kind.h"

struct http_way;

/* NULL in `*way` where its address is not set. -ERR_BAD_SETTING. Blocks for reading the secret's file. */
int http_way_open(struct http_way **way, const struct http_kind *kind, struct curl_loop *curl_loop,
                  const struct config *config, struct error *error);

/* A robot's, whose account is copied. */
int http_way_open_robot(struct http_way **way, const struct http_kind *kind, struct curl_loop *curl_loop,
                        const struct config *config, const struct account *account, struct error *error);

/* After curl_loop_close(): nothing is under way any more. Wipes the secret. */
void http_way_close(struct http_way **way);

const struct http_kind *http_way_kind(const struct http_way *way);
const char *http_way_name(const struct http_way *way); /* the kind's, or the robot's own */

/* 0: under way, `done` will run. 1: never under way, `refusal` says why. -ERR_NO_MEMORY. */
int http_way_send(struct http_way *way, const struct channel_message *message, channel_done done, void *data,
                  struct channel_result *refusal);

/* It has answered, or not: the attempts that it knows were added. */
typedef void (*http_way_found)(void *data, bool answered);

/* Question number `step` about a message: 0 under way, `found` will run; 1 there are no more, or it cannot be asked.
 * -ERR_NO_MEMORY. `inquiry` and `findings` are borrowed until then. */
int http_way_ask(struct http_way *way, const struct channel_inquiry *inquiry, int step,
                 struct channel_findings *findings, http_way_found found, void *data);
