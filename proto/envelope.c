/* The envelope as a shape's struct, from an event and into it. */
#include <inttypes.h>
#include <stdio.h>

#include "proto/event_codec.h"
#include "proto/faults.h"
#include "proto/json.h"

void envelope_add_intake(const struct event *event, struct wire_envelope *envelope) {
    envelope->seq = (int64_t)event->seq;
    envelope->received_at = event->received_at;
    envelope->source = event->source;
    envelope->side_hash = event->side_hash;
    envelope->present |= ENVELOPE_BIT(seq) | ENVELOPE_BIT(received_at) | ENVELOPE_BIT(source);
    if (!hash_is_zero(&event->side_hash)) {
        envelope->present |= ENVELOPE_BIT(side_hash);
    }
    envelope->warnings = event->warnings;
    envelope->present |= event->warnings != 0 ? ENVELOPE_BIT(warnings) : 0;
}

void envelope_from_event(const struct event *event, struct wire_envelope *envelope) {
    *envelope = (struct wire_envelope){.v = EVENT_VERSION,
                                       .id = event->id,
                                       .type = text_of(event_row(event->type)->wire),
                                       .unit = event->unit,
                                       .at = event->at,
                                       .by = event->by,
                                       .cause = event->cause};
    envelope->present = ENVELOPE_BIT(v) | ENVELOPE_BIT(id) | ENVELOPE_BIT(type) | ENVELOPE_BIT(unit) | ENVELOPE_BIT(at);
    if (event->by.data) {
        envelope->present |= ENVELOPE_BIT(by);
    }
    if (event->has_cause) {
        envelope->present |= ENVELOPE_BIT(cause);
    }
}

void envelope_into_event(const struct wire_envelope *envelope, struct event *event) {
    int type = event_type_find(envelope->type);
    *event = (struct event){.id = envelope->id,
                            .type = type < 0 ? EVENT_TYPE_COUNT : (enum event_type)type,
                            .unit = envelope->unit,
                            .at = envelope->at,
                            .by = envelope->by,
                            .has_cause = wire_has(envelope->present, FIELD_envelope_cause),
                            .cause = envelope->cause,
                            .seq = (uint64_t)envelope->seq,
                            .received_at = envelope->received_at,
                            .source = envelope->source,
                            .side_hash = envelope->side_hash,
                            .warnings = envelope->warnings};
}

/* An id of version 7 says when it was made (RFC 9562, 5.7): its event is the same whenever it is sent again. */
static int64_t time_of_id(const struct id *id, int64_t now) {
    int64_t at = 0;
    for (int i = 0; i < 6; i++) {
        at = at << 8 | id->bytes[i];
    }
    return id->bytes[6] >> 4 == 7 ? at : now;
}

void envelope_fill(struct wire_envelope *envelope, uint64_t absent, const struct json_given *given) {
    uint64_t filled = absent & (ENVELOPE_BIT(v) | ENVELOPE_BIT(id) | ENVELOPE_BIT(at));
    if (filled & ENVELOPE_BIT(v)) {
        envelope->v = EVENT_VERSION;
    }
    if (filled & ENVELOPE_BIT(id)) {
        envelope->id = id_new(given->now);
    }
    if (filled & ENVELOPE_BIT(at)) {
        envelope->at = time_of_id(&envelope->id, given->now);
    }
    if ((absent & ENVELOPE_BIT(unit)) && given->unit.length > 0) {
        envelope->unit = given->unit;
        filled |= ENVELOPE_BIT(unit);
    }
    if ((absent & ENVELOPE_BIT(by)) && given->by.length > 0) {
        envelope->by = given->by;
        filled |= ENVELOPE_BIT(by);
    }
    envelope->present |= filled;
}

void envelope_judge(const struct wire_envelope *envelope, struct faults *faults) {
    if (wire_has(envelope->present, FIELD_envelope_v) && envelope->v != EVENT_VERSION) {
        char found[24];
        char served[24];
        snprintf(found, sizeof found, "%" PRId64, envelope->v);
        snprintf(served, sizeof served, "%d", EVENT_VERSION);
        faults_add(faults, ERR_BAD_VERSION, "v", served, text_of(found));
    }
    if (wire_has(envelope->present, FIELD_envelope_type)) {
        int type = event_type_find(envelope->type);
        if (type < 0) {
            faults_add(faults, ERR_UNKNOWN_TYPE, "type", NULL, envelope->type);
        } else if (!event_row((enum event_type)type)->served) {
            faults_add(faults, ERR_NOT_YET, "type", NULL, envelope->type);
        }
    }
}

struct map_rules rules_of_client_envelope(void) {
    return (struct map_rules){.allowed = ENVELOPE_OF_CLIENT,
                              .required = shape_of(SHAPE_envelope)->required_fields,
                              .elsewhere = "the journal, where intake puts it"};
}

struct map_rules rules_of_head(void) {
    return (struct map_rules){
        .allowed = UINT64_MAX & ~ENVELOPE_BIT(side),
        .required = ENVELOPE_BIT(v) | ENVELOPE_BIT(id) | ENVELOPE_BIT(type) | ENVELOPE_BIT(unit) | ENVELOPE_BIT(at) |
                    ENVELOPE_BIT(body) | ENVELOPE_BIT(seq) | ENVELOPE_BIT(received_at) | ENVELOPE_BIT(source),
        .elsewhere = "the side",
    };
}

struct map_rules rules_of_part(const struct shape *shape, bool side) {
    uint64_t fields = side ? shape->side_fields : ~shape->side_fields;
    return (struct map_rules){
        .allowed = fields, .required = shape->required_fields & fields, .elsewhere = side ? "body" : "side"};
}
