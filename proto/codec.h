/* The MessagePack codec: shapes and events to bytes and back.
 *
 * Decoding works on untrusted bytes: it walks a bounded cursor, never trusts a count that could not fit into the
 * bytes left, refuses depth over EVENT_DEPTH_MAX, repeated keys, invalid UTF-8, unknown fields and trailing bytes,
 * and names every fault of the fields (a fault of the encoding itself stops the walk, being the last that can be
 * said). Text views borrow from `bytes`; lists and bodies are in `arena`; both must outlive the result.
 *
 * Encoding is canonical: fields in table order, absent ones left out, shortest integers. Two equal values give equal
 * bytes. Source of the format: the MessagePack specification (github.com/msgpack/msgpack/blob/master/spec.md).
 * Nothing blocks. Not enough memory is ERR_NO_MEMORY.
 */
#pragma once

#include "common/arena.h"
#include "proto/event.h"
#include "proto/faults.h"

/* A buffer that grows; zero-initialised is empty. codec_buffer_free releases it and makes it empty again. */
struct buffer {
    uint8_t *data;
    size_t length;
    size_t capacity;
    bool failed; /* no memory: what was written since is lost */
};

void buffer_append(struct buffer *buffer, const void *data, size_t length);
void *buffer_extend(struct buffer *buffer, size_t length); /* room at its end, for the caller to fill; NULL: failed */
void buffer_append_string(struct buffer *buffer, const char *string); /* without its terminator */
void buffer_clear(struct buffer *buffer);                             /* keeps the memory */
void buffer_free(struct buffer *buffer);

/* ---- whole shapes (messages between services) ---- */

/* Appends one map to `out`. Returns 0 or -ERR_NO_MEMORY. */
int codec_encode(const struct shape *shape, const void *value, struct buffer *out);

/* Decodes exactly one map that fills `bytes`. HEAD and SIDE fields both stand in this one map. `value` is zeroed and
 * `faults` emptied first. Returns 0, or -code of the first fault with all of them in `faults`; -ERR_NO_MEMORY whenever
 * that is among them. */
int codec_decode(const struct shape *shape, struct text bytes, struct arena *arena, void *value, struct faults *faults);

/* Receipts as codec_encode writes the shape `receipts`. Neighbours that differ in id and seq alone, as those of one block
 * do, are copied. */
int codec_encode_receipts(const struct wire_receipt *receipts, uint32_t count, struct buffer *out);

/* ---- events ---- */

/* What of an event goes into the bytes. */
enum event_part {
    PART_CLIENT, /* as a client sends it: body and side, nothing of intake's */
    PART_HEAD,   /* as the journal's head keeps it: body and what intake adds; no side */
    PART_SIDE    /* the side map alone (canonical bytes for the commitment); empty output when it has none */
};

/* The side is encoded where fields of it are there, whatever `has_side` says. */
int codec_encode_event(const struct event *event, enum event_part part, struct buffer *out);

/* Decodes one client event that fills `bytes`: structure, envelope, and every field's limits and the cross-field
 * rules of validate.h. `event` is filled as far as it could be read (id, so that a receipt can name it). Fields of
 * intake (seq, received_at, source, side_hash, warnings) are refused. A type that is not served is ERR_NOT_YET, whatever the body.
 * `faults` is emptied first; the result is as of codec_decode. */
int codec_decode_event(struct text bytes, struct arena *arena, struct event *event, struct faults *faults);

/* Decodes one journal head at the start of `bytes` (more may follow); `*used` gets its length. `side` is the
 * canonical side map or empty. Trusts the limits but not the encoding: a damaged head is an error, not a crash.
 * Types and fields that this build does not know are skipped (type EVENT_TYPE_COUNT, body NULL). */
int codec_decode_head(struct text bytes, struct text side, struct arena *arena, struct event *event, size_t *used,
                      struct error *error);

/* Splits a submit frame: one event map, or an array of at most FRAME_EVENTS_MAX of them, into views without decoding
 * them. The walk checks depth and counts of the whole frame; what is wrong inside one event (its UTF-8 too) is a fault
 * of that event when it is decoded, so that the others can be kept. `*events` is an arena array. */
int codec_split_frame(struct text bytes, struct arena *arena, struct text **events, uint32_t *count,
                      struct error *error);

/* An event of a frame. */
struct frame_event {
    struct text bytes;
    bool is_read; /* its bytes were canonical and all is in order: `event` is what codec_decode_event would give */
    struct event event; /* with its own bytes kept */
};

/* Splits a submit frame as codec_split_frame does, in one walk that also decodes the events whose bytes are canonical.
 * The others are still to be decoded, with codec_decode_event. `*events` is an arena array; what no longer fits into
 * the arena is not decoded. */
int codec_read_frame(struct text bytes, struct arena *arena, struct frame_event **events, uint32_t *count,
                     struct error *error);

/* Checks that `bytes` is exactly one well-formed value: depth (at most 16), counts, UTF-8, keys that are strings, no
 * floats and no extensions; no allocation. */
int codec_walk(struct text bytes, unsigned depth_max, struct error *error);

#define SIDE_SALT_BYTES 16

/* The sides of a block: an array with, per event, [salt 16 bytes, side map] or nil. Splits it into `count` salts and
 * views (empty where nil). */
int codec_split_sides(struct text bytes, struct arena *arena, uint32_t count, struct text **salts, struct text **sides,
                      struct error *error);
void codec_join_sides(const struct text *salts, const struct text *sides, uint32_t count, struct buffer *out);
