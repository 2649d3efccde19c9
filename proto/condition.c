/* Conditions. */
#include "proto/condition.h"

#include <stdio.h>
#include <stdlib.h>

#define NUMBER_MAX 20 /* characters */

static const struct field *find_field(const struct shape *shape, struct text name) {
    int found = shape_find(shape, name, 0);
    return found >= 0 && !shape->fields[found].side ? &shape->fields[found] : NULL;
}

static bool read_number(struct text text, int64_t *number) {
    char digits[NUMBER_MAX + 1];
    char *end;
    if (text.length == 0 || text.length > NUMBER_MAX) {
        return false;
    }
    snprintf(digits, sizeof digits, "%.*s", (int)text.length, text.data);
    *number = strtoll(digits, &end, 10);
    return *end == '\0' && end != digits;
}

/* ---- values of one kind ---- */

static bool is_ordered(const struct field *field) {
    return field->kind == KIND_INT || field->kind == KIND_TIME;
}

static bool is_list_of_texts(const struct field *field) {
    switch (field->kind) {
    case KIND_CODES:
    case KIND_TEXTS:
    case KIND_PATHS:
    case KIND_NUMBERS:
        return true;
    default:
        return false;
    }
}

static bool reads_as(const struct field *field, struct text value) {
    int64_t number;
    int32_t day;
    struct id id;
    switch (field->kind) {
    case KIND_INT:
    case KIND_TIME:
        return read_number(value, &number);
    case KIND_BOOL:
        return text_equal(value, text_of("true")) || text_equal(value, text_of("false"));
    case KIND_ID:
        return id_parse(value, &id);
    case KIND_DATE:
        return day_parse(value, &day);
    case KIND_MONTH:
        return month_parse(value, &day);
    default:
        return word_count(field->kind) == 0 || word_find(field->kind, value) >= 0;
    }
}

static bool is_comparable(const struct field *field) {
    return kind_is_text(field->kind) || is_list_of_texts(field) || is_ordered(field) || field->kind == KIND_BOOL ||
           field->kind == KIND_ID || field->kind == KIND_DATE || field->kind == KIND_MONTH ||
           word_count(field->kind) > 0;
}

enum condition_fault condition_check(const struct shape *shape, const struct wire_rule_condition *condition) {
    const struct field *field = find_field(shape, condition->field);
    bool ordered = text_equal(condition->is, text_of("least")) || text_equal(condition->is, text_of("most"));
    if (!field || !is_comparable(field)) {
        return CONDITION_FIELD;
    }
    if (ordered && !is_ordered(field)) {
        return CONDITION_COMPARISON;
    }
    return reads_as(field, condition->value) ? CONDITION_IN_ORDER : CONDITION_VALUE;
}

/* ---- comparing ---- */

static bool holds_item(const struct list *list, struct text value) {
    const struct text *items = list->items;
    for (uint32_t i = 0; i < list->count; i++) {
        if (text_equal(items[i], value)) {
            return true;
        }
    }
    return false;
}

static bool is_day(const struct field *field, int32_t value, struct text expected) {
    int32_t read = 0;
    bool fits = field->kind == KIND_DATE ? day_parse(expected, &read) : month_parse(expected, &read);
    return fits && read == value;
}

static bool is_equal(const struct field *field, const void *member, struct text value) {
    struct id id;
    switch (field->kind) {
    case KIND_BOOL:
        return *(const bool *)member == text_equal(value, text_of("true"));
    case KIND_ID:
        return id_parse(value, &id) && id_equal(&id, member);
    case KIND_DATE:
    case KIND_MONTH:
        return is_day(field, *(const int32_t *)member, value);
    default:
        break;
    }
    if (is_list_of_texts(field)) {
        return holds_item(member, value);
    }
    return kind_is_text(field->kind) ? text_equal(*(const struct text *)member, value)
                                     : *(const int32_t *)member == word_find(field->kind, value);
}

static bool compare_numbers(int64_t found, const struct wire_rule_condition *condition) {
    int64_t number = 0;
    if (!read_number(condition->value, &number)) {
        return false;
    }
    if (text_equal(condition->is, text_of("least"))) {
        return found >= number;
    }
    return text_equal(condition->is, text_of("most")) ? found <= number : found == number;
}

bool condition_holds(const struct event *event, const struct wire_rule_condition *condition) {
    const struct shape *shape = event_row(event->type)->body;
    if (condition_check(shape, condition) != CONDITION_IN_ORDER) {
        return false;
    }
    const struct field *field = find_field(shape, condition->field);
    const char *body = (const char *)event->body;
    bool negated = text_equal(condition->is, text_of("not"));
    if (!wire_has(*(const uint64_t *)event->body, (unsigned)(field - shape->fields))) {
        return negated;
    }
    const void *member = body + field->offset;
    bool holds = is_ordered(field) ? compare_numbers(*(const int64_t *)member, condition)
                                   : is_equal(field, member, condition->value);
    return holds != negated;
}
