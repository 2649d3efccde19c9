/* The request `open`, with which a consumer begins: how it is written, and whether the journal goes on from its place. */
#pragma once

#include "common/stream/consumer.h"
#include "common/stream/server.h"

/* ---- intake's side ---- */

/* Reads the request and judges it: rights, and the position against the journal. 0, or -code with `error`. */
int opening_check(const struct stream_server_options *options, const struct request *request, struct arena *arena,
                  struct wire_stream_open *open, struct position *position, struct error *error);

/* Answers `opened`. Results as bus_send. */
int opening_grant(const struct reply_to *to, const struct position *head);

/* ---- the consumer's side ---- */

/* Encodes a request that says what the options do and opens at `position`. 0 or -ERR_NO_MEMORY. */
int opening_write(const struct consumer_options *options, const struct position *position, struct buffer *out);
