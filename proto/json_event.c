/* Events from JSON, and whole shapes. */
#include "proto/event_codec.h"
#include "proto/json.h"
#include "proto/json_reader.h"

int json_to_shape(const struct shape *shape, json_t *json, struct arena *arena, void *value, struct faults *faults) {
    faults_clear(faults);
    struct json_reader reader = {arena, faults, false};
    struct map_rules rules = {.allowed = UINT64_MAX, .required = shape->required_fields};
    memset(value, 0, shape->size);
    json_read_map(&reader, shape, rules, json, NULL, value);
    return reader.no_memory ? -ERR_NO_MEMORY : faults_to_error(faults, NULL);
}

static void read_part(struct json_reader *reader, const struct shape *shape, const json_t *json, bool side,
                      void *value) {
    struct field_path path = {.name = side ? text_of("side") : text_of("body")};
    struct map_rules rules = rules_of_part(shape, side);
    if (json_is_object(json)) {
        json_read_map(reader, shape, rules, json, &path, value);
    } else if (!json && side) {
        validate_missing(shape, rules.required, &path, reader->faults);
    }
}

static void read_content(struct json_reader *reader, json_t *json, struct event *event) {
    const struct shape *shape = event_row(event->type)->body;
    event->body = arena_alloc(reader->arena, sizeof *event->body);
    if (!event->body) {
        reader->no_memory = true;
        faults_add(reader->faults, ERR_NO_MEMORY, NULL, NULL, (struct text){0});
        return;
    }
    read_part(reader, shape, json_object_get(json, "body"), false, event->body);
    read_part(reader, shape, json_object_get(json, "side"), true, event->body);
    event->has_side = (*(const uint64_t *)event->body & shape->side_fields) != 0;
    validate_event(event, reader->faults);
}

/* An id of version 7 says when it was made (RFC 9562, 5.7): its event is the same whenever it is sent again. */
static int64_t time_of_id(const struct id *id, int64_t now) {
    int64_t at = 0;
    for (int i = 0; i < 6; i++) {
        at = at << 8 | id->bytes[i];
    }
    return id->bytes[6] >> 4 == 7 ? at : now;
}

/* What the client left out; what it gave wrongly stays a fault. */
static void fill_in(const json_t *json, int64_t now, struct wire_envelope *envelope) {
    if (!json_object_get(json, "v")) {
        envelope->v = EVENT_VERSION;
        envelope->present |= ENVELOPE_BIT(v);
    }
    if (!json_object_get(json, "id")) {
        envelope->id = id_new(now);
        envelope->present |= ENVELOPE_BIT(id);
    }
    if (!json_object_get(json, "at")) {
        envelope->at = time_of_id(&envelope->id, now);
        envelope->present |= ENVELOPE_BIT(at);
    }
}

int json_to_event(json_t *json, int64_t now, struct arena *arena, struct event *event, struct faults *faults) {
    faults_clear(faults);
    struct json_reader reader = {arena, faults, false};
    struct wire_envelope envelope = {0};
    struct map_rules rules = rules_of_client_envelope();
    rules.required &= ~(ENVELOPE_BIT(v) | ENVELOPE_BIT(id) | ENVELOPE_BIT(at));
    json_read_map(&reader, shape_of(SHAPE_envelope), rules, json, NULL, &envelope);
    if (json_is_object(json)) {
        fill_in(json, now, &envelope);
    }
    envelope_into_event(&envelope, event);
    envelope_judge(&envelope, faults);
    if (event->type != EVENT_TYPE_COUNT && event_row(event->type)->served) {
        read_content(&reader, json, event);
    }
    return reader.no_memory ? -ERR_NO_MEMORY : faults_to_error(faults, NULL);
}
