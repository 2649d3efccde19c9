/* Sample values by the tables. */
#include "proto/sample.h"

#include "proto/sample_rules.h"
#include "proto/validate.h"

#define USUAL_LENGTH 40 /* above the least; now and then a text goes to its limit */
#define LONGEST 3000

/* splitmix64: Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014. */
static uint64_t next(struct sampler *sampler) {
    uint64_t z = sampler->state += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return z ^ z >> 31;
}

uint64_t sample_below(struct sampler *sampler, uint64_t bound) {
    return bound == 0 ? next(sampler) : next(sampler) % bound;
}

static void *take(struct sampler *sampler, size_t size) {
    void *memory = arena_alloc(sampler->arena, size);
    sampler->failed |= !memory;
    return memory;
}

/* The limits themselves, numbers near the least, and any. */
static int64_t between(struct sampler *sampler, int64_t min, int64_t max) {
    uint64_t span = (uint64_t)max - (uint64_t)min;
    uint64_t offset;
    switch (sample_below(sampler, 8)) {
    case 0:
        offset = 0;
        break;
    case 1:
        offset = span;
        break;
    case 2:
        offset = sample_below(sampler, span + 1);
        break;
    default:
        offset = sample_below(sampler, span < 200 ? span + 1 : 200);
        break;
    }
    return (int64_t)((uint64_t)min + offset);
}

static int64_t some_length(struct sampler *sampler, int64_t min, int64_t max) {
    int64_t reach = max - min;
    if (reach > USUAL_LENGTH && sample_below(sampler, 16) > 0) {
        reach = USUAL_LENGTH;
    }
    return min + (int64_t)sample_below(sampler, (uint64_t)(reach < LONGEST ? reach : LONGEST) + 1);
}

/* Words put together to exactly `characters`; the last of `words` is one character long and always fits. */
static struct text compose(struct sampler *sampler, int64_t characters, const char *const *words, uint32_t count) {
    char *data = take(sampler, (size_t)characters * 4 + 1);
    uint32_t length = 0;
    while (data && characters > 0) {
        struct text word = text_of(words[sample_below(sampler, count)]);
        if ((int64_t)text_characters(word) > characters) {
            word = text_of(words[count - 1]);
        }
        memcpy(data + length, word.data, word.length);
        length += word.length;
        characters -= (int64_t)text_characters(word);
    }
    return (struct text){data, length};
}

#define COMPOSE(sampler, characters, ...) \
    compose(sampler, characters, (const char *const[]){__VA_ARGS__}, \
            sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))

static struct text sample_text(struct sampler *sampler, const struct field *field) {
    int64_t length = some_length(sampler, field->min, field->max);
    switch (field->kind) {
    case KIND_TEXT:
        return COMPOSE(sampler, length, "清理", "垃圾", "志愿者", "许村", "宣传", "，", "A1", " ", "é", "😀", "潮");
    case KIND_PROSE:
        return COMPOSE(sampler, length, "志愿者", "劝导", "乱堆放", "牛皮癣", "20余处", "。", "\n", "\t", "😀", "讯");
    case KIND_PHONE:
        return COMPOSE(sampler, length, "13", "88", "5", "0");
    case KIND_EMAIL:
        return text_of(sample_below(sampler, 2) > 0 ? "wang.fang@haining.example" : "王芳@例子.中国");
    case KIND_KEY:
        return COMPOSE(sampler, 40, "rq:rM", ">}U?@", "Lns47", "E1%kR", "7");
    case KIND_PATH:
        return text_of(sample_below(sampler, 2) > 0 ? "haining/xucun" : "haining");
    default:
        return COMPOSE(sampler, length > 0 ? length : 1, "ab", "xy", "z", "7");
    }
}

static void sample_bytes(struct sampler *sampler, uint8_t *to, size_t length) {
    for (size_t i = 0; i < length; i++) {
        to[i] = (uint8_t)(next(sampler) | 1); /* never all zero */
    }
}

static int32_t sample_day(struct sampler *sampler) {
    int32_t first = 0;
    day_parse(text_of("2000-01-01"), &first);
    return first + (int32_t)sample_below(sampler, 36524);
}

static struct text sample_opaque(struct sampler *sampler, const struct field *field) {
    uint32_t length = (uint32_t)some_length(sampler, field->min, field->max);
    uint8_t *data = take(sampler, length + 1);
    if (data) {
        sample_bytes(sampler, data, length);
    }
    return (struct text){(const char *)data, data ? length : 0};
}

static void sample_single(struct sampler *sampler, const struct field *field, void *value) {
    switch (field->kind) {
    case KIND_ID:
        sample_bytes(sampler, value, ID_BYTES);
        break;
    case KIND_HASH:
        sample_bytes(sampler, value, HASH_BYTES);
        break;
    case KIND_BYTES:
        *(struct text *)value = sample_opaque(sampler, field);
        break;
    case KIND_INT:
        *(int64_t *)value = between(sampler, field->min, field->max);
        break;
    case KIND_TIME:
        *(int64_t *)value = between(sampler, TIME_MIN, TIME_MAX);
        break;
    case KIND_BOOL:
        *(bool *)value = sample_below(sampler, 2) > 0;
        break;
    case KIND_DATE:
        *(int32_t *)value = sample_day(sampler);
        break;
    case KIND_MONTH:
        *(int32_t *)value = (2000 - 1970) * 12 + (int32_t)sample_below(sampler, 1200);
        break;
    case KIND_MAP:
        *(struct text *)value = (struct text){"\x81\xA1x\x01", 4};
        break;
    default:
        if (kind_is_text(field->kind)) {
            *(struct text *)value = sample_text(sampler, field);
        } else {
            *(int32_t *)value = (int32_t)sample_below(sampler, (uint64_t)word_count(field->kind));
        }
        break;
    }
}

static bool occurs_before(const struct text *items, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        if (text_equal(items[i], items[count])) {
            return true;
        }
    }
    return false;
}

static void sample_item(struct sampler *sampler, const struct field *list, uint32_t ordinal, void *item) {
    static const char *const programmes[] = {
#define PROGRAMME(name, code, chinese) code,
#include "proto/tables/programmes.def"
#undef PROGRAMME
    };
    if (list->sub) {
        sample_shape(sampler, list->sub, UINT64_MAX, item);
    } else if (strcmp(list->name, "programmes") == 0) {
        *(struct text *)item = text_of(programmes[ordinal]);
    } else {
        struct field field = {.name = "", .kind = (enum field_kind)kind_item(list->kind), .min = 1, .max = 20};
        sample_single(sampler, &field, item);
    }
}

static void sample_list(struct sampler *sampler, const struct field *field, struct list *list) {
    bool single = field->kind == KIND_RECORD;
    bool distinct = field->kind == KIND_CODES || field->kind == KIND_PATHS || field->kind == KIND_NUMBERS;
    size_t size = field->sub ? field->sub->size : kind_item_size(field->kind);
    int64_t least = single ? 1 : field->min;
    int64_t most = single ? 1 : field->max < SAMPLE_ITEMS ? field->max : SAMPLE_ITEMS;
    uint64_t wanted = (uint64_t)least + sample_below(sampler, (uint64_t)(most - least) + 1);
    *list = (struct list){.items = wanted > 0 ? take(sampler, wanted * size) : NULL};
    for (uint32_t i = 0; list->items && i < wanted; i++) {
        sample_item(sampler, field, i, (char *)list->items + list->count * size);
        list->count += !distinct || !occurs_before(list->items, list->count);
    }
}

void sample_shape(struct sampler *sampler, const struct shape *shape, uint64_t fields, void *value) {
    memset(value, 0, shape->size);
    for (uint32_t i = 0; i < shape->field_count; i++) {
        const struct field *field = &shape->fields[i];
        if (!wire_has(fields, i) || (!field->required && sample_below(sampler, 3) == 0)) {
            continue;
        }
        void *member = (char *)value + field->offset;
        if (field->sub || kind_item(field->kind) >= 0) {
            sample_list(sampler, field, member);
        } else {
            sample_single(sampler, field, member);
        }
        wire_set(value, i);
    }
}

void sample_event(struct sampler *sampler, enum event_type type, struct event *event) {
    const struct shape *shape = event_row(type)->body;
    *event = (struct event){.type = type, .unit = text_of("haining/xucun"), .at = INT64_C(1790000000000)};
    sample_bytes(sampler, event->id.bytes, ID_BYTES);
    if (sample_below(sampler, 2) > 0) {
        event->by = text_of("v-0042");
        event->has_cause = true;
        sample_bytes(sampler, event->cause.bytes, ID_BYTES);
    }
    event->body = take(sampler, sizeof *event->body);
    if (event->body) {
        sample_shape(sampler, shape, UINT64_MAX, event->body);
        sample_keep_rules(type, event->body);
        event->has_side = (*(const uint64_t *)event->body & shape->side_fields) != 0;
    }
}
