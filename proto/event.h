/* An event: the envelope around a body, as clients send it and as the journal keeps it.
 *
 * On the wire it is a MessagePack map: v, id, type, unit, at, by, cause, body, side. Intake adds seq, received_at,
 * source, what contradicted itself and, in place of the side, its commitment `side_hash`. `body` holds the HEAD fields of the type's shape and
 * `side` its SIDE fields; decoded, both fill the one struct in `body`.
 */
#pragma once

#include "proto/shape.h"

#define EVENT_VERSION 1
#define EVENT_BYTES_MAX 65536 /* one event on the wire */
#define EVENT_DEPTH_MAX 8
#define EVENT_UNIT_MAX 100
#define EVENT_BY_MAX 32
#define EVENT_SOURCE_MAX 80
#define FRAME_BYTES_MAX (8 * 1024 * 1024) /* one submit frame, one HTTP body */
#define FRAME_EVENTS_MAX 1000

enum event_type {
#define EVENT(name, wire, body, served, who, prose) EVENT_##name,
#include "proto/tables/event_types.def"
#undef EVENT
    EVENT_TYPE_COUNT
};

struct event_row {
    const char *wire; /* "report.submitted" */
    const struct shape *body;
    bool served;
    enum role who; /* least role that may submit it */
    const char *prose;
};

const struct event_row *event_row(enum event_type type);
int event_type_find(struct text wire); /* enum event_type or -1 */

/* The rule of the notifier's alarms about itself: nobody sets it. */
#define RULE_SELF_WATCH "self-watch"

/* The notifier alone says so, and none of its rules ever follows it: delivery.updated, alert.raised, alert.cleared. */
bool event_is_of_notifier(enum event_type type);

union event_body {
#define SHAPE_UNION(shape, FIELDS) struct wire_##shape shape;
    BODY_SHAPES(SHAPE_UNION)
#undef SHAPE_UNION
};

/* The bytes that an event was decoded from, where they were canonical (codec_read_frame). */
struct event_bytes {
    struct text pairs; /* of the envelope up to the end of the body, without the map's header; .data NULL: none kept */
    uint32_t count;    /* of these pairs */
    struct text side;  /* the side's map; empty when there is none */
};

struct event {
    struct id id;
    enum event_type type;
    struct text unit; /* path */
    int64_t at;       /* ms since 1970 UTC */
    struct text by;   /* actor's number; absent: .data NULL */
    bool has_cause;
    struct id cause;
    union event_body *body; /* in the arena; the member is named by event_row(type)->body */
    bool has_side;          /* the side was there (a consumer without the right never sees one) */

    /* what intake adds; zero before */
    uint64_t seq;
    int64_t received_at;
    struct text source;    /* "client:NAME" or "account:NAME" */
    struct hash side_hash; /* commitment: SHA-256(salt || canonical side); zero when the event has no side */
    int64_t warnings;      /* a bit per enum warning_code */

    struct event_bytes kept; /* encoding copies them: who changes a field above drops them */
};
