/* Random values by the tables; texts mix Chinese, ASCII and an emoji. */
#include "tests/unit/random_value.h"

#include <assert.h>

/* splitmix64 (Steele, Lea, Flood 2014). */
static uint64_t next(struct random *random) {
    uint64_t z = random->state += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return z ^ z >> 31;
}

uint64_t random_below(struct random *random, uint64_t bound) {
    return bound == 0 ? next(random) : next(random) % bound;
}

static int64_t between(struct random *random, int64_t min, int64_t max) {
    uint64_t span = (uint64_t)max - (uint64_t)min;
    uint64_t choice = random_below(random, 8);
    uint64_t offset = choice == 0   ? 0
                      : choice == 1 ? span
                      : choice < 5  ? random_below(random, span < 200 ? span + 1 : 200)
                                    : random_below(random, span + 1);
    return (int64_t)((uint64_t)min + offset);
}

static struct text pieces(struct random *random, struct arena *arena, int64_t count, const char *const *choices,
                          uint32_t choice_count) {
    char *data = arena_alloc(arena, (size_t)count * 4 + 1);
    uint32_t length = 0;
    assert(data);
    for (int64_t i = 0; i < count; i++) {
        const char *piece = choices[random_below(random, choice_count)];
        memcpy(data + length, piece, strlen(piece));
        length += (uint32_t)strlen(piece);
    }
    return (struct text){data, length};
}

static int64_t some_length(struct random *random, int64_t min, int64_t max) {
    int64_t reach = max - min < 40 || random_below(random, 16) == 0 ? max - min : 40;
    return min + (int64_t)random_below(random, (uint64_t)(reach > 3000 ? 3000 : reach) + 1);
}

static struct text random_text(struct random *random, const struct field *field, struct arena *arena) {
    static const char *const free_text[] = {"清", "理", "垃", "圾", "许", "村", "a", "Z", "9", " ", "，", "é", "😀"};
    static const char *const prose[] = {"清", "理", "余", "处", "\n", "\t", "x", "。", "😀"};
    static const char *const letters[] = {"a", "b", "z", "0", "9"};
    static const char *const digits[] = {"1", "3", "8", "0"};
    int64_t length = some_length(random, field->min, field->max);
    switch (field->kind) {
    case KIND_TEXT:
        return pieces(random, arena, length, free_text, 13);
    case KIND_PROSE:
        return pieces(random, arena, length, prose, 9);
    case KIND_PHONE:
        return pieces(random, arena, length, digits, 4);
    case KIND_EMAIL:
        return text_of(random_below(random, 2) ? "wang.fang@haining.example.cn" : "许村@例子.中国");
    case KIND_KEY:
        return pieces(random, arena, 40, letters, 5);
    case KIND_PATH:
        return text_of(random_below(random, 2) ? "haining/xiashi" : "haining");
    default:
        return pieces(random, arena, length > 0 ? length : 1, letters, 5);
    }
}

static void random_bytes(struct random *random, void *to, size_t length) {
    for (size_t i = 0; i < length; i++) {
        ((uint8_t *)to)[i] = (uint8_t)(next(random) | 1);
    }
}

static void random_list(struct random *random, const struct field *field, struct arena *arena, struct list *list);

static void random_single(struct random *random, const struct field *field, struct arena *arena, void *value) {
    switch (field->kind) {
    case KIND_ID:
        random_bytes(random, value, ID_BYTES);
        break;
    case KIND_HASH:
        random_bytes(random, value, HASH_BYTES);
        break;
    case KIND_BYTES:
        *(struct text *)value = pieces(random, arena, some_length(random, field->min, field->max),
                                       (const char *const[]){"\x80", "\xFF", "\x01"}, 3);
        break;
    case KIND_INT:
        *(int64_t *)value = between(random, field->min, field->max);
        break;
    case KIND_BOOL:
        *(bool *)value = random_below(random, 2);
        break;
    case KIND_DATE: {
        int32_t first;
        assert(day_parse(text_of("2000-01-01"), &first));
        *(int32_t *)value = first + (int32_t)random_below(random, 36524);
        break;
    }
    case KIND_MONTH:
        *(int32_t *)value = 360 + (int32_t)random_below(random, 1200);
        break;
    case KIND_TIME:
        *(int64_t *)value = between(random, INT64_C(-62135596800000), INT64_C(253402300799999));
        break;
    case KIND_MAP:
        *(struct text *)value = (struct text){"\x81\xA1x\x01", 4};
        break;
    default:
        if (kind_is_text(field->kind)) {
            *(struct text *)value = random_text(random, field, arena);
        } else if (word_count(field->kind) > 0) {
            *(int32_t *)value = (int32_t)random_below(random, (uint64_t)word_count(field->kind));
        } else {
            random_list(random, field, arena, value);
        }
    }
}

static bool text_is_new(const struct text *items, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        if (text_equal(items[i], items[count])) {
            return false;
        }
    }
    return true;
}

static void random_list(struct random *random, const struct field *field, struct arena *arena, struct list *list) {
    static const char *const programmes[] = {"clean-home", "dog", "waste-sorting", "parking", "civilisation-practice"};
    size_t size = field->sub ? field->sub->size : kind_item_size(field->kind);
    int64_t most = field->kind == KIND_RECORD ? 1 : field->max < 5 ? field->max : 5;
    int64_t least = field->kind == KIND_RECORD ? 1 : field->min;
    uint32_t wanted = (uint32_t)(least + (int64_t)random_below(random, (uint64_t)(most - least) + 1));
    struct field item = {.name = "", .kind = field->sub ? KIND_RECORD : (enum field_kind)kind_item(field->kind)};
    item.min = 1;
    item.max = 20;
    list->items = wanted > 0 ? arena_alloc(arena, wanted * size) : NULL;
    list->count = 0;
    for (uint32_t i = 0; i < wanted; i++) {
        void *value = (char *)list->items + list->count * size;
        if (field->sub) {
            random_shape(random, field->sub, UINT64_MAX, arena, value);
        } else if (strcmp(field->name, "programmes") == 0) {
            *(struct text *)value = text_of(programmes[i]);
        } else {
            random_single(random, &item, arena, value);
        }
        bool texts = item.kind == KIND_CODE || item.kind == KIND_PATH || item.kind == KIND_NUMBER;
        list->count += !texts || text_is_new(list->items, list->count);
    }
}

void random_shape(struct random *random, const struct shape *shape, uint64_t fields, struct arena *arena, void *value) {
    memset(value, 0, shape->size);
    for (uint32_t i = 0; i < shape->field_count; i++) {
        const struct field *field = &shape->fields[i];
        if (wire_has(fields, i) && (field->required || random_below(random, 3) > 0)) {
            random_single(random, field, arena, (char *)value + field->offset);
            wire_set(value, i);
        }
    }
}

static void keep_report_rules(enum event_type type, struct wire_report *report) {
    uint64_t unruly = UINT64_C(1) << FIELD_report_amends | UINT64_C(1) << FIELD_report_reason;
    if (type == EVENT_REPORT_AMENDED) {
        report->amends = (struct id){{1}};
        wire_set(&report->present, FIELD_report_amends);
    } else {
        report->present &= ~unruly;
        report->amends = (struct id){{0}};
        report->reason = (struct text){0};
    }
    if (report->date_end < report->date) {
        report->date_end = wire_has(report->present, FIELD_report_date_end) ? report->date : 0;
    }
    report->minors = report->minors > report->attendances ? report->attendances : report->minors;
    if (wire_has(report->present, FIELD_report_minutes_basis) && report->minutes_basis == BASIS_COMPUTED) {
        report->minutes_approx = APPROX_ABOUT;
        wire_set(&report->present, FIELD_report_minutes_approx);
    }
    struct wire_measure *measures = report->measures.items;
    for (uint32_t i = 0; i < report->measures.count; i++) {
        static const char *const units[] = {"处", "份", "吨", "次", "人次"};
        measures[i].unit = text_of(units[i]);
    }
    struct wire_found *found = report->found.items;
    for (uint32_t i = 0; i < report->found.count; i++) {
        bool counted = wire_has(found[i].present, FIELD_found_count);
        found[i].solved = counted && found[i].solved > found[i].count ? found[i].count : found[i].solved;
    }
}

static void keep_rules(struct event *event) {
    if (event->type == EVENT_REPORT_SUBMITTED || event->type == EVENT_REPORT_AMENDED) {
        keep_report_rules(event->type, &event->body->report);
    } else if (event->type == EVENT_ACTIVITY_PLANNED) {
        struct wire_activity *activity = &event->body->activity;
        bool both = wire_has(activity->present, FIELD_activity_starts_at) &&
                    wire_has(activity->present, FIELD_activity_ends_at);
        activity->ends_at = both && activity->ends_at < activity->starts_at ? activity->starts_at : activity->ends_at;
    } else if (event->type == EVENT_CONTACT_SET) {
        event->body->contact.phone = text_of("13800000000");
        wire_set(&event->body->contact.present, FIELD_contact_phone);
    }
}

void random_event(struct random *random, enum event_type type, struct arena *arena, struct event *event) {
    const struct shape *shape = event_row(type)->body;
    *event = (struct event){.type = type, .unit = text_of("haining/xiashi"), .at = INT64_C(1790000000000)};
    random_bytes(random, event->id.bytes, ID_BYTES);
    if (random_below(random, 2)) {
        event->by = text_of("v-0042");
        event->has_cause = true;
        random_bytes(random, event->cause.bytes, ID_BYTES);
    }
    event->body = arena_alloc(arena, sizeof *event->body);
    assert(event->body);
    random_shape(random, shape, UINT64_MAX, arena, event->body);
    keep_rules(event);
    event->has_side = (*(uint64_t *)event->body & shape->side_fields) != 0;
}
