/* Reading JSON events by their shapes, as long as nothing is wrong with them. */
#include "proto/json_quick.h"

#include "proto/event_codec.h"
#include "proto/json_reader.h"

struct quick {
    const char *at;
    const char *end;
    struct arena *arena;
    struct faults *faults; /* room for what nobody reads */
};

/* ---- tokens ---- */

static void skip_space(struct quick *self) {
    while (self->at < self->end && (*self->at == ' ' || *self->at == '\n' || *self->at == '\r' || *self->at == '\t')) {
        self->at++;
    }
}

/* Passes `token` and the space around it. */
static bool take(struct quick *self, char token) {
    skip_space(self);
    bool found = self->at < self->end && *self->at == token;
    self->at += found;
    return found;
}

static bool take_word(struct quick *self, const char *word, size_t length) {
    bool found = (size_t)(self->end - self->at) >= length && memcmp(self->at, word, length) == 0;
    self->at += found ? length : 0;
    return found;
}

/* Behind an item of an object or array: whether another one follows. `over`: neither that nor the end does. */
static bool another(struct quick *self, char close, bool *over) {
    if (take(self, ',')) {
        return true;
    }
    *over = !take(self, close);
    return false;
}

/* ---- strings ---- */

/* Whether one of eight bytes is a quote, a backslash or a control character. Bytes above 127 may count as one. */
static bool eight_plain(const char *bytes) {
    const uint64_t each = UINT64_C(0x0101010101010101);
    uint64_t word;
    memcpy(&word, bytes, sizeof word);
    uint64_t quote = word ^ '"' * each;
    uint64_t backslash = word ^ '\\' * each;
    uint64_t found = ((quote - each) & ~quote) | ((backslash - each) & ~backslash) | ((word - 0x20 * each) & ~word);
    return (found & 0x80 * each) == 0;
}

/* The first quote, backslash or control character, or the end. */
static const char *string_stop(const struct quick *self, const char *at) {
    while (self->end - at >= 8 && eight_plain(at)) {
        at += 8;
    }
    while (at < self->end && *at != '"' && *at != '\\' && (unsigned char)*at >= 0x20) {
        at++;
    }
    return at;
}

/* The number of \uXXXX at `at`, or -1. */
static int32_t read_unit(const struct quick *self, const char *at) {
    int32_t unit = 0;
    if (self->end - at < 6 || at[0] != '\\' || at[1] != 'u') {
        return -1;
    }
    for (int i = 2; i < 6; i++) {
        char lower = (char)(at[i] | 0x20);
        int digit = at[i] >= '0' && at[i] <= '9' ? at[i] - '0' : lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
        if (digit < 0) {
            return -1;
        }
        unit = unit << 4 | digit;
    }
    return unit;
}

static char *put_character(char *to, uint32_t character) {
    if (character < 0x80) {
        *to++ = (char)character;
    } else if (character < 0x800) {
        *to++ = (char)(0xC0 | character >> 6);
        *to++ = (char)(0x80 | (character & 0x3F));
    } else if (character < 0x10000) {
        *to++ = (char)(0xE0 | character >> 12);
        *to++ = (char)(0x80 | (character >> 6 & 0x3F));
        *to++ = (char)(0x80 | (character & 0x3F));
    } else {
        *to++ = (char)(0xF0 | character >> 18);
        *to++ = (char)(0x80 | (character >> 12 & 0x3F));
        *to++ = (char)(0x80 | (character >> 6 & 0x3F));
        *to++ = (char)(0x80 | (character & 0x3F));
    }
    return to;
}

/* An escape with a number, at the cursor: one unit of UTF-16 or a pair. NULL for half a pair and for zero. */
static char *take_number_escape(struct quick *self, char *to) {
    int32_t unit = read_unit(self, self->at);
    if (unit <= 0 || (unit >= 0xDC00 && unit <= 0xDFFF)) {
        return NULL;
    }
    self->at += 6;
    if (unit < 0xD800 || unit > 0xDBFF) {
        return put_character(to, (uint32_t)unit);
    }
    int32_t low = read_unit(self, self->at);
    if (low < 0xDC00 || low > 0xDFFF) {
        return NULL;
    }
    self->at += 6;
    return put_character(to, 0x10000 + ((uint32_t)(unit - 0xD800) << 10 | (uint32_t)(low - 0xDC00)));
}

static char *take_escape(struct quick *self, char *to) {
    static const char letters[] = "\"\\/bfnrt";
    static const char meanings[] = "\"\\/\b\f\n\r\t";
    if (self->end - self->at < 2) {
        return NULL;
    }
    if (self->at[1] == 'u') {
        return take_number_escape(self, to);
    }
    const char *letter = self->at[1] != '\0' ? strchr(letters, self->at[1]) : NULL;
    if (!letter) {
        return NULL;
    }
    *to = meanings[letter - letters];
    self->at += 2;
    return to + 1;
}

/* A string with escapes, from `start` on: what they stand for is never longer. */
static bool take_escaped(struct quick *self, const char *start, struct text *text) {
    const char *close = self->at;
    while (self->end - close >= 2 && *close == '\\') {
        close = string_stop(self, close + 2);
    }
    bool closed = close < self->end && *close == '"';
    char *data = closed ? arena_alloc(self->arena, (size_t)(close - start) + 1) : NULL;
    char *to = data;
    self->at = start;
    while (to && self->at < close) {
        const char *stop = string_stop(self, self->at);
        memcpy(to, self->at, (size_t)(stop - self->at));
        to += stop - self->at;
        self->at = stop;
        to = stop < close ? take_escape(self, to) : to;
    }
    self->at = close + 1;
    *text = (struct text){data, to ? (uint32_t)(to - data) : 0};
    return to != NULL;
}

static bool take_string(struct quick *self, struct text *text) {
    if (!take(self, '"')) {
        return false;
    }
    const char *start = self->at;
    self->at = string_stop(self, start);
    if (self->at == self->end || (unsigned char)*self->at < 0x20) {
        return false;
    }
    if (*self->at == '\\') {
        return take_escaped(self, start, text);
    }
    *text = (struct text){start, (uint32_t)(self->at - start)};
    self->at++;
    return true;
}

/* ---- values ---- */

/* A whole number of at most 18 digits, so that it fits. What follows it is looked at by whoever reads on. */
static bool take_integer(struct quick *self, int64_t *integer) {
    skip_space(self);
    bool negative = self->at < self->end && *self->at == '-';
    const char *first = self->at + negative;
    const char *at = first;
    int64_t number = 0;
    while (at < self->end && *at >= '0' && *at <= '9' && at - first < 18) {
        number = 10 * number + (*at++ - '0');
    }
    if (at == first || (*first == '0' && (at - first > 1 || negative))) {
        return false;
    }
    self->at = at;
    *integer = negative ? -number : number;
    return true;
}

static bool take_bool(struct quick *self, bool *value) {
    skip_space(self);
    *value = take_word(self, "true", 4);
    return *value || take_word(self, "false", 5);
}

static bool take_single(struct quick *self, enum field_kind kind, void *value) {
    struct text text;
    switch (kind) {
    case KIND_INT:
    case KIND_TIME:
        return take_integer(self, value);
    case KIND_BOOL:
        return take_bool(self, value);
    case KIND_MAP:
        return false;
    default:
        break;
    }
    struct json_reader reader = {.arena = self->arena, .faults = self->faults};
    return take_string(self, &text) && json_read_string(&reader, kind, text, NULL, value);
}

/* ---- lists and records ---- */

#define FIRST_ROOM 4

/* Room for one more item behind `list`, zeroed; NULL when there is none. `*room`: for how many items there is memory. */
static void *add_item(struct quick *self, struct list *list, uint32_t *room, size_t size) {
    if (list->count == *room) {
        uint32_t more = *room ? 2 * *room : FIRST_ROOM;
        char *items = arena_alloc(self->arena, more * size);
        if (!items) {
            return NULL;
        }
        if (list->count > 0) {
            memcpy(items, list->items, list->count * size);
        }
        list->items = items;
        *room = more;
    }
    return (char *)list->items + list->count++ * size;
}

static bool take_record(struct quick *self, const struct shape *shape, struct map_rules rules, void *value);

static bool take_item(struct quick *self, const struct field *field, void *item) {
    if (!field->sub) {
        return take_single(self, (enum field_kind)kind_item(field->kind), item);
    }
    struct map_rules rules = {.allowed = UINT64_MAX, .required = field->sub->required_fields};
    return take_record(self, field->sub, rules, item);
}

static bool take_list(struct quick *self, const struct field *field, struct list *list) {
    size_t size = field->sub ? field->sub->size : kind_item_size(field->kind);
    uint32_t room = 0;
    bool over = false;
    if (!take(self, '[')) {
        return false;
    }
    if (take(self, ']')) {
        return true;
    }
    do {
        void *item = list->count < field->max ? add_item(self, list, &room, size) : NULL;
        if (!item || !take_item(self, field, item)) {
            return false;
        }
    } while (another(self, ']', &over));
    return !over;
}

static bool take_value(struct quick *self, const struct field *field, void *value) {
    if (kind_is_list(field->kind)) {
        return take_list(self, field, value);
    }
    if (field->kind != KIND_RECORD) {
        return take_single(self, field->kind, value);
    }
    struct list *list = value;
    *list = (struct list){arena_alloc(self->arena, field->sub->size), 1};
    return list->items && take_item(self, field, list->items);
}

/* A key and its colon: the index of its field, which may stand here and did not yet; -1: another. */
static int take_key(struct quick *self, const struct shape *shape, uint64_t allowed, uint64_t present,
                    uint32_t expected) {
    struct text name;
    if (!take_string(self, &name) || !take(self, ':')) {
        return -1;
    }
    int index = shape_find(shape, name, expected);
    return index >= 0 && wire_has(allowed & ~present, (unsigned)index) ? index : -1;
}

static bool take_member(struct quick *self, const struct shape *shape, int index, void *value) {
    const struct field *field = &shape->fields[index];
    void *member = (char *)value + field->offset;
    wire_set(value, (unsigned)index);
    return take_value(self, field, member) && validate_field(field, member, NULL, self->faults);
}

static bool take_record(struct quick *self, const struct shape *shape, struct map_rules rules, void *value) {
    const uint64_t *present = value;
    int index = -1;
    bool over = false;
    if (!take(self, '{')) {
        return false;
    }
    bool more = !take(self, '}');
    while (more) {
        index = take_key(self, shape, rules.allowed, *present, (uint32_t)(index + 1));
        if (index < 0 || !take_member(self, shape, index, value)) {
            return false;
        }
        more = another(self, '}', &over);
    }
    return !over && (rules.required & ~*present) == 0;
}

/* ---- the event ---- */

struct reading {
    struct wire_envelope envelope;
    const struct shape *shape; /* of the body; NULL before the type is known */
    union event_body *body;
};

static bool begin_body(struct quick *self, struct reading *reading) {
    int type = event_type_find(reading->envelope.type);
    if (type < 0 || !event_row((enum event_type)type)->served) {
        return false;
    }
    reading->shape = event_row((enum event_type)type)->body;
    reading->body = arena_alloc(self->arena, sizeof *reading->body);
    return reading->body != NULL;
}

static bool take_part(struct quick *self, struct reading *reading, bool side) {
    wire_set(&reading->envelope.present, side ? FIELD_envelope_side : FIELD_envelope_body);
    return (reading->body || begin_body(self, reading)) &&
           take_record(self, reading->shape, rules_of_part(reading->shape, side), reading->body);
}

static bool take_pair(struct quick *self, struct reading *reading, int index) {
    if (index == FIELD_envelope_body || index == FIELD_envelope_side) {
        return take_part(self, reading, index == FIELD_envelope_side);
    }
    return index >= 0 && take_member(self, shape_of(SHAPE_envelope), index, &reading->envelope);
}

static bool take_envelope(struct quick *self, struct reading *reading) {
    struct map_rules rules = rules_of_client_envelope();
    const uint64_t *present = &reading->envelope.present;
    int index = -1;
    bool over = false;
    if (!take(self, '{')) {
        return false;
    }
    do {
        index = take_key(self, shape_of(SHAPE_envelope), rules.allowed, *present, (uint32_t)(index + 1));
        if (!take_pair(self, reading, index)) {
            return false;
        }
    } while (another(self, '}', &over));
    skip_space(self);
    return !over && self->at == self->end;
}

/* What the side must hold, also when there is none. */
static bool side_is_complete(const struct reading *reading) {
    struct map_rules rules = rules_of_part(reading->shape, true);
    return (rules.required & ~*(const uint64_t *)reading->body) == 0;
}

static bool take_event(struct quick *self, const struct json_given *given, struct event *event) {
    struct reading reading = {.shape = NULL};
    if (!take_envelope(self, &reading)) {
        return false;
    }
    struct wire_envelope *envelope = &reading.envelope;
    envelope_fill(envelope, ~envelope->present, given);
    if ((rules_of_client_envelope().required & ~envelope->present) != 0 || envelope->v != EVENT_VERSION ||
        !side_is_complete(&reading)) {
        return false;
    }
    envelope_into_event(envelope, event);
    event->body = reading.body;
    event->has_side = (*(const uint64_t *)reading.body & reading.shape->side_fields) != 0;
    validate_event(event, self->faults);
    return !faults_any(self->faults);
}

bool json_quick_event(struct text bytes, const struct json_given *given, struct arena *arena, struct event *event) {
    struct faults faults;
    faults_clear(&faults);
    struct quick quick = {.at = bytes.data, .end = bytes.data + bytes.length, .arena = arena, .faults = &faults};
    return bytes.length > 0 && bytes.length <= JSON_QUICK_BYTES_MAX && take_event(&quick, given, event);
}
