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

/* The fields of the envelope that the client left out; what it gave wrongly stays a fault. */
static uint64_t absent_from(const json_t *json) {
    const struct shape *shape = shape_of(SHAPE_envelope);
    uint64_t absent = 0;
    for (uint32_t i = 0; i < shape->field_count; i++) {
        absent |= (uint64_t)!json_object_get(json, shape->fields[i].name) << i;
    }
    return absent;
}

int json_to_event(json_t *json, const struct json_given *given, struct arena *arena, struct event *event,
                  struct faults *faults) {
    faults_clear(faults);
    struct json_reader reader = {arena, faults, false};
    struct wire_envelope envelope = {0};
    struct map_rules rules = rules_of_client_envelope();
    rules.required &= ~(ENVELOPE_BIT(v) | ENVELOPE_BIT(id) | ENVELOPE_BIT(at));
    rules.required &= given->unit.length > 0 ? ~ENVELOPE_BIT(unit) : UINT64_MAX;
    json_read_map(&reader, shape_of(SHAPE_envelope), rules, json, NULL, &envelope);
    if (json_is_object(json)) {
        envelope_fill(&envelope, absent_from(json), given);
    }
    envelope_into_event(&envelope, event);
    envelope_judge(&envelope, faults);
    if (event->type != EVENT_TYPE_COUNT && event_row(event->type)->served) {
        read_content(&reader, json, event);
    }
    return reader.no_memory ? -ERR_NO_MEMORY : faults_to_error(faults, NULL);
}
