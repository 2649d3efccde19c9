/* The value of one field against its row: limits, format, characters, repeats. */
#include <inttypes.h>
#include <stdio.h>

#include "proto/validate.h"
#include "proto/validate_text.h"

#define NUMBER_TEXT 24
#define FEW_ITEMS 12
#define REPEAT_SLOTS 1024 /* a power of two; lists without repeats have at most half as many items */

static struct text number_text(char out[NUMBER_TEXT], int64_t number) {
    int length = snprintf(out, NUMBER_TEXT, "%" PRId64, number);
    return (struct text){out, (uint32_t)length};
}

/* What follows a fault is not inlined: fields that are in order, nearly all, do not pay for it. */
#define RARE __attribute__((cold, noinline))

RARE static bool fault(struct faults *faults, enum error_code code, const struct field_path *path, const char *limit,
                       struct text value) {
    faults_add_at(faults, code, path, limit, value);
    return false;
}

RARE static bool not_within(const struct field *field, int64_t number, enum error_code code, struct text shown,
                            const struct field_path *path, struct faults *faults) {
    char limit[NUMBER_TEXT];
    char value[NUMBER_TEXT];
    number_text(limit, number < field->min ? field->min : field->max);
    return fault(faults, code, path, limit, shown.data ? shown : number_text(value, number));
}

/* `number` (a value, or a count of something) against the limits. */
static inline bool within(const struct field *field, int64_t number, enum error_code below, enum error_code above,
                          const struct field_path *path, struct faults *faults) {
    return (number >= field->min && number <= field->max) ||
           not_within(field, number, number < field->min ? below : above, (struct text){0}, path, faults);
}

static bool length_within(const struct field *field, int64_t length, const struct field_path *path,
                          struct faults *faults) {
    return within(field, length, ERR_TOO_SHORT, ERR_TOO_LONG, path, faults);
}

static bool validate_free_text(const struct field *field, struct text text, const struct field_path *path,
                               struct faults *faults) {
    struct text_facts facts = text_examine(text);
    if (!facts.valid) {
        return fault(faults, ERR_BAD_UTF8, path, NULL, text);
    }
    if (facts.controls) {
        return fault(faults, ERR_BAD_FORMAT, path, "text without control characters", text);
    }
    if (facts.line_controls && field->kind == KIND_TEXT) {
        return fault(faults, ERR_BAD_FORMAT, path, "one line without control characters", text);
    }
    return length_within(field, facts.characters, path, faults);
}

/* Texts that have a format: what it is, how to test it. */
struct format {
    bool (*test)(struct text text);
    const char *is;
};

static const struct format *format_of(enum field_kind kind) {
    static const struct format code = {text_is_code, "made of a-z, 0-9 and inner - or ."};
    static const struct format path = {text_is_path, "a path like haining/xiashi"};
    static const struct format number = {text_is_number, "made of A-Z, a-z, 0-9, -, _ or ."};
    static const struct format phone = {text_is_phone, "made of digits, with + in front at most"};
    static const struct format email = {text_is_email, "an e-mail address"};
    static const struct format key = {text_is_key, "a public key of 40 characters"};
    switch (kind) {
    case KIND_CODE:
        return &code;
    case KIND_PATH:
        return &path;
    case KIND_NUMBER:
        return &number;
    case KIND_PHONE:
        return &phone;
    case KIND_EMAIL:
        return &email;
    default:
        return &key;
    }
}

static bool validate_formatted(const struct field *field, struct text text, const struct field_path *path,
                               struct faults *faults) {
    int64_t length = text.length;
    if (length == 0 && field->min == 0 && field->kind != KIND_KEY) {
        return true;
    }
    if (field->kind == KIND_PHONE && length > 0 && text.data[0] == '+') {
        length--;
    }
    if (field->kind != KIND_KEY && (length < field->min || length > field->max)) {
        return length_within(field, length, path, faults);
    }
    const struct format *format = format_of(field->kind);
    return format->test(text) ||
           fault(faults, text_is_utf8(text) ? ERR_BAD_FORMAT : ERR_BAD_UTF8, path, format->is, text);
}

RARE static bool not_of_year(const struct field *field, int32_t value, int year, const struct field_path *path,
                             struct faults *faults) {
    char shown[DATE_TEXT_SIZE];
    field->kind == KIND_DATE ? day_format(value, shown) : month_format(value, shown);
    return not_within(field, year, year < field->min ? ERR_TOO_SMALL : ERR_TOO_BIG, text_of(shown), path, faults);
}

static bool validate_year(const struct field *field, int32_t value, const struct field_path *path,
                          struct faults *faults) {
    int year;
    int month;
    int day;
    if (field->kind == KIND_DATE) {
        day_split(value, &year, &month, &day);
    } else {
        year = 1970 + (value - (value < 0 ? 11 : 0)) / 12;
    }
    return (year >= field->min && year <= field->max) || not_of_year(field, value, year, path, faults);
}

static bool validate_id(const struct id *id, const struct field_path *path, struct faults *faults) {
    return !id_is_zero(id) || fault(faults, ERR_BAD_FORMAT, path, "an id that is not all zero", text_of("zero"));
}

static bool validate_time(int64_t value, const struct field_path *path, struct faults *faults) {
    static const struct field years = {.name = "", .min = TIME_MIN, .max = TIME_MAX};
    return within(&years, value, ERR_TOO_SMALL, ERR_TOO_BIG, path, faults);
}

/* FNV-1a, 32 bits. */
static uint32_t hash_text(struct text text) {
    uint32_t hash = 2166136261u;
    for (uint32_t i = 0; i < text.length; i++) {
        hash = (hash ^ (unsigned char)text.data[i]) * 16777619u;
    }
    return hash;
}

/* Index of an item that occurs before, or `count`. */
static uint32_t find_repeat(const struct text *items, uint32_t count) {
    uint16_t slots[REPEAT_SLOTS] = {0}; /* ordinal of an item, from 1 */
    for (uint32_t i = 0; i < count; i++) {
        uint32_t slot = hash_text(items[i]) % REPEAT_SLOTS;
        while (slots[slot] != 0) {
            if (text_equal(items[slots[slot] - 1], items[i])) {
                return i;
            }
            slot = (slot + 1) % REPEAT_SLOTS;
        }
        slots[slot] = (uint16_t)(i + 1);
    }
    return count;
}

/* The same for few items, where comparing each with each costs less than the table. */
static uint32_t find_repeat_among_few(const struct text *items, uint32_t count) {
    for (uint32_t i = 1; i < count; i++) {
        for (uint32_t before = 0; before < i; before++) {
            if (text_equal(items[before], items[i])) {
                return i;
            }
        }
    }
    return count;
}

static bool validate_no_repeats(const struct text *items, uint32_t count, const struct field_path *path,
                                struct faults *faults) {
    uint32_t repeat = count <= FEW_ITEMS ? find_repeat_among_few(items, count) : find_repeat(items, count);
    return repeat == count || fault(faults, ERR_REPEATED, path, NULL, items[repeat]);
}

/* The limits of a list's items, as kinds.def says them. */
static const struct field *item_field(enum field_kind list_kind) {
    static const struct field items[KIND_COUNT] = {
        [KIND_IDS] = {.name = "", .kind = KIND_ID},
        [KIND_CODES] = {.name = "", .kind = KIND_CODE, .min = 1, .max = 64},
        [KIND_TEXTS] = {.name = "", .kind = KIND_TEXT, .min = 1, .max = 100},
        [KIND_PATHS] = {.name = "", .kind = KIND_PATH, .min = 1, .max = EVENT_UNIT_MAX},
        [KIND_NUMBERS] = {.name = "", .kind = KIND_NUMBER, .min = 1, .max = EVENT_BY_MAX},
        [KIND_DATES] = {.name = "", .kind = KIND_DATE, .min = 2000, .max = 2100},
    };
    return &items[list_kind];
}

static bool validate_items(const struct field *field, const struct list *list, const struct field_path *path,
                           struct faults *faults) {
    const struct field *item = item_field(field->kind);
    size_t size = kind_item_size(field->kind);
    bool good = true;
    for (uint32_t i = 0; i < list->count; i++) {
        struct field_path item_path = {.above = path, .index = i};
        good &= validate_field(item, (const char *)list->items + i * size, &item_path, faults);
    }
    bool distinct = field->kind == KIND_CODES || field->kind == KIND_PATHS || field->kind == KIND_NUMBERS;
    return good && (!distinct || validate_no_repeats(list->items, list->count, path, faults));
}

static bool validate_list(const struct field *field, const struct list *list, const struct field_path *path,
                          struct faults *faults) {
    if (!within(field, list->count, ERR_TOO_SHORT, ERR_TOO_MANY, path, faults)) {
        return false;
    }
    return field->kind == KIND_RECORDS || validate_items(field, list, path, faults);
}

bool validate_field(const struct field *field, const void *value, const struct field_path *path,
                    struct faults *faults) {
    switch (field->kind) {
    case KIND_ID:
        return validate_id(value, path, faults);
    case KIND_BYTES:
        return length_within(field, ((const struct text *)value)->length, path, faults);
    case KIND_TEXT:
    case KIND_PROSE:
        return validate_free_text(field, *(const struct text *)value, path, faults);
    case KIND_CODE:
    case KIND_PATH:
    case KIND_NUMBER:
    case KIND_PHONE:
    case KIND_EMAIL:
    case KIND_KEY:
        return validate_formatted(field, *(const struct text *)value, path, faults);
    case KIND_INT:
        return within(field, *(const int64_t *)value, ERR_TOO_SMALL, ERR_TOO_BIG, path, faults);
    case KIND_DATE:
    case KIND_MONTH:
        return validate_year(field, *(const int32_t *)value, path, faults);
    case KIND_TIME:
        return validate_time(*(const int64_t *)value, path, faults);
    default: /* words, bools, hashes and maps are right when they could be read */
        return !kind_is_list(field->kind) || validate_list(field, value, path, faults);
    }
}

void validate_missing(const struct shape *shape, uint64_t missing, const struct field_path *above,
                      struct faults *faults) {
    for (uint32_t i = 0; missing != 0; i++, missing >>= 1) {
        if (missing & 1) {
            const struct field *field = &shape->fields[i];
            struct field_path path = {.above = above, .name = {field->name, field->name_length}};
            fault(faults, ERR_MISSING, &path, NULL, (struct text){0});
        }
    }
}
