/* Test vectors: sampled events with a fixed seed, and hostile inputs written out. */
#include "proto/vectors.h"

#include <sodium.h>
#include <stdlib.h>

#include "proto/codec.h"
#include "proto/json.h"
#include "proto/sample.h"

#define EVENTS_PER_TYPE 3
#define SEED UINT64_C(20200623)
#define ARENA_BYTES (1024 * 1024)

static json_t *hex_to_json(const void *bytes, size_t length) {
    char *hex = malloc(2 * length + 1);
    if (!hex) {
        return NULL;
    }
    sodium_bin2hex(hex, 2 * length + 1, bytes, length);
    json_t *json = json_string(hex);
    free(hex);
    return json;
}

static json_t *event_vector(const struct event *event) {
    struct buffer bytes = {0};
    json_t *vector = NULL;
    if (codec_encode_event(event, PART_CLIENT, &bytes) == 0) {
        vector = json_pack("{s:s, s:o, s:o}", "type", event_row(event->type)->wire, "json",
                           json_from_event(event, true), "msgpack", hex_to_json(bytes.data, bytes.length));
    }
    buffer_free(&bytes);
    return vector;
}

static bool append_type(json_t *events, enum event_type type, struct arena *arena) {
    struct sampler sampler = {.state = SEED + (uint64_t)type, .arena = arena};
    for (int i = 0; i < EVENTS_PER_TYPE; i++) {
        struct event event;
        sample_event(&sampler, type, &event);
        if (sampler.failed || json_array_append_new(events, event_vector(&event)) != 0) {
            return false;
        }
        arena_reset(arena);
    }
    return true;
}

json_t *vectors_events(void) {
    struct arena *arena = arena_create(ARENA_BYTES);
    json_t *events = arena ? json_array() : NULL;
    for (int type = 0; events && type < EVENT_TYPE_COUNT; type++) {
        if (event_row((enum event_type)type)->served && !append_type(events, (enum event_type)type, arena)) {
            json_decref(events);
            events = NULL;
        }
    }
    arena_destroy(&arena);
    return events;
}

static json_t *message_vector(const struct shape *shape, struct arena *arena) {
    struct sampler sampler = {.state = SEED, .arena = arena};
    void *value = arena_alloc(arena, shape->size);
    struct buffer bytes = {0};
    json_t *vector = NULL;
    if (value) {
        sample_shape(&sampler, shape, UINT64_MAX, value);
        if (!sampler.failed && codec_encode(shape, value, &bytes) == 0) {
            vector = json_pack("{s:s, s:o, s:o}", "shape", shape->name, "json", json_from_shape(shape, value),
                               "msgpack", hex_to_json(bytes.data, bytes.length));
        }
    }
    buffer_free(&bytes);
    arena_reset(arena);
    return vector;
}

json_t *vectors_messages(void) {
    static const enum shape_index messages[] = {
#define MESSAGE_INDEX(shape, FIELDS) SHAPE_##shape,
        MESSAGE_SHAPES(MESSAGE_INDEX)
#undef MESSAGE_INDEX
    };
    struct arena *arena = arena_create(ARENA_BYTES);
    json_t *vectors = arena ? json_array() : NULL;
    for (size_t i = 0; vectors && i < sizeof messages / sizeof *messages; i++) {
        if (json_array_append_new(vectors, message_vector(shape_of(messages[i]), arena)) != 0) {
            json_decref(vectors);
            vectors = NULL;
        }
    }
    arena_destroy(&arena);
    return vectors;
}

struct hostile {
    const char *what;
    const char *door;
    const char *bytes;
    size_t length;
    enum error_code code;
    const char *field;
};

/* The pieces of hostile.def: an event that would be good, apart. */
#define FIVE "\x85"
#define SIX "\x86"
#define SEVEN "\x87"
#define V "\xA1v\x01"
#define ID \
    "\xA2id\xC4\x10" \
    "0123456789abcdef"
#define TYPE "\xA4type\xABsetting.set"
#define UNIT "\xA4unit\xA7haining"
#define AT \
    "\xA2" \
    "at\x01"
#define NAME "\xA4name\xA9month-due"
#define VALUE \
    "\xA5value\xA1" \
    "5"
#define BODY_OF(pairs) \
    "\xA4" \
    "body" pairs
#define BODY BODY_OF("\x82" NAME VALUE)
#define TEN(bytes) bytes bytes bytes bytes bytes bytes bytes bytes bytes bytes

#define FRAME "frame"
#define AN_EVENT "event"

static const struct hostile hostile[] = {
#define HOSTILE(what, door, bytes, code, field) {what, door, bytes, sizeof(bytes) - 1, ERR_##code, field},
#include "proto/tables/hostile.def"
#undef HOSTILE
};

json_t *vectors_hostile(void) {
    json_t *vectors = json_array();
    for (size_t i = 0; vectors && i < sizeof hostile / sizeof *hostile; i++) {
        const struct hostile *row = &hostile[i];
        json_t *vector =
            json_pack("{s:s, s:s, s:s, s:s, s:o}", "what", row->what, "door", row->door, "error", error_wire(row->code),
                      "field", row->field, "hex", hex_to_json(row->bytes, row->length));
        if (json_array_append_new(vectors, vector) != 0) {
            json_decref(vectors);
            vectors = NULL;
        }
    }
    return vectors;
}
