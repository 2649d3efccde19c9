/* Reading query parameters by the rows of a shape. */
#include "services/portal/parameters.h"

#include "common/words.h"
#include "proto/position.h"
#include "proto/validate.h"
#include "services/portal/problem.h"

#define DIGITS_MAX 18

static bool is(const char *name, const char *other) {
    return strcmp(name, other) == 0;
}

static bool is_listed(const char *const *list, struct text name) {
    while (*list && !text_equal(text_of(*list), name)) {
        list++;
    }
    return *list != NULL;
}

/* Fields that nobody fills from outside. */
static const char *const ours[] = {"id", "within", "side", NULL};

/* The field that a parameter fills; NULL for one of `extra`; an error for anything else. */
static int find_field(const struct shape *shape, const char *const *extra, const struct parameter *parameter,
                      const struct field **field, struct error *error) {
    int index = shape_find(shape, parameter->name, 0);
    *field = index < 0 ? NULL : &shape->fields[index];
    if ((*field && is_listed(ours, parameter->name)) || (!*field && !is_listed(extra, parameter->name))) {
        return problem_error(error, ERR_BAD_QUERY, parameter->name.data, "a parameter of this address",
                             parameter->value);
    }
    return 0;
}

bool parameter_number(struct text text, int64_t *number) {
    if (text.length == 0 || text.length > DIGITS_MAX) {
        return false;
    }
    *number = 0;
    for (uint32_t i = 0; i < text.length; i++) {
        if (text.data[i] < '0' || text.data[i] > '9') {
            return false;
        }
        *number = *number * 10 + (text.data[i] - '0');
    }
    return true;
}

/* The text as a value of the field's kind; `*wanted` says how it is written. */
static bool read_value(const struct target *target, const struct field *field, struct text text, void *value,
                       const char **wanted) {
    switch (field->kind) {
    case KIND_DATE:
        *wanted = "YYYY-MM-DD";
        return day_parse(text, value);
    case KIND_MONTH:
        *wanted = "YYYY-MM";
        return month_parse(text, value);
    case KIND_CODES:
    case KIND_TEXTS:
    case KIND_PATHS:
        *wanted = "a list that memory holds";
        return words_split(text, target->arena, value);
    case KIND_INT:
        *wanted = "a whole number";
        return parameter_number(text, value);
    case KIND_ID:
        *wanted = "an id";
        return id_parse(text, value);
    case KIND_GRADE:
        *wanted = "signed, leader, entered, credit or honour";
        *(int32_t *)value = word_find(field->kind, text);
        return *(int32_t *)value >= 0;
    case KIND_BOOL:
        *wanted = "1 or 0";
        return target_flag(target, field->name, value, &(struct error){0}) == 0;
    default:
        *(struct text *)value = text;
        return true;
    }
}

static int read_field(const struct target *target, const struct field *field, struct text text, void *question,
                      struct error *error) {
    void *value = (char *)question + field->offset;
    const char *wanted = "";
    struct field_path path = {.name = text_of(field->name)};
    struct faults faults = {0};
    struct position position;
    if (!read_value(target, field, text, value, &wanted)) {
        return problem_error(error, ERR_BAD_QUERY, field->name, wanted, text);
    }
    if (!validate_field(field, value, &path, &faults)) {
        return faults_to_error(&faults, error);
    }
    return is(field->name, "at_least") ? position_parse(text, &position, error) : 0;
}

int parameters_read(const struct target *target, const struct shape *shape, const char *const *extra, void *question,
                    struct error *error) {
    uint64_t *present = question; /* the first member of every shape's struct */
    memset(question, 0, shape->size);
    for (uint32_t i = 0; i < target->count; i++) {
        const struct parameter *parameter = &target->parameters[i];
        const struct field *field;
        int result = find_field(shape, extra, parameter, &field, error);
        if (result == 0 && field && parameter->value.length > 0) {
            result = read_field(target, field, parameter->value, question, error);
            wire_set(present, (unsigned)(field - shape->fields));
        }
        if (result < 0) {
            return result;
        }
    }
    return 0;
}
