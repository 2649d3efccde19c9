/* Admission: whether an event may be kept, as far as it takes the directory, the speaker's rights, the clock and
 * earlier events to know. Structure, limits and rules within the event were checked by the decoder.
 *
 * Pure: what is asked of the journal goes through the look-ups, which a test can answer.
 */
#pragma once

#include "proto/event.h"
#include "proto/faults.h"
#include "proto/life.h"
#include "services/intake/directory.h"
#include "services/intake/identity.h"

/* What is known of an earlier event, stored or waiting for its commit. */
struct known {
    uint64_t seq;
    enum event_type type; /* EVENT_TYPE_COUNT: a type of a later version */
    bool joins;           /* a report that is its squad's share of another activity */
    char unit[EVENT_UNIT_MAX + 1];
};

/* Each returns 1 (yes), 0 (no) or, when the journal cannot be read, -code. Events come without their sides; their views
 * live until the next look-up. */
struct admit_lookups {
    void *data;
    int (*known)(void *data, const struct id *id, struct known *known);
    int (*state)(void *data, const struct id *id, enum life_state *state); /* of what the event `id` began */
    int (*event)(void *data, const struct id *id, struct event *event);
    /* The last event before `before` (a seq) that told of the subject (marks.h). */
    int (*last)(void *data, const struct id *subject, uint64_t before, struct event *event);
    /* The last event of what has a name: a version of a scheme, an assessment (marks.h). */
    int (*last_named)(void *data, const struct id *name, struct event *event);
    int (*merged)(void *data, const struct id *activity, struct id *into);
};

struct admit_context {
    const struct directory *directory;
    const struct identity *identity;
    int64_t now;        /* ms since 1970 UTC */
    int64_t ahead_ms;   /* how far an event's time may lie ahead of `now` */
    int32_t utc_offset; /* of the brigade's days, in minutes */
    const struct admit_lookups *lookups;
    const uint8_t *token_key; /* TOKEN_KEY_BYTES */
    struct text token;        /* that came with an attendance */
};

/* 0: decided, and it may be kept when `faults` is empty. < 0: a look-up failed, nothing is decided. */
int admit(const struct admit_context *context, const struct event *event, struct faults *faults);
