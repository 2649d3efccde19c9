/* JSON both ways, by the same shapes as MessagePack.
 *
 * Ids are UUID text, dates YYYY-MM-DD, times milliseconds, hashes hex, bytes base64, words their wire words. Events
 * read and write the same keys as MessagePack (v, id, type, unit, at, by, cause, body, side). A client may leave out
 * v, id and at: the portal fills them (id from id_new); the receipt tells the id. Library: jansson, with
 * JSON_REJECT_DUPLICATES. Most events are read without it: json_quick.h. Nothing blocks.
 */
#pragma once

#include <jansson.h>

#include "common/arena.h"
#include "proto/codec.h"

/* A new reference, or NULL when there is no memory. Of an event the fields of intake stand in it when `seq` is set;
 * event->body must not be NULL. */
json_t *json_from_shape(const struct shape *shape, const void *value);
json_t *json_from_event(const struct event *event, bool with_side);

/* Appends a shape as text: what json_from_shape gives, written without spaces. Its texts must be valid UTF-8, as
 * decoding leaves them. Out of memory: `out` has failed. */
void json_write_shape(const struct shape *shape, const void *value, struct buffer *out);

/* What stands in an event where its client left it out. Empty texts stand for nothing. */
struct json_given {
    int64_t now; /* ms; the time of an id of version 7 goes before, so that a repeat without `at` is the same event */
    struct text unit;
    struct text by;
};

/* As codec_decode and codec_decode_event, from a parsed document. Text views borrow from `json` and `given`, everything
 * else is in `arena`; they must outlive the result. */
int json_to_shape(const struct shape *shape, json_t *json, struct arena *arena, void *value, struct faults *faults);
int json_to_event(json_t *json, const struct json_given *given, struct arena *arena, struct event *event,
                  struct faults *faults);

#define JSON_DEPTH_MAX (EVENT_DEPTH_MAX + 2)
#define JSON_CONTAINERS_MAX 100000 /* objects and arrays in one document: they cost most memory */
#define JSON_VALUES_MAX 500000

/* Parses untrusted text: an array or object of at most FRAME_BYTES_MAX, nested at most JSON_DEPTH_MAX deep, with valid
 * UTF-8 and no repeated keys. Size, depth and counts are checked before anything is allocated. A new reference, or
 * NULL with `error`. */
json_t *json_parse(struct text bytes, struct error *error);
