/* Events to bytes and back: the envelope, and body and side by the shape of the type. */
#include <stdio.h>

#include "proto/canonical.h"
#include "proto/codec.h"
#include "proto/decode.h"
#include "proto/encode.h"
#include "proto/event_codec.h"
#include "proto/validate.h"

#define BODY_NAME ((struct text){"body", 4})
#define SIDE_NAME ((struct text){"side", 4})

static bool holds_side(const struct event *event) {
    return encode_count(event_row(event->type)->body->side_fields, event->body) > 0;
}

/* The pairs that clients and the journal share: the envelope up to the body, and the body. */
static uint32_t count_pairs(const struct event *event, const struct wire_envelope *envelope) {
    return event->kept.pairs.data ? event->kept.count : encode_count(ENVELOPE_OF_CLIENT, envelope) + 1;
}

static void encode_pairs(msgpack_packer *packer, const struct event *event, const struct wire_envelope *envelope) {
    if (event->kept.pairs.data) {
        buffer_append(packer->data, event->kept.pairs.data, event->kept.pairs.length);
        return;
    }
    const struct shape *shape = event_row(event->type)->body;
    encode_fields(packer, shape_of(SHAPE_envelope), ENVELOPE_OF_CLIENT, envelope);
    encode_text(packer, BODY_NAME);
    encode_map(packer, shape, ~shape->side_fields, event->body);
}

static void encode_side(msgpack_packer *packer, const struct event *event) {
    const struct shape *shape = event_row(event->type)->body;
    if (event->kept.pairs.data) {
        buffer_append(packer->data, event->kept.side.data, event->kept.side.length);
    } else {
        encode_map(packer, shape, shape->side_fields, event->body);
    }
}

static void encode_for_client(msgpack_packer *packer, const struct event *event, const struct wire_envelope *envelope) {
    bool side = holds_side(event);
    msgpack_pack_map(packer, count_pairs(event, envelope) + side);
    encode_pairs(packer, event, envelope);
    if (side) {
        encode_text(packer, SIDE_NAME);
        encode_side(packer, event);
    }
}

static void encode_head(msgpack_packer *packer, const struct event *event, struct wire_envelope *envelope) {
    envelope_add_intake(event, envelope);
    msgpack_pack_map(packer, count_pairs(event, envelope) + encode_count(ENVELOPE_OF_INTAKE, envelope));
    encode_pairs(packer, event, envelope);
    encode_fields(packer, shape_of(SHAPE_envelope), ENVELOPE_OF_INTAKE, envelope);
}

int codec_encode_event(const struct event *event, enum event_part part, struct buffer *out) {
    struct wire_envelope envelope = {0};
    msgpack_packer packer = encode_packer(out);
    if (part != PART_SIDE && !event->kept.pairs.data) {
        envelope_from_event(event, &envelope);
    }
    switch (part) {
    case PART_CLIENT:
        encode_for_client(&packer, event, &envelope);
        break;
    case PART_HEAD:
        encode_head(&packer, event, &envelope);
        break;
    case PART_SIDE:
        if (holds_side(event)) {
            encode_side(&packer, event);
        }
        break;
    }
    return out->failed ? -ERR_NO_MEMORY : 0;
}

/* Body or side: the map `bytes` into the event's one struct. An absent side is an empty map. */
static int decode_part(struct decoder *decoder, const struct shape *shape, struct text bytes, bool side, void *value) {
    struct field_path path = {.name = side ? SIDE_NAME : BODY_NAME};
    struct map_rules rules = rules_of_part(shape, side);
    if (!bytes.data) {
        if (!decoder->lenient) {
            validate_missing(shape, rules.required, &path, decoder->faults);
        }
        return 0;
    }
    decoder->cursor = cursor_of(bytes);
    return decode_map(decoder, shape, rules, &path, value);
}

/* Body and side by the type's shape. */
static int decode_content(struct decoder *decoder, struct text body, struct text side, struct event *event) {
    const struct shape *shape = event_row(event->type)->body;
    event->body = arena_alloc(decoder->arena, sizeof *event->body);
    if (!event->body) {
        return decode_broken(decoder, -ERR_NO_MEMORY, NULL);
    }
    decoder->depth = EVENT_DEPTH_MAX - 1;
    int result = body.data ? decode_part(decoder, shape, body, false, event->body) : 0;
    if (result == 0) {
        result = decode_part(decoder, shape, side, true, event->body);
    }
    event->has_side = (*(uint64_t *)event->body & shape->side_fields) != 0;
    return result;
}

static int decode_client_event(struct decoder *decoder, struct event *event) {
    struct wire_envelope envelope = {0};
    int result = decode_map(decoder, shape_of(SHAPE_envelope), rules_of_client_envelope(), NULL, &envelope);
    envelope_into_event(&envelope, event);
    if (result == 0) {
        result = decode_end(decoder);
    }
    if (result < 0) {
        return result;
    }
    envelope_judge(&envelope, decoder->faults);
    if (event->type == EVENT_TYPE_COUNT || !event_row(event->type)->served) {
        return 0;
    }
    result = decode_content(decoder, envelope.body, envelope.side, event);
    if (result == 0) {
        validate_event(event, decoder->faults);
    }
    return result;
}

int decode_event(struct text bytes, struct arena *arena, struct event *event, struct faults *faults) {
    faults_clear(faults);
    struct decoder decoder = {cursor_of(bytes), arena, faults, EVENT_DEPTH_MAX, false};
    *event = (struct event){.type = EVENT_TYPE_COUNT};
    if (bytes.length > EVENT_BYTES_MAX) {
        char value[24];
        char limit[24];
        snprintf(value, sizeof value, "%u", bytes.length);
        snprintf(limit, sizeof limit, "%d", EVENT_BYTES_MAX);
        faults_add(faults, ERR_TOO_LARGE, NULL, limit, text_of(value));
        return -ERR_TOO_LARGE;
    }
    int result = decode_client_event(&decoder, event);
    return result == -ERR_NO_MEMORY ? result : faults_to_error(faults, NULL);
}

int codec_decode_event(struct text bytes, struct arena *arena, struct event *event, struct faults *faults) {
    faults_clear(faults);
    struct canonical canonical = {cursor_of(bytes), arena, faults, false};
    if (canonical_event(&canonical, event) && cursor_left(&canonical.cursor) == 0) {
        event->kept = (struct event_bytes){0};
        return 0;
    }
    return decode_event(bytes, arena, event, faults);
}

static int decode_head_event(struct decoder *decoder, struct text side, struct event *event, size_t *used) {
    struct wire_envelope envelope = {0};
    const uint8_t *start = decoder->cursor.at;
    int result = decode_map(decoder, shape_of(SHAPE_envelope), rules_of_head(), NULL, &envelope);
    envelope_into_event(&envelope, event);
    *used = (size_t)(decoder->cursor.at - start);
    if (result == 0 && envelope.v != EVENT_VERSION) {
        event->type = EVENT_TYPE_COUNT; /* as a type that this build does not know */
    }
    if (result < 0 || faults_any(decoder->faults) || event->type == EVENT_TYPE_COUNT) {
        return result;
    }
    return decode_content(decoder, envelope.body, side.length > 0 ? side : (struct text){0}, event);
}

int decode_head(struct text bytes, struct text side, struct arena *arena, struct event *event, size_t *used,
                struct error *error) {
    struct faults faults;
    faults_clear(&faults);
    struct decoder decoder = {cursor_of(bytes), arena, &faults, EVENT_DEPTH_MAX, true};
    int result = decode_head_event(&decoder, side, event, used);
    if (result == -ERR_NO_MEMORY) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    if (faults_any(&faults)) {
        char text[ERROR_TEXT_MAX];
        fault_render(&faults.items[0], LANGUAGE_EN, text, sizeof text);
        return error_set(error, ERR_CORRUPT, (struct error_words){.field = "an event's head or side", .value = text});
    }
    return 0;
}

int codec_decode_head(struct text bytes, struct text side, struct arena *arena, struct event *event, size_t *used,
                      struct error *error) {
    struct faults faults;
    faults_clear(&faults);
    struct canonical canonical = {cursor_of(bytes), arena, &faults, true};
    if (canonical_head(&canonical, side, event)) {
        *used = (size_t)(canonical.cursor.at - (const uint8_t *)bytes.data);
        return 0;
    }
    return decode_head(bytes, side, arena, event, used, error);
}
