/* Skimming: a walk over canonical bytes that stops at what is wanted, or gives up at what is not as expected. */
#include "proto/skim.h"

#include "proto/cursor.h"
#include "proto/event_codec.h"

#define DEPTH_INSIDE (EVENT_DEPTH_MAX - 2) /* of a value of the body */

/* Where the walk is. All functions return false when the bytes are not as expected: then it is given up. */
struct walk {
    struct cursor cursor;
    struct arena *arena;
};

/* ---- single values ---- */

/* The length of the number that follows the first byte of an integer; 0 for what is none. */
static unsigned number_width(uint8_t first) {
    return first >= 0xCC && first <= 0xD3 ? 1U << (first & 3) : 0;
}

/* Passes one value; the frequent ones here. */
static bool pass(struct walk *walk) {
    struct cursor *cursor = &walk->cursor;
    size_t left = cursor_left(cursor);
    if (left < 2) {
        return cursor_skip(cursor, DEPTH_INSIDE) == 0;
    }
    uint8_t first = cursor->at[0];
    size_t length = 0;
    if (first < 0x80 || first >= 0xE0) {
        length = 1;
    } else if ((first & 0xE0) == 0xA0) {
        length = 1 + (first & 0x1FU);
    } else if (first == 0xC4 || first == 0xD9) {
        length = 2 + (size_t)cursor->at[1];
    } else if (number_width(first) > 0) {
        length = 1 + (size_t)number_width(first);
    } else {
        return cursor_skip(cursor, DEPTH_INSIDE) == 0;
    }
    if (length > left) {
        return false;
    }
    cursor->at += length;
    return true;
}

static bool take_integer(struct walk *walk, int64_t *value) {
    struct cursor *cursor = &walk->cursor;
    if (cursor->at == cursor->end) {
        return false;
    }
    uint8_t first = cursor->at[0];
    unsigned width = first <= 0xCF ? number_width(first) : 0; /* not below zero */
    if (first >= 0x80 && (width == 0 || cursor_left(cursor) <= width)) {
        return false;
    }
    uint64_t number = first < 0x80 ? first : 0;
    for (unsigned i = 1; i <= width; i++) {
        number = number << 8 | cursor->at[i];
    }
    *value = (int64_t)number;
    cursor->at += 1 + width;
    return number <= INT64_MAX;
}

/* A string of at most 31 bytes, as almost all are, or of any length. */
static bool take_string(struct walk *walk, struct text *text) {
    struct cursor *cursor = &walk->cursor;
    size_t left = cursor_left(cursor);
    if (left > 0 && (cursor->at[0] & 0xE0) == 0xA0 && left > (cursor->at[0] & 0x1FU)) {
        *text = (struct text){(const char *)cursor->at + 1, cursor->at[0] & 0x1FU};
        cursor->at += 1 + text->length;
        return true;
    }
    struct item item;
    bool taken = cursor_next(cursor, &item) == 0 && item.kind == ITEM_STR;
    *text = taken ? item.bytes : (struct text){0};
    return taken;
}

static bool take_utf8(struct walk *walk, struct text *text) {
    return take_string(walk, text) && text_is_utf8(*text);
}

static bool take_id(struct walk *walk, struct id *id) {
    struct cursor *cursor = &walk->cursor;
    if (cursor_left(cursor) < 2 + ID_BYTES || cursor->at[0] != 0xC4 || cursor->at[1] != ID_BYTES) {
        return false;
    }
    memcpy(id->bytes, cursor->at + 2, ID_BYTES);
    cursor->at += 2 + ID_BYTES;
    return true;
}

static bool take_bool(struct walk *walk, bool *value) {
    struct cursor *cursor = &walk->cursor;
    if (cursor->at == cursor->end || (cursor->at[0] != 0xC2 && cursor->at[0] != 0xC3)) {
        return false;
    }
    *value = *cursor->at++ == 0xC3;
    return true;
}

static bool take_day(struct walk *walk, int32_t *day) {
    struct text text;
    return take_string(walk, &text) && day_parse(text, day);
}

static bool take_word(struct walk *walk, enum field_kind kind, int32_t *value) {
    struct text text;
    *value = take_string(walk, &text) ? word_find(kind, text) : -1;
    return *value >= 0;
}

/* ---- lists and maps ---- */

static bool take_fields(struct walk *walk, const struct shape *shape, uint64_t wanted, void *value);

/* The head of a list; false also where it says more items than there are bytes. */
static bool take_count(struct cursor *cursor, uint32_t *count) {
    size_t left = cursor_left(cursor);
    if (left > 0 && (cursor->at[0] & 0xF0) == 0x90) {
        *count = *cursor->at++ & 0x0F;
        return true;
    }
    if (left < 3 || cursor->at[0] != 0xDC) {
        return false;
    }
    *count = (uint32_t)cursor->at[1] << 8 | cursor->at[2];
    cursor->at += 3;
    return *count <= left;
}

/* A list of up to 65,535 items, with room for them of `size` bytes each. */
static bool take_list(struct walk *walk, size_t size, struct list *list) {
    if (!take_count(&walk->cursor, &list->count)) {
        return false;
    }
    list->items = list->count > 0 ? arena_alloc(walk->arena, list->count * size) : NULL;
    return list->count == 0 || list->items;
}

static bool take_texts(struct walk *walk, struct list *list) {
    bool taken = take_list(walk, sizeof(struct text), list);
    for (uint32_t i = 0; taken && i < list->count; i++) {
        taken = take_utf8(walk, (struct text *)list->items + i);
    }
    return taken;
}

static bool take_ids(struct walk *walk, struct list *list) {
    bool taken = take_list(walk, sizeof(struct id), list);
    for (uint32_t i = 0; taken && i < list->count; i++) {
        taken = take_id(walk, (struct id *)list->items + i);
    }
    return taken;
}

static bool take_days(struct walk *walk, struct list *list) {
    bool taken = take_list(walk, sizeof(int32_t), list);
    for (uint32_t i = 0; taken && i < list->count; i++) {
        taken = take_day(walk, (int32_t *)list->items + i);
    }
    return taken;
}

static bool take_records(struct walk *walk, const struct shape *shape, struct list *list) {
    bool taken = take_list(walk, shape->size, list);
    for (uint32_t i = 0; taken && i < list->count; i++) {
        taken = take_fields(walk, shape, UINT64_MAX, (char *)list->items + (size_t)i * shape->size);
    }
    return taken;
}

static bool take_value(struct walk *walk, const struct field *field, void *value) {
    switch (field->kind) {
    case KIND_ID:
        return take_id(walk, value);
    case KIND_INT:
    case KIND_TIME:
        return take_integer(walk, value);
    case KIND_BOOL:
        return take_bool(walk, value);
    case KIND_DATE:
        return take_day(walk, value);
    case KIND_APPROX:
    case KIND_GRADE:
        return take_word(walk, field->kind, value);
    case KIND_TEXT:
    case KIND_CODE:
    case KIND_PATH:
    case KIND_NUMBER:
        return take_utf8(walk, value);
    case KIND_CODES:
    case KIND_PATHS:
        return take_texts(walk, value);
    case KIND_IDS:
        return take_ids(walk, value);
    case KIND_DATES:
        return take_days(walk, value);
    case KIND_RECORDS:
        return take_records(walk, field->sub, value);
    default:
        return false;
    }
}

/* The field whose name stands at the cursor, from `from` on, as names come in the table's order; the number of fields
 * when there is none. */
static uint32_t take_name(struct walk *walk, const struct shape *shape, uint32_t from) {
    struct cursor *cursor = &walk->cursor;
    size_t left = cursor_left(cursor);
    for (uint32_t index = from; index < shape->field_count && left > 1; index++) {
        const struct field *field = &shape->fields[index];
        uint32_t length = field->name_length;
        if (cursor->at[0] == (0xA0 | length) && left > length && cursor->at[1] == (uint8_t)field->name[0] &&
            memcmp(cursor->at + 1, field->name, length) == 0) {
            cursor->at += 1 + length;
            return index;
        }
    }
    return shape->field_count;
}

/* The number of pairs of the map at the cursor, or UINT32_MAX. */
static uint32_t take_map(struct walk *walk) {
    struct item map;
    struct cursor *cursor = &walk->cursor;
    if (cursor->at < cursor->end && (cursor->at[0] & 0xF0) == 0x80) {
        return *cursor->at++ & 0x0F;
    }
    return cursor_next(cursor, &map) == 0 && map.kind == ITEM_MAP ? map.count : UINT32_MAX;
}

/* A map of a shape: what is wanted goes into `value`, which is zero. */
static bool take_fields(struct walk *walk, const struct shape *shape, uint64_t wanted, void *value) {
    uint32_t pairs = take_map(walk);
    uint32_t next = 0;
    bool taken = pairs <= shape->field_count;
    for (uint32_t i = 0; taken && i < pairs; i++) {
        uint32_t index = take_name(walk, shape, next);
        next = index + 1;
        if (index == shape->field_count) {
            return false;
        }
        if (wire_has(wanted, index)) {
            taken = take_value(walk, &shape->fields[index], (char *)value + shape->fields[index].offset);
            wire_set(value, index);
        } else {
            taken = pass(walk);
        }
    }
    uint64_t required = shape->required_fields & wanted;
    return taken && (*(uint64_t *)value & required) == required;
}

/* ---- the event ---- */

static bool take_body(struct walk *walk, const struct skim *wanted, struct event *event) {
    uint64_t fields = event->type < EVENT_TYPE_COUNT ? wanted->bodies[event->type] : 0;
    if (fields == 0) {
        return pass(walk);
    }
    const struct shape *shape = event_row(event->type)->body;
    event->body = fields == SKIM_WHOLE ? NULL : arena_alloc(walk->arena, shape->size);
    return event->body && take_fields(walk, shape, fields & ~shape->side_fields, event->body);
}

static bool take_member(struct walk *walk, const struct skim *wanted, uint32_t index, struct event *event) {
    int64_t number = 0;
    struct text word;
    switch (index) {
    case FIELD_envelope_v:
        return take_integer(walk, &number) && number == EVENT_VERSION;
    case FIELD_envelope_id:
        return take_id(walk, &event->id);
    case FIELD_envelope_type:
        if (take_string(walk, &word)) {
            int type = event_type_find(word);
            event->type = type < 0 ? EVENT_TYPE_COUNT : (enum event_type)type;
            return type >= 0;
        }
        return false;
    case FIELD_envelope_unit:
        return take_utf8(walk, &event->unit);
    case FIELD_envelope_body:
        return take_body(walk, wanted, event);
    case FIELD_envelope_at:
        return take_integer(walk, &event->at);
    case FIELD_envelope_seq:
        return take_integer(walk, (int64_t *)&event->seq);
    case FIELD_envelope_received_at:
        return take_integer(walk, &event->received_at);
    case FIELD_envelope_warnings:
        return take_integer(walk, &event->warnings);
    case FIELD_envelope_side:
        return false;
    default:
        return pass(walk);
    }
}

static bool skim(struct walk *walk, const struct skim *wanted, struct event *event) {
    static const uint64_t required = ENVELOPE_BIT(v) | ENVELOPE_BIT(id) | ENVELOPE_BIT(type) | ENVELOPE_BIT(unit) |
                                     ENVELOPE_BIT(at) | ENVELOPE_BIT(body) | ENVELOPE_BIT(seq) |
                                     ENVELOPE_BIT(received_at) | ENVELOPE_BIT(source);
    const struct shape *shape = shape_of(SHAPE_envelope);
    uint32_t pairs = take_map(walk);
    uint32_t next = 0;
    uint64_t seen = 0;
    bool taken = pairs <= shape->field_count;
    for (uint32_t i = 0; taken && i < pairs; i++) {
        uint32_t index = take_name(walk, shape, next);
        next = index + 1;
        taken = index < shape->field_count && take_member(walk, wanted, index, event);
        seen |= taken ? UINT64_C(1) << index : 0;
    }
    return taken && (seen & required) == required;
}

int codec_skim_head(struct text bytes, const struct skim *wanted, struct arena *arena, struct event *event,
                    size_t *used, struct error *error) {
    struct walk walk = {cursor_of(bytes), arena};
    *event = (struct event){.type = EVENT_TYPE_COUNT};
    if (skim(&walk, wanted, event)) {
        *used = (size_t)(walk.cursor.at - (const uint8_t *)bytes.data);
        return 0;
    }
    return codec_decode_head(bytes, (struct text){0}, arena, event, used, error);
}
