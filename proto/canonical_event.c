/* Reading canonical events: the envelope, and body and side where they stand in it. */
#include "proto/canonical.h"
#include "proto/event_codec.h"

/* An event that is being read. */
struct reading {
    struct wire_envelope envelope;
    enum event_type type;
    union event_body *body; /* NULL before the type is known */
    struct event_bytes kept;
};

/* The type stands before the body: its shape is known when the body comes. */
static bool begin_body(struct canonical *self, struct reading *reading) {
    int type = event_type_find(reading->envelope.type);
    if (type < 0 || !(self->trusted || event_row((enum event_type)type)->served)) {
        return false;
    }
    reading->type = (enum event_type)type;
    reading->body = arena_alloc(self->arena, sizeof *reading->body);
    return reading->body != NULL;
}

/* A side that holds nothing is left out when it is encoded. */
static bool take_part(struct canonical *self, enum event_type type, bool side, union event_body *body) {
    const struct shape *shape = event_row(type)->body;
    struct map_rules rules = rules_of_part(shape, side);
    return canonical_map(self, shape, rules.allowed, rules.required, body) &&
           (!side || (*(const uint64_t *)body & shape->side_fields) != 0);
}

static bool take_body(struct canonical *self, struct reading *reading) {
    wire_set(&reading->envelope.present, FIELD_envelope_body);
    return begin_body(self, reading) && take_part(self, reading->type, false, reading->body);
}

static bool take_side(struct canonical *self, struct reading *reading) {
    const uint8_t *start = self->cursor.at;
    if (!reading->body || !take_part(self, reading->type, true, reading->body)) {
        return false;
    }
    reading->kept.side = (struct text){(const char *)start, (uint32_t)(self->cursor.at - start)};
    return true;
}

static bool take_pair(struct canonical *self, struct reading *reading, uint64_t *fields) {
    const struct shape *shape = shape_of(SHAPE_envelope);
    const struct field *field = canonical_key(self, shape, fields);
    if (!field) {
        return false;
    }
    switch (field - shape->fields) {
    case FIELD_envelope_body:
        return take_body(self, reading);
    case FIELD_envelope_side:
        return take_side(self, reading);
    default:
        return canonical_member(self, shape, field, &reading->envelope);
    }
}

static bool take_envelope(struct canonical *self, struct reading *reading, uint64_t fields, uint64_t required) {
    uint32_t count;
    if (!canonical_pairs(self, &count)) {
        return false;
    }
    const uint8_t *start = self->cursor.at;
    for (uint32_t i = 0; i < count; i++) {
        if (!take_pair(self, reading, &fields)) {
            return false;
        }
        if (!reading->kept.pairs.data && reading->body) {
            reading->kept.pairs = (struct text){(const char *)start, (uint32_t)(self->cursor.at - start)};
            reading->kept.count = i + 1;
        }
    }
    return (required & ~reading->envelope.present) == 0 && reading->envelope.v == EVENT_VERSION;
}

static void finish(const struct reading *reading, struct event *event) {
    envelope_into_event(&reading->envelope, event);
    event->body = reading->body;
    event->has_side = (*(const uint64_t *)reading->body & event_row(reading->type)->body->side_fields) != 0;
}

/* Whether the side that must be there is. */
static bool side_is_complete(const struct reading *reading) {
    struct map_rules rules = rules_of_part(event_row(reading->type)->body, true);
    return (rules.required & ~*(const uint64_t *)reading->body) == 0;
}

bool canonical_event(struct canonical *self, struct event *event) {
    struct reading reading = {.type = EVENT_TYPE_COUNT};
    const uint8_t *start = self->cursor.at;
    struct map_rules rules = rules_of_client_envelope();
    if (!take_envelope(self, &reading, rules.allowed, rules.required) || !side_is_complete(&reading) ||
        self->cursor.at - start > EVENT_BYTES_MAX) {
        return false;
    }
    finish(&reading, event);
    event->kept = reading.kept;
    validate_event(event, self->faults);
    return !faults_any(self->faults);
}

/* All of `side`, which stands apart; the cursor stays where it is. */
static bool take_side_apart(struct canonical *self, const struct reading *reading, struct text side) {
    struct cursor before = self->cursor;
    self->cursor = cursor_of(side);
    bool taken = take_part(self, reading->type, true, reading->body) && cursor_left(&self->cursor) == 0;
    self->cursor = before;
    return taken;
}

bool canonical_head(struct canonical *self, struct text side, struct event *event) {
    struct reading reading = {.type = EVENT_TYPE_COUNT};
    struct map_rules rules = rules_of_head();
    if (!take_envelope(self, &reading, rules.allowed, rules.required) ||
        (side.length > 0 && !take_side_apart(self, &reading, side))) {
        return false;
    }
    finish(&reading, event);
    return true;
}
