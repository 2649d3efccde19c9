/* Events to bytes and back: the envelope, and body and side by the shape of the type. */
#include <stdio.h>

#include "proto/codec.h"
#include "proto/decode.h"
#include "proto/encode.h"
#include "proto/event_codec.h"
#include "proto/validate.h"

#define BODY_NAME ((struct text){"body", 4})
#define SIDE_NAME ((struct text){"side", 4})

static int encode_whole(const struct event *event, const struct shape *shape, bool client, struct buffer *out) {
    struct wire_envelope envelope;
    envelope_from_event(event, !client, &envelope);
    bool side = client && encode_count(shape->side_fields, event->body) > 0;
    msgpack_packer packer = encode_packer(out);
    msgpack_pack_map(&packer, encode_count(UINT64_MAX, &envelope) + 1 + side);
    const struct shape *envelope_shape = shape_of(SHAPE_envelope);
    encode_fields(&packer, envelope_shape, ENVELOPE_OF_CLIENT, &envelope);
    encode_text(&packer, BODY_NAME);
    encode_map(&packer, shape, ~shape->side_fields, event->body);
    if (side) {
        encode_text(&packer, SIDE_NAME);
        encode_map(&packer, shape, shape->side_fields, event->body);
    }
    encode_fields(&packer, envelope_shape, ENVELOPE_OF_INTAKE, &envelope);
    return out->failed ? -ERR_NO_MEMORY : 0;
}

int codec_encode_event(const struct event *event, enum event_part part, struct buffer *out) {
    const struct shape *shape = event_row(event->type)->body;
    if (part != PART_SIDE) {
        return encode_whole(event, shape, part == PART_CLIENT, out);
    }
    if (encode_count(shape->side_fields, event->body) > 0) {
        msgpack_packer packer = encode_packer(out);
        encode_map(&packer, shape, shape->side_fields, event->body);
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

int codec_decode_event(struct text bytes, struct arena *arena, struct event *event, struct faults *faults) {
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

static int decode_head_event(struct decoder *decoder, struct text side, struct event *event, size_t *used) {
    static const struct map_rules rules = {
        .allowed = UINT64_MAX & ~ENVELOPE_BIT(side),
        .required = ENVELOPE_BIT(v) | ENVELOPE_BIT(id) | ENVELOPE_BIT(type) | ENVELOPE_BIT(unit) | ENVELOPE_BIT(at) |
                    ENVELOPE_BIT(body) | ENVELOPE_BIT(seq) | ENVELOPE_BIT(received_at) | ENVELOPE_BIT(source),
        .elsewhere = "the side",
    };
    struct wire_envelope envelope = {0};
    const uint8_t *start = decoder->cursor.at;
    int result = decode_map(decoder, shape_of(SHAPE_envelope), rules, NULL, &envelope);
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

int codec_decode_head(struct text bytes, struct text side, struct arena *arena, struct event *event, size_t *used,
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
